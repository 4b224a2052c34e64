"""Rules that fell due by time: found by a query for each, run record by record, each run a write of its own.

One that fails stops no other, and what a crash left undone is found again, while what was done has its key.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.zones import local_date
from crmcli.errors import CrmError, StoreError
from crmcli.queries.due_records import DueRecord, Window, due_records, matching
from crmcli.queries.rule_states import load_states, state_of
from crmcli.queries.scope import make_scope, user_id
from crmcli.rules.events import TICKED, Change
from crmcli.rules.figures import entity_of
from crmcli.rules.files import RuleFiles
from crmcli.rules.ruleset import ReadyRule, Ruleset, make_ruleset
from crmcli.rules.world import World
from crmcli.services.automation.keys import UNDONE, Match, once_key, read_match
from crmcli.services.automation.runs import note_apart
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write

if TYPE_CHECKING:
    from collections.abc import Iterator


class Done(NamedTuple):
    """What became of a rule that fell due on a record: ``ran``, ``rested`` or ``failed``, and what there is to say."""

    rule: str
    ref: str
    due: str
    outcome: str
    text: str


class Due(NamedTuple):
    """What time has brought about: runs that are due, in order, and matches that have ended; and the rules in force."""

    rules: Ruleset
    runs: Sequence[DueRecord] = ()
    ended: Sequence[tuple[ReadyRule, int]] = ()


def find_due(con: sqlite3.Connection, context: Context, files: RuleFiles, window: Window) -> Due:
    """Return what fell due in a window of time, the earliest first; ConfigError when a rule file is wrong."""
    settings, states = context.settings, load_states(con)
    scope = make_scope(con, settings.timezone, settings.locale, user_id(con, settings.user), settings.country)
    runs: list[tuple[str, int, DueRecord]] = []
    ended: list[tuple[ReadyRule, int]] = []
    rules = make_ruleset(files, World(scope, settings.calendar, context.templates))
    for turn, ready in enumerate(rules.rules):
        if TICKED.isdisjoint(ready.rule.events) or ready.threshold or state_of(states, ready.id):
            continue
        today = local_date(window.upto, settings.timezone)
        runs += [(one.due, turn, one) for one in _armed(con, ready, due_records(con, ready, window), today)]
        ended += [(ready, record_id) for record_id in _ended(con, ready)]
    return Due(rules, [one for _, _, one in sorted(runs, key=lambda run: (*run[:2], run[2].id))], ended)


def run_due(context: Context, one: DueRecord) -> Done:
    """Run a rule on a record that it is due on, as ``run_change`` does."""
    return run_change(context, one.rule, _change(one.rule, one.id, one.event), one.due, one.anchor)


def run_change(context: Context, ready: ReadyRule, change: Change, due: str, anchor: str = "") -> Done:
    """Run a rule as one write; a refusal is kept as a failed run. StoreError when nothing can be kept."""
    told: list[str] = []

    def work(writer: Writer) -> None:
        told.append(writer.call_rule(ready.id, change, anchor))

    try:
        result = write(_named(context, ready, change), work)
    except StoreError:
        raise
    except CrmError as error:
        if not context.command.dry_run:
            note_apart(context, ready, change, "failed", error.message)
        return Done(ready.id, change.ref, due, "failed", error.message)
    if told and told[0]:
        return Done(ready.id, change.ref, due, "rested", told[0])
    effects = "; ".join(line.strip() for line in (*result.effects, *result.warnings))
    return Done(ready.id, change.ref, due, "ran", effects)


def end_matches(context: Context, ended: Iterable[tuple[ReadyRule, int]]) -> None:
    """Keep that conditions do not hold any more, so that their rules act again when they do."""
    found = [(ready.id, _change(ready, record_id, ready.rule.events[0])) for ready, record_id in ended]
    if not found:
        return

    def work(writer: Writer) -> None:
        for rule_id, change in found:
            writer.end_match(rule_id, change)

    write(context, work)


def _armed(con: sqlite3.Connection, ready: ReadyRule, found: Sequence[DueRecord], today: str) -> "Iterator[DueRecord]":
    """Yield the due records for which a rule has not run already; what is left is asked again inside the write."""
    if not found:
        return
    entity, once = ready.rule.entity, ready.rule.once
    if once == "per_match":
        matches = _matches(con, ready)
        yield from (one for one in found if not matches.get(f"{entity} {one.id}", Match()).is_open)
        return
    keys = {row[0] for row in con.execute("SELECT trigger_key FROM rule_run WHERE rule_id = ?", (ready.id,))}
    yield from (one for one in found if once_key(once, f"{entity} {one.id}", today, one.anchor) not in keys)


def _ended(con: sqlite3.Connection, ready: ReadyRule) -> list[int]:
    """Return the records of the open matches of a rule that do not meet its condition any more."""
    if ready.rule.once != "per_match":
        return []
    ids = [int(record.split()[1]) for record, match in _matches(con, ready).items() if match.is_open]
    return sorted(set(ids) - matching(con, ready, ids)) if ids else []


def _matches(con: sqlite3.Connection, ready: ReadyRule) -> dict[str, Match]:
    """Return the last match of each record that ever met the condition of a rule."""
    sql = "SELECT trigger_key FROM rule_run WHERE rule_id = ? AND trigger_key LIKE '% #%' AND trigger_key NOT LIKE ?"
    return dict(read_match(row[0]) for row in con.execute(f"{sql} ORDER BY id", (ready.id, f"{UNDONE}%")))


def _change(ready: ReadyRule, record_id: int, event: str) -> Change:
    """Return what the passing of time is to a rule: a change in which nothing changed."""
    return Change(ready.rule.entity, record_id, frozenset({event}), frozenset(), "time")


def _named(context: Context, ready: ReadyRule, change: Change) -> Context:
    """Return the context of one run, whose line in the history names rule and record."""
    kind = entity_of(change.entity)
    text = f"{context.command.text} (rule {ready.id} on {kind.noun} {change.ref})"
    return replace(context, command=replace(context.command, text=text))
