"""What a test of rules does: its records are made and its writes are done by the services that commands call."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.errors import RefusedError, UsageError
from crmcli.queries.scope import make_scope, user_id
from crmcli.rules.events import owners
from crmcli.rules.fixtures import NOUNS, Case, Line
from crmcli.rules.world import World, typed
from crmcli.services import comments, consents, deals, records
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.merging import merge
from crmcli.services.results import Context, Result
from crmcli.services.rules_by_hand import find_rule, run_rule
from crmcli.services.ticking import run_jobs
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

_NAMED_BY = {
    "lead": "full_name", "contact": "full_name", "organization": "name", "deal": "name", "task": "subject",
    "ticket": "subject", "event": "title", "interaction": "subject", "user": "handle",
}  # fmt: skip
_PLAIN = frozenset({"for", "at"})  # keys of a line that are no fields


class Played:
    """A test as far as it has come: the store, who is called how, and what was said."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.names: dict[str, tuple[str, int]] = {}
        self.warnings: list[str] = []
        self.refusals: list[str] = []

    def record(self, name: object) -> tuple[str, int]:
        """Return entity and id of a record that the test has named; UsageError when there is none."""
        if not isinstance(name, str) or name not in self.names:
            raise UsageError(f"there is no record called {name!r}; there are {', '.join(self.names) or 'none yet'}")
        return self.names[name]

    def world(self) -> tuple[Any, World]:
        """Return a connection to the store, to be closed, and what values are understood in."""
        settings = self.context.settings
        con = open_reader(self.context.store, settings.timezone, cadences=settings.follow)
        me = user_id(con, settings.user)
        scope = make_scope(con, settings.timezone, settings.locale, me, settings.country)
        return con, World(scope, settings.calendar)

    def values(self, entity: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return typed values of fields; UsageError names the field that cannot be set so."""
        con, world = self.world()
        found: dict[str, Any] = {}
        with closing(con):
            for key, raw in given.items():
                if key in _PLAIN:
                    continue
                field = world.scope.fields.find(ENTITIES[entity], key.lstrip("+-"))
                if field is None:
                    raise UsageError(f"{ENTITIES[entity].noun} has no field {key!r}")
                try:
                    empty = raw == "" or raw == []
                    value = ([] if field[1].multi else None) if empty else typed(field[1], raw, world)
                except ValueError as error:
                    raise UsageError(f"{key}: {error}") from None
                found[field[0] if key[0] not in "+-" else key] = value
        if "for" in given:
            named = given["for"] if isinstance(given["for"], list) else [given["for"]]
            links = [self.record(name) for name in named]
            found["links"] = [{"entity": kind, "record_id": number} for kind, number in links]
        return found


def play(case: Case, played: Played) -> None:
    """Make the records of a test without rules, and do its writes with them; a refusal is noted."""
    ruled = played.context
    played.context = replace(ruled, command=replace(ruled.command, rules=False, allow_duplicate=True))
    for line in case.given:
        _do(line, played)
    played.warnings.clear()
    played.context = ruled
    for line in case.do:
        try:
            _do(line, played)
        except RefusedError as error:
            played.refusals.append(error.message)


def _do(line: Line, played: Played) -> None:
    if "at" in line.values:
        clock.fix(str(line.values["at"]))
    result = _add(line, played) if line.word in NOUNS else _VERBS[line.word](line, played)
    played.warnings += result.warnings


def _add(line: Line, played: Played) -> Result:
    entity = NOUNS[line.word]
    name = str(line.subject)
    values = {_NAMED_BY[entity]: name, **line.values}
    made: list[int] = []
    complete = played.values(entity, values)
    if entity == "interaction":
        complete.setdefault("kind", "note")
    result = write(played.context, lambda writer: made.append(writer.create(entity, complete).id))
    played.names[name] = (entity, made[0])
    return result


def _edit(line: Line, played: Played) -> Result:
    entity, number = played.record(line.subject)
    return records.edit(played.context, entity, [number], played.values(entity, line.values))


def _remove(line: Line, played: Played) -> Result:
    entity, number = played.record(line.subject)
    return records.remove(played.context, entity, [number])


def _restore(line: Line, played: Played) -> Result:
    entity, number = played.record(line.subject)
    return write(played.context, lambda writer: writer.restore(entity, number))


def _move(line: Line, played: Played) -> Result:
    values = line.values
    return deals.move(
        played.context, [_deal(line, played)], values.get("stage", ""), values.get("note"), reason=values.get("reason")
    )


def _win(line: Line, played: Played) -> Result:
    return deals.win(played.context, [_deal(line, played)])


def _lose(line: Line, played: Played) -> Result:
    return deals.lose(played.context, [_deal(line, played)], line.values.get("reason"), line.values.get("note"))


def _reopen(line: Line, played: Played) -> Result:
    return deals.reopen(played.context, _deal(line, played))


def _deal(line: Line, played: Played) -> int:
    return _only("deal", line, played)


def _only(entity: str, line: Line, played: Played) -> int:
    found, number = played.record(line.subject)
    if found != entity:
        raise UsageError(f"{line.word} is for a {entity}, and {line.subject} is a {found}")
    return number


def _convert(line: Line, played: Played) -> Result:
    return convert(played.context, _only("lead", line, played), ConvertOptions())


def _comment(line: Line, played: Played) -> Result:
    number, text = _only("ticket", line, played), str(line.values.get("text", ""))
    by = {"customer": comments.add_customer_reply, "us": comments.add_answer, "note": comments.add_note}
    add: Callable[[Writer, int, str], None] | None = by.get(str(line.values.get("by", "customer")))
    if add is None:
        raise UsageError(f"a comment is by one of {', '.join(by)}")
    return write(played.context, lambda writer: add(writer, number, text))


def _merge(line: Line, played: Played) -> Result:
    entity, keep = played.record(line.subject)
    return merge(played.context, entity, keep, [played.record(line.values.get("with"))[1]])


def _consent(line: Line, played: Played) -> Result:
    """Record an event of the ledger of consents: what a person granted, withdrew or objected to."""
    given = {"action": "grant", "purpose": "marketing", **line.values}
    values = played.values("consent", {key: raw for key, raw in given.items() if key != "at"})
    return consents.record(played.context, [played.record(line.subject)], values)


def _run(line: Line, played: Played) -> Result:
    entity, number = played.record(line.values.get("on"))
    rule = find_rule(played.context, str(line.subject))
    if entity not in owners(rule.entity):
        raise UsageError(f"the rule {rule.id} is not about a {entity}")
    return run_rule(played.context, rule._replace(entity=entity), [number]).result


def _tick(line: Line, played: Played) -> Result:
    """Let time pass until an instant, and do what falls due; what is to be sent stays in the outbox."""
    run_jobs(played.context)  # from here the clock of the scheduler runs
    clock.fix(str(line.subject))
    found = run_jobs(played.context)
    played.refusals += [one.text for one in found.failed]
    return Result(warnings=tuple(found.warnings))


_VERBS: dict[str, Callable[[Line, Played], Result]] = {
    "edit": _edit,
    "remove": _remove,
    "restore": _restore,
    "move": _move,
    "win": _win,
    "lose": _lose,
    "reopen": _reopen,
    "convert": _convert,
    "comment": _comment,
    "merge": _merge,
    "consent": _consent,
    "run": _run,
    "tick": _tick,
}
