"""Where the secrets of accounts come from, and the one order in which they are looked for.

The environment, then the program that the configuration names, then the keyring of the desktop, then a file for who
asked for one. A secret is never an option, never in the configuration, the store or a log; what is told about it is its
source.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from crmcli.config.calendars import Synced
from crmcli.config.paths import Paths
from crmcli.config.sending import Account
from crmcli.config.settings import Settings
from crmcli.errors import ConfigError, ExternalError, NotFoundError, UsageError
from crmcli.integrations import hidden, keyrings, secret_commands, secret_files

NONE, UNKNOWN = "none", "unknown"
_MOST_CHARACTERS = 1000


class Wanted(NamedTuple):
    """A secret that something needs: its name, the variable that may hold it, the program that may tell it."""

    name: str
    variable: str
    command: tuple[str, ...] = ()


WEBHOOK = Wanted("webhook", "CRMCLI_WEBHOOK_SECRET")
SMS = Wanted("sms", "CRMCLI_SMS_SECRET")


class Source(NamedTuple):
    """Where a secret is: ``environment``, ``command``, ``keyring``, ``file``, ``none`` or ``unknown``, and where.

    ``read`` returns the secret, given how many seconds that may take; ExternalError when it is not to be had.
    """

    kind: str
    where: str
    read: Callable[[float], str]

    def __repr__(self) -> str:
        return f"Source({self.kind}, {self.where})"


def of_account(account: Account) -> Wanted:
    """Return the secret of a mail account."""
    return Wanted(account.name, _variable(account.name), account.password_command)


def of_synced(account: Synced) -> Wanted:
    """Return the secret of a calendar or address book that is kept in step."""
    return Wanted(account.name, _variable(account.name), account.password_command)


def wanted_by(settings: Settings) -> dict[str, Wanted]:
    """Return the secrets that the settings speak of, by name."""
    accounts = [of_account(account) for account in settings.accounts.values() if account.user]
    accounts += [of_synced(account) for account in settings.synced if account.user]
    gateway = [SMS] if settings.sms and settings.sms.url else []
    return {wanted.name: wanted for wanted in (*accounts, WEBHOOK, *gateway)}


def named(name: str, settings: Settings) -> Wanted:
    """Return the secret of that name; NotFoundError when nothing needs one."""
    found = wanted_by(settings).get(name)
    if found is None:
        if name in settings.accounts or any(account.name == name for account in settings.synced):
            raise ConfigError(f"the account {name} has no user, so nobody logs in", hint="crm config edit")
        raise NotFoundError("account", name, hint=f"crm config edit adds [accounts.{name}]")
    return found


def source_of(wanted: Wanted, paths: Paths, *, asks_keyring: bool = True) -> Source:
    """Return where a secret is, the first place of the order that has it.

    A keyring is slow to ask; unasked it counts if the secret was put there by ``put_secret``, and tells nothing.
    """
    if secret := hidden.find(wanted.variable):
        return Source("environment", wanted.variable, lambda _: secret)
    if command := wanted.command:
        return Source("command", command[0], lambda limit_s: secret_commands.read(command, limit_s))
    kind, trouble = NONE, ""
    try:
        if asks_keyring and (kept := keyrings.find(_service(paths), wanted.name)):
            return Source("keyring", kept.keyring, lambda _: kept.secret)
    except keyrings.UnavailableError as error:
        kind = NONE if isinstance(error, keyrings.MissingError) else UNKNOWN
        trouble = str(error)
    if not asks_keyring and secret_files.exists(_mark(wanted, paths)):
        return Source("keyring", "", lambda limit_s: source_of(wanted, paths).read(limit_s))
    file = _file(wanted, paths)
    if secret_files.exists(file):
        return Source("file", str(file), lambda _: secret_files.read(file))
    return Source(kind, trouble, lambda _: _refuse(wanted, trouble))


def get_secret(wanted: Wanted, paths: Paths, limit_s: float = secret_commands.LIMIT_S) -> str:
    """Return a secret; ExternalError with what to do when there is none."""
    return source_of(wanted, paths).read(limit_s)


def find_secret(wanted: Wanted, paths: Paths) -> str | None:
    """Return a secret that need not be there, None when it is not; ExternalError when nobody can know.

    The keyring is asked only if the secret was put there by ``put_secret``.
    """
    source = source_of(wanted, paths, asks_keyring=False)
    return None if source.kind == NONE else source.read(secret_commands.LIMIT_S)


def put_secret(wanted: Wanted, paths: Paths, secret: str, *, insecure: bool = False) -> str:
    """Keep a secret in the keyring, or in a file of its own where plain text was asked for; return where it is now.

    ExternalError when no keyring takes it, UsageError when the text is no secret.
    """
    _check(secret)
    file = _file(wanted, paths)
    if insecure:
        secret_files.write(file, secret)
        with suppress(keyrings.UnavailableError):  # there it would come first
            keyrings.remove(_service(paths), wanted.name)
        secret_files.remove(_mark(wanted, paths))
        return str(file)
    hint = f"crm secret set {wanted.name} --insecure-storage keeps it in a file that only you can read"
    try:
        keyring = keyrings.put(_service(paths), wanted.name, secret)
    except keyrings.UnavailableError as error:
        raise ExternalError(
            f"{error}, so the secret is not kept", hint=f"{error.hint}{hint}", code="secret.keyring"
        ) from None
    secret_files.remove(file)
    secret_files.write(_mark(wanted, paths), f"in the keyring ({keyring})")
    return f"the keyring ({keyring})"


def remove_secret(wanted: Wanted, paths: Paths) -> list[str]:
    """Forget a secret wherever it was kept; return from where it is gone."""
    gone = [str(_file(wanted, paths))] if secret_files.remove(_file(wanted, paths)) else []
    secret_files.remove(_mark(wanted, paths))
    try:
        if keyrings.remove(_service(paths), wanted.name):
            gone.append("the keyring")
    except keyrings.MissingError:
        return gone
    except keyrings.UnavailableError as error:
        raise ExternalError(str(error), code="secret.keyring") from None
    return gone


def _variable(name: str) -> str:
    return f"CRMCLI_{name.upper().replace('-', '_')}_PASSWORD"


def _file(wanted: Wanted, paths: Paths) -> Path:
    return paths.secrets / wanted.name


def _mark(wanted: Wanted, paths: Paths) -> Path:
    """Return the file that says that a secret is in the keyring; it holds none itself."""
    return paths.secrets / f"{wanted.name}.keyring"


def _service(paths: Paths) -> str:
    """Return under what a keyring keeps the secrets of this workspace; another one may have the same accounts."""
    return f"crmcli {paths.config}"


def _check(secret: str) -> None:
    if not secret:
        raise UsageError("an empty secret is none", code="secret.empty")
    if len(secret) > _MOST_CHARACTERS or not secret.isprintable():
        told = f"a secret is one line of at most {_MOST_CHARACTERS} characters that can be printed"
        raise UsageError(told, code="secret.unfit")


def _refuse(wanted: Wanted, trouble: str) -> str:
    more = f" ({trouble})" if trouble else ""
    raise ExternalError(
        f"no password for {wanted.name}{more}",
        hint=f"crm secret set {wanted.name}, or --insecure-storage with it; cron needs a password_command or a file",
        code="secret.missing",
    )
