"""A rule run by hand on records that nobody changed: those a rule is for, and those it came too late for.

It is one write and one step that can be taken back. The condition of the rule holds as ever, and it acts no more often
than its file says.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import did_you_mean
from crmcli.errors import NotFoundError, RefusedError, UsageError
from crmcli.queries.due_records import anchor_of
from crmcli.queries.rule_states import load_states, state_of
from crmcli.queries.scope import make_scope
from crmcli.rules.events import MANUAL, Change
from crmcli.rules.files import RuleFiles
from crmcli.rules.rule import Rule
from crmcli.rules.ruleset import ReadyRule, understand_rules
from crmcli.rules.world import World
from crmcli.services.automation.reactions import files_of
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


class HandRun(NamedTuple):
    """What a rule did by hand, and why it rested, by ref; empty where it ran."""

    result: Result
    reasons: dict[str, str]


def find_rule(context: Context, rule_id: str) -> Rule:
    """Return a rule as written; NotFoundError with the nearest ids when no file has it."""
    rules = {rule.id: rule for rule in files_of(context).rules}
    if rule_id not in rules:
        raise no_rule(rule_id, rules)
    return rules[rule_id]


def no_rule(rule_id: str, known: Iterable[str]) -> NotFoundError:
    """Say that there is no rule of that id, and which one is near."""
    return NotFoundError("rule", rule_id, hint=did_you_mean(rule_id, [*known]) or "crm rule list")


def run_rule(context: Context, rule: Rule, ids: Sequence[int]) -> HandRun:
    """Run a rule on records of its kind; RefusedError when it is switched off, UsageError when it needs a change.

    The ``entity`` of one that is about several kinds says which of them the records are.
    """
    reasons: dict[str, str] = {}

    def work(writer: Writer) -> None:
        ready = _ready(writer, rule)
        for record_id in dict.fromkeys(ids):
            change = Change(rule.entity, record_id, frozenset({MANUAL}), frozenset())
            anchor = anchor_of(writer.unit.raw, ready, record_id) or clock.now_text()
            reasons[ENTITIES[rule.entity].ref(record_id)] = writer.call_rule(rule.id, change, anchor)

    return HandRun(write(context, work), reasons)


def _ready(writer: Writer, rule: Rule) -> ReadyRule:
    """Return a rule as it can be run by hand."""
    if not rule.enabled:
        raise RefusedError(f"rule {rule.id} is disabled by its file, {rule.place.file}", code="rule.disabled")
    state = state_of(load_states(writer.unit.raw), rule.id)
    if state:
        raise RefusedError(f"rule {rule.id} is {state.state}", hint=f"crm rule enable {rule.id}", code="rule.disabled")
    settings = writer.settings
    scope = make_scope(writer.unit.raw, writer.zone, settings.locale, writer.keyboard, writer.country)
    world = World(scope, settings.calendar, writer.context.templates)
    by_hand = rule._replace(events=(*rule.events, MANUAL), crossed=False)
    ready, mistakes = understand_rules(RuleFiles((by_hand,)), world)
    if not ready:
        told = mistakes[0]
        hint = "what it asks about is a change, and there is none when it is run by hand"
        raise UsageError(f"rule {rule.id} cannot be run by hand: {told.place.key}: {told.reason}", hint=hint)
    return ready[0]
