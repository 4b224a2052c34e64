"""What stands between a user and rules that act: broken files, files not trusted, rules that rest, a stuck outbox."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta

from crmcli import clock
from crmcli.config.paths import Paths
from crmcli.config.settings import Settings
from crmcli.domain.plurals import counted
from crmcli.queries.outbox import count_stuck
from crmcli.queries.rule_runs import last_runs
from crmcli.queries.scope import make_scope, user_id
from crmcli.rules.files import RuleFiles, load_files
from crmcli.rules.ruleset import understand_rules
from crmcli.rules.world import World
from crmcli.services.automation.trust import Trust, needs_trust
from crmcli.services.findings import FAILURE, OK, WARNING, Finding

_OVERDUE = timedelta(hours=1)  # a row of the outbox that nobody sent
_RESTING_DAYS = 30
_NAMED = 3


def examine_rules(con: sqlite3.Connection, paths: Paths, settings: Settings) -> Iterator[Finding]:
    """Yield the findings about rule files, where there are any, and about the outbox."""
    files = load_files(paths.rules)
    if files:
        yield _files(con, files, paths, settings)
        yield from _trust(files, paths)
        yield from _switched_off(con)
        yield from _resting(con, files)
    yield from _outbox(con)


def _files(con: sqlite3.Connection, files: RuleFiles, paths: Paths, settings: Settings) -> Finding:
    me = user_id(con, settings.user)
    scope = make_scope(con, settings.timezone, settings.locale, me, settings.country)
    _, mistakes = understand_rules(files, World(scope, settings.calendar, paths.templates))
    if mistakes:
        return Finding(
            "rules", FAILURE, f"every write is stopped by {counted(len(mistakes), 'mistake')}: crm rule check"
        )
    return Finding("rules", OK, f"{counted(len(files.rules), 'rule')}, no mistakes")


def _trust(files: RuleFiles, paths: Paths) -> Iterator[Finding]:
    """Yield what keeps rules from acting outside, one finding for each file."""
    trust, needing = Trust(paths), needs_trust(files.rules)
    for file in sorted(needing):
        reasons = [trust.objection(rule) for rule in files.rules if rule.place.file == file]
        reason = next(filter(None, reasons), "")
        if reason:
            yield Finding("trust", WARNING, f"{reason}, so nothing that it sends goes out: crm rule trust {file}")


def _switched_off(con: sqlite3.Connection) -> Iterator[Finding]:
    rows = con.execute("SELECT rule_id FROM rule_state WHERE state = 'tripped' ORDER BY rule_id").fetchall()
    if rows:
        yield Finding("tripped rules", WARNING, f"{_some([row[0] for row in rows])}: crm rule enable ID")


def _resting(con: sqlite3.Connection, files: RuleFiles) -> Iterator[Finding]:
    """Yield the rules that have not acted for long; a young store says nothing about them."""
    limit = clock.stored(clock.now() - timedelta(days=_RESTING_DAYS))
    first = con.execute("SELECT MIN(at) FROM operation").fetchone()[0]
    if first is None or first > limit:
        return
    last = last_runs(con)
    resting = [rule.id for rule in files.rules if rule.enabled and last.get(rule.id, "") < limit]
    if resting:
        yield Finding("resting rules", OK, f"never matched in {_RESTING_DAYS} days: {_some(resting)}")


def _outbox(con: sqlite3.Connection) -> Iterator[Finding]:
    now = clock.now()
    stuck = count_stuck(con, clock.stored(now - _OVERDUE), clock.stored(now))
    for status in ("failed", "blocked"):
        if stuck[status]:
            text = f"{counted(stuck[status], 'message')} of rules {status}: crm rule runs --failed"
            yield Finding("outbox", WARNING, text)
    if stuck["overdue"]:
        text = f"{counted(stuck['overdue'], 'message')} of rules overdue for an hour: crm tick sends them"
        yield Finding("outbox", WARNING, text)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
