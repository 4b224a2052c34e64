"""Runs tests of rules, each in a store of its own that is thrown away: nothing of it reaches the user's store.

The store has the users, pipelines and custom fields of the user's own, since rules speak of them, and no records.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crmcli import clock
from crmcli.config.paths import Paths, ensure
from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Account, Sms
from crmcli.config.settings import Settings
from crmcli.errors import CrmError
from crmcli.rules.files import load_files, toml_files
from crmcli.rules.fixtures import Case
from crmcli.services.automation.trust import needs_trust, trust
from crmcli.services.results import Context
from crmcli.services.rule_tests.checks import differences
from crmcli.services.rule_tests.steps import Played, play
from crmcli.services.setup import create_store
from crmcli.store.functions import register
from crmcli.store.migrate import is_current

_NOBODY = Account("test", "", "test@example.com", "localhost", 25, "none")  # nothing is ever sent by them
_NO_SMS = Sms(url="https://example.com/sms")
_OWN_WORDS = ("app_user", "pipeline", "stage", "custom_field")


class Verdict(NamedTuple):
    """What came of a test: nothing but what was expected, or how it differs, a line each."""

    case: Case
    differences: tuple[str, ...]


def run_cases(cases: Iterable[Case], context: Context) -> Iterator[Verdict]:
    """Run tests under the rules and settings of a context, whose store lends its own words; yield what came of each.

    ConfigError when the rules themselves are wrong.
    """
    with TemporaryDirectory(prefix="crm-rules-") as name:
        folder = Path(name)
        trusted = _trusted(context, folder)
        base, store = folder / "base.db", folder / "test.db"
        with _at(None):
            create_store(base, context.settings)
        if context.store.exists() and is_current(context.store):
            _lend_words(context.store, base, context.settings)
        for case in cases:
            shutil.copy(base, store)
            with _at(case.now):
                yield Verdict(case, _differences(case, replace(trusted, store=store, posted=[])))


def _trusted(context: Context, folder: Path) -> Context:
    """Return a context like this one, in which the rules, copied, may send anything; what they send goes nowhere."""
    rules = context.rules_folder or folder / "none"
    paths = Paths(folder / "config", folder / "data", folder / "state", folder / "cache", folder / "test.db")
    ensure(paths.rules)
    for file in toml_files(rules):
        (paths.rules / file.name).write_bytes(file.read_bytes())
        (paths.rules / file.name).chmod(0o600)
    for beside in rules.parent.glob("*"):
        if beside.is_dir() and beside != rules:
            (paths.config / beside.name).symlink_to(beside)
    files = load_files(paths.rules)
    for name in needs_trust(files.rules):
        trust(paths, name, files.rules)
    settings = context.settings._replace(
        rules=(context.settings.rules or RuleSettings())._replace(send=True),
        accounts={_NOBODY.name: _NOBODY},
        sms=_NO_SMS,
    )
    return replace(context, settings=settings, rules_folder=paths.rules, paths=paths)


def _differences(case: Case, context: Context) -> tuple[str, ...]:
    played = Played(context)
    try:
        play(case, played)
        return tuple(differences(case, played))
    except CrmError as error:
        if error.code.startswith("rules."):
            raise
        return (f"the test itself cannot be run: {error.message}",)


@contextmanager
def _at(moment: str | None) -> Iterator[None]:
    """Let the clock stand at a moment, and then go on as before."""
    before = clock.fixed_at()
    if moment is not None:
        clock.fix(moment)
    try:
        yield
    finally:
        clock.fix(before)


def _lend_words(own: Path, base: Path, settings: Settings) -> None:
    """Put what the user has set up in the place of what a new store begins with."""
    with closing(sqlite3.connect(base, uri=True)) as con:
        register(con, settings.timezone, settings.follow)
        con.execute("ATTACH DATABASE ? AS own", (f"{own.absolute().as_uri()}?mode=ro",))
        with con:
            con.execute("PRAGMA defer_foreign_keys = ON")
            for table in _OWN_WORDS:
                columns = ", ".join(f'"{row[1]}"' for row in con.execute(f"PRAGMA main.table_info({table})"))
                con.execute(f"DELETE FROM main.{table}")
                con.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM own.{table}")
