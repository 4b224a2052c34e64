"""A rule tried on a record: through the one write path, as if it were a write, and taken back at the end.

So what a trial shows cannot differ from what would happen. The other rules have no part in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.errors import RefusedError
from crmcli.queries.scope import make_scope, user_id
from crmcli.rules.events import MANUAL, Change
from crmcli.rules.rule import Rule
from crmcli.rules.ruleset import ReadyRule, Ruleset, make_ruleset
from crmcli.rules.world import World
from crmcli.services.automation.reactions import files_of
from crmcli.services.automation.reasons import Part, finding_of, parts_of
from crmcli.services.automation.values import RecordValues
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

_UNTOUCHED = "no change that it is about"


class Trial(NamedTuple):
    """What a rule would do with a record: why it would rest, empty if it would act; its condition, line by line."""

    ref: str
    reason: str
    condition: tuple[Part, ...] = ()
    effects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: str = ""


def try_rule(context: Context, rule: Rule, record_id: int, values: Mapping[str, Any] | None = None) -> Trial:
    """Try a rule, be it enabled or not, on a record that is changed to typed values by field key.

    Without values there is no change to look at: as if the rule were run by hand, its condition alone decides.
    """
    command = replace(context.command, dry_run=True, explain=True)
    trial = replace(context, command=command, rules=_alone(context, rule))
    seen: list[Trial] = []
    ref = ENTITIES[rule.entity].ref(record_id)

    def work(writer: Writer) -> None:
        def watch(ready: ReadyRule, change: Change, found: RecordValues, reason: str) -> None:
            finding = finding_of(ready, found)
            seen.append(Trial(change.ref, reason, tuple(parts_of(finding, writer.unit.raw)) if finding else ()))

        writer.reactions.watcher = watch
        if values is None:
            change = Change(rule.entity, record_id, frozenset({MANUAL}), frozenset())
            writer.call_rule(rule.id, change, writer.now)
        else:
            writer.update(rule.entity, record_id, dict(values))

    try:
        result = write(trial, work)
    except RefusedError as error:
        return (seen[0] if seen else Trial(ref, ""))._replace(refused=error.message)
    judged = next((one for one in seen if one.ref == ref), Trial(ref, _UNTOUCHED))
    return judged._replace(effects=tuple(_effects(result.effects)), warnings=result.warnings)


def _alone(context: Context, rule: Rule) -> Ruleset:
    """Return a rule as if it were enabled, alone but for the scores; ConfigError where a file is wrong."""
    files, settings = files_of(context), context.settings
    alone = files._replace(rules=(rule._replace(enabled=True),))
    with closing(open_reader(context.store, settings.timezone, cadences=settings.follow)) as con:
        me = user_id(con, settings.user)
        scope = make_scope(con, settings.timezone, settings.locale, me, settings.country)
        return make_ruleset(alone, World(scope, settings.calendar, context.templates))


def _effects(told: Iterable[str]) -> Iterator[str]:
    """Yield what a rule did; who it was is known, and that it rests when it sees its own work need not be told."""
    for line in map(str.strip, told):
        text = line.partition(": ")[2] if line.startswith("rule ") else line
        if not text.startswith("rests: "):
            yield text
