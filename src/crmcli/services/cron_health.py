"""What commands that cron starts would do now, and what would keep them from it: seen as cron sees it.

cron starts a program with next to no environment, no keyring and nobody to ask. What is wrong with the workspace itself
is found by ``health``.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from crmcli.config.paths import Paths, locate
from crmcli.config.sending import Mail, chosen
from crmcli.config.settings import SETTINGS, Settings, load
from crmcli.errors import CrmError
from crmcli.services.findings import FAILURE, OK, WARNING, Finding
from crmcli.services.health import examine
from crmcli.services.mail_health import password_trouble

if TYPE_CHECKING:
    from crmcli.services.report_mails import Compose

PATH = "/usr/bin:/bin"  # in which cron looks for programs
_BARE = ("HOME", "LOGNAME")
_NEEDED = ("CRMCLI_HOME", "CRMCLI_DB", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
           "SSL_CERT_FILE")  # fmt: skip
_STORE = frozenset({"store", "schema", "integrity", "journal", "disk"})
_CODES = {"configuration": 2, "rules": 2, "account": 8, **dict.fromkeys(_STORE, 7)}


class Verdict(NamedTuple):
    """What was found, and the exit code that tells the worst of it."""

    findings: list[Finding]
    code: int


def needed_variables(environ: Mapping[str, str], settings: Settings, db: str | None) -> dict[str, str]:
    """Return the variables that a command needs to find this workspace and read it as here, and that cron has not.

    No secret is among them.
    """
    names = (*_NEEDED, *(f"CRMCLI_{key.upper()}" for key in SETTINGS))
    found = {name: environ[name] for name in names if environ.get(name)}
    if db is not None:
        found["CRMCLI_DB"] = os.path.abspath(os.path.expanduser(db))  # noqa: PTH100, PTH111 - as the command line reads it
    if settings.origins.get("timezone") == "system" and environ.get("TZ"):
        found["CRMCLI_TIMEZONE"] = settings.timezone
    return found


def examine_cron(
    environ: Mapping[str, str], variables: Mapping[str, str], words: Iterable[str], compose: "Compose"
) -> Verdict:
    """Return what there is to know about commands that cron starts by these words with these variables.

    ``compose`` writes the letters of scheduled reports, to see whether it can.
    """
    bare = {name: environ[name] for name in _BARE if environ.get(name)} | {"PATH": PATH, **variables}
    paths = locate(bare)
    findings = [_program([*words]), *_workspace(paths, bare)]
    failed = [finding for finding in findings if finding.verdict == FAILURE]
    if not failed:
        from crmcli.services.cron_due import examine_due

        findings += examine_due(paths, load(paths, bare), compose)
        failed = [finding for finding in findings if finding.verdict == FAILURE]
    code = max((_CODES.get(finding.subject.split()[0], 1) for finding in failed), default=0)
    return Verdict(findings, code)


def _program(words: list[str]) -> Finding:
    if os.access(words[0], os.X_OK):
        return Finding("program", OK, words[0])
    return Finding("program", FAILURE, f"{words[0]} cannot be run")


def _workspace(paths: Paths, bare: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with folders, store and rules, and what cron could not log in with."""
    if not paths.store.exists():
        yield Finding("store", FAILURE, f"there is none at {paths.store}: crm init creates it")
        return
    for finding in examine(paths, bare):
        if finding.subject == "store" or (finding.verdict != OK and not finding.subject.startswith("account")):
            yield finding
    if not os.access(paths.store, os.W_OK) or not os.access(paths.store.parent, os.W_OK):
        yield Finding("store", FAILURE, f"{paths.store} cannot be written")
    try:
        settings = load(paths, bare)
    except CrmError:  # told already
        return
    yield _account(paths, settings)


def _account(paths: Paths, settings: Settings) -> Finding:
    account = chosen(settings.mail or Mail(), settings.accounts)
    if account is None:
        told = "there is none: what is due is printed, and cron mails what is printed; crm config edit adds one"
        return Finding("account", WARNING, told)
    trouble, source = password_trouble(account, paths, unattended=PATH) if account.user else ("", "nobody logs in")
    where = f"{account.host}:{account.port} ({account.security}), {source}"
    return Finding(f"account {account.name}", FAILURE if trouble else OK, trouble or where)
