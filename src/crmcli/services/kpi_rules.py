"""Rules on key figures: each looked at when the scheduler runs, and told once whenever it crosses its threshold.

On which side a figure was is kept with the runs of the rule, as for any rule that acts once for each match. The first
look at a rule, and the first after its file was changed, only tells the side: nothing was crossed yet.
"""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from crmcli import clock
from crmcli.queries.rule_states import load_states, state_of
from crmcli.queries.scope import make_scope, user_id
from crmcli.rules.events import Change
from crmcli.rules.figures import CROSSED, KPI
from crmcli.rules.ruleset import ReadyRule, make_ruleset
from crmcli.rules.world import World
from crmcli.services.automation.bounds import record_of
from crmcli.services.automation.keys import UNDONE, Match, match_key, read_match
from crmcli.services.automation.reactions import files_of
from crmcli.services.automation.runs import note_apart
from crmcli.services.due_rules import Done, run_change
from crmcli.services.results import Context
from crmcli.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.services.results import Measure

_LAST = (
    "SELECT trigger_key, rule_hash FROM rule_run WHERE rule_id = ? AND entity = ? AND trigger_key IS NOT NULL"
    f" AND trigger_key NOT LIKE '{UNDONE}%' ORDER BY id DESC LIMIT 1"
)
_FIRST = "it was so when it was first looked at"
_NUMBER = 0  # of what is no record


class Look(NamedTuple):
    """A rule with the figure it is about, as it now is: ``match`` is the side where it was, None at the first look."""

    rule: ReadyRule
    change: Change
    is_beyond: bool
    last: Match
    is_first: bool


def run_crossed(context: Context) -> list[Done]:
    """Run the rules whose figures crossed their thresholds since the last time; a dry run keeps nothing."""
    rules = files_of(context).rules
    if context.measure is None or not any(rule.entity == KPI and rule.enabled for rule in rules):
        return []
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        looks = list(_looks(con, context, context.measure))
    return [done for look in looks for done in _follow(context, look)]


def _looks(con: sqlite3.Connection, context: Context, measure: "Measure") -> "Iterator[Look]":
    settings, states = context.settings, load_states(con)
    scope = make_scope(con, settings.timezone, settings.locale, user_id(con, settings.user), settings.country)
    rules = make_ruleset(files_of(context), World(scope, settings.calendar, context.templates))
    for ready in rules.by_entity.get(KPI, ()):
        threshold = ready.threshold
        if threshold is None or state_of(states, ready.id):
            continue
        label, value = measure(con, threshold.key, threshold.period)
        if value is None:  # undefined, as a rate without anything to divide by: it is on no side
            continue
        told = threshold.values(label, value)
        change = Change(KPI, _NUMBER, frozenset({CROSSED}), frozenset(), "time", values=told)
        found = con.execute(_LAST, (ready.id, KPI)).fetchone()
        last = read_match(found[0])[1] if found else Match()
        is_first = found is None or found[1] != ready.rule.sha256
        yield Look(ready, change, threshold.is_beyond(value), last, is_first)


def _follow(context: Context, look: Look) -> "Iterator[Done]":
    """Run a rule whose figure has crossed over, and keep the side where it is."""
    ready, last = look.rule, look.last
    if look.is_beyond and not last.is_open and not look.is_first:
        yield run_change(context, ready, look.change, clock.now_text())
    elif not context.command.dry_run and (look.is_first or look.is_beyond != last.is_open):
        number = last.number + 1 if look.is_first else last.number
        key = match_key(record_of(look.change), number, ended=not look.is_beyond)
        status = "skipped" if look.is_beyond else "ended"
        note_apart(context, ready, look.change, status, _FIRST if look.is_first else None, key)
