"""What the cells of a row mean together: outcomes, titles, links, and statuses that files write in their own way.

One function for each entity that needs one, applied to a record once all its cells are read.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain import enums
from crmcli.domain.money import ONE_CURRENCY, Currencies
from crmcli.domain.zones import to_wall
from crmcli.importing.building import Building, Key
from crmcli.importing.composed import compose
from crmcli.importing.consents import Terms, settle_consents
from crmcli.importing.pipelines import StageKinds
from crmcli.importing.targets import CONSENT_AT

_PEOPLE = ("contact", "lead")  # who is looked for by an address that is only named
_DAY = len("2026-03-20")
_TITLE_LENGTH = 80  # characters taken from a text when a title is missing
_TITLES = {"ticket": ("subject", "description"), "task": ("subject", "description"), "event": ("title", "description")}


class Link(NamedTuple):
    """A record that a row refers to, by one or more keys, strongest first: the first key that finds it counts.

    A name is the weakest key. Beside another it only names the record to be made when that other finds none. One that
    is ``optional`` is left out when it finds none, or several.
    """

    entity: str
    keys: tuple[Key, ...]
    optional: bool = False


class Context(NamedTuple):
    """What finishing a row needs to know of its file. ``pipeline``: name for deals whose row names none.

    ``own``: handle of each user here by e-mail address. ``currency``: of amounts that name none. ``zone``: of
    times. ``consent``: what columns that tell who agreed are worth.
    """

    stage_kinds: StageKinds
    pipeline: str
    own: Mapping[str, str] = {}
    currency: str = ""
    zone: str = "UTC"
    consent: Terms = Terms()


Finish = Callable[[Building, Context], None]


def finish(entity: str, building: Building, context: Context) -> None:
    """Settle what the cells left open: title, currency, custom fields and what the entity's own rules demand.

    ValueError when cells contradict each other.
    """
    values = building.values
    if building.decisions:
        compose(entity, building)
    if CONSENT_AT in values or "consents" in building.decisions:
        settle_consents(building, context.consent)
    if building.custom:
        values["custom"] = building.custom
    if building.currencies:
        _settle_currency(values, building.currencies, context.currency)
    if entity in _TITLES:
        _title(values, *_TITLES[entity])
    if entity in _FINISHERS:
        _FINISHERS[entity](building, context)


def is_finished_alone(entity: str) -> bool:
    """Say whether plain values of a record are final as each cell tells them, whatever the other cells say."""
    return entity not in _TITLES and entity not in _FINISHERS


def _settle_currency(values: dict[str, Any], possible: Currencies, usual: str) -> None:
    named = values.setdefault("currency", usual if usual in possible else possible[0])
    if named not in possible:
        raise ValueError(f"{possible[0]} contradicts {named}: {ONE_CURRENCY}")


def links(entity: str, building: Building) -> dict[str, tuple[Link, ...]]:
    """Return the links of a record by name; the first of a name is the main one."""
    targets = _link_targets(entity)
    found = {name: links for name, keys in building.keys.items() if (links := _links(targets[name], tuple(keys)))}
    if entity == "deal" and "lead" in found:  # where it came from is worth a link and no more
        found["lead"] = tuple(link._replace(optional=True) for link in found["lead"])
    for name, records in building.related.items():
        if records:
            found[name] = tuple(Link(*record) for record in records)
    for name in _PEOPLE if "people" in building.decisions else ():
        people = (Link(name, (Key("email", address),), True) for address in building.decisions["people"])
        found[name] = (*found.get(name, ()), *people)
    return found


@lru_cache(maxsize=1 << 11)
def _links(entity: str, cells: tuple[tuple[Key, ...], ...]) -> tuple[Link, ...]:
    """Return the records that the cells of a link name: the first keys together are one, each further key another."""
    main = tuple(dict.fromkeys(keys[0] for keys in cells if keys))
    further = (Link(entity, (key,)) for keys in cells for key in keys[1:])
    return (Link(entity, main), *further) if main else ()


@cache
def _link_targets(entity: str) -> Mapping[str, str]:
    return {field.key: field.ref for field in ENTITIES[entity].fields.values() if field.ref}


def _title(values: dict[str, object], title: str, text: str) -> None:
    """Take a missing title from the first line of the text."""
    if title not in values and (words := str(values.get(text, "")).strip()):
        line = words.splitlines()[0].strip()
        values[title] = line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1].rstrip()}…"


def deal_outcome(building: Building, stage: str, kinds: StageKinds) -> str:
    """Return open, won or lost: by the row's own truth columns, its outcome column, then the kind of its stage."""
    won, closed = building.decisions.get("won"), building.decisions.get("closed")
    if won:
        return "won"
    if closed is False:
        return "open"
    if closed and won is False:
        return "lost"
    told = building.values.get("outcome")
    return str(told) if told else kinds.kind(stage)


def stage_of(building: Building) -> str:
    """Return the stage a deal's row names, empty when it names none."""
    return next((key.value for keys in building.keys.get("stage", ()) for key in keys), "")


def _deal(building: Building, context: Context) -> None:
    values, stage = building.values, stage_of(building)
    outcome = deal_outcome(building, stage, context.stage_kinds)
    if stage or "outcome" in values or not building.decisions.keys().isdisjoint(("won", "closed")):
        values["outcome"] = outcome
    elif values.get("lost_reason"):
        building.warnings.append("lost reasons of deals whose stage is not told are left out")
    if context.pipeline:
        building.keys.setdefault("pipeline", [(Key("name", context.pipeline),)])
    if closing := building.decisions.get("closing_date"):
        values.setdefault(*(("expected_close", closing[0]) if outcome == "open" else ("closed_at", closing[1])))
    if outcome == "open":
        if building.decisions.get("closed") or "closed_at" in values:
            building.warnings.append("closed deals that are said to be neither won nor lost are kept as open")
        _drop(values, "closed_at", "lost_reason", "lost_note")
        return
    _drop(values, "probability", "forecast_category")  # they follow the outcome
    if outcome == "won":
        _drop(values, "lost_reason", "lost_note")


def _lead(building: Building, context: Context) -> None:
    values = building.values
    converted = [name for name in building.keys if name.startswith("converted_")]
    if values.get("status") == "converted" and not any(any(building.keys[name]) for name in converted):
        values["status"] = "qualified"
        building.warnings.append("converted leads without the records they became are kept as qualified")
    if values.get("status") != "converted":
        _drop(values, "converted_at")
        for name in converted:
            del building.keys[name]


def _ticket(building: Building, context: Context) -> None:
    values = building.values
    closed = values.get("closed_at")
    if (closed or building.decisions.get("closed")) and "status" not in values:
        values["status"] = "closed"
    if "status" not in values or enums.kind("ticket_status", values["status"]) != "done":
        if closed:
            building.warnings.append("closing dates of tickets that are not closed are left out")
        _drop(values, "closed_at", "resolved_at")
    elif closed:
        values.setdefault("resolved_at", closed)
        if values["status"] == "resolved":
            _drop(values, "closed_at")


def _task(building: Building, context: Context) -> None:
    values = building.values
    if values.get("completed_at") and "status" not in values:
        values["status"] = "done"
    if values.get("status") != "done":
        _drop(values, "completed_at")
    elif "created_at" in values:  # the file does not say when: its own date is nearer than that of the import
        values.setdefault("completed_at", values["created_at"])


def _interaction(building: Building, context: Context) -> None:
    if "created_at" in building.values:
        building.values.setdefault("occurred_at", building.values["created_at"])
    if sender := building.decisions.get("sender"):
        building.values.setdefault("direction", "out" if sender in context.own else "in")
    _settle_people("user", building, context)


def _event(building: Building, context: Context) -> None:
    start, end = building.values.get("start_at", ""), building.values.get("end_at", "")
    if start.endswith("Z") and end == to_wall(start, context.zone)[:_DAY]:
        del building.values["end_at"]  # a day alone, beside a time of that day, says nothing of the end
    _settle_people("organiser", building, context)


def _settle_people(user: str, building: Building, context: Context) -> None:
    """Make the one of us who is among the people the user of the record, and leave all of us out of its links."""
    people = dict.fromkeys(building.decisions.get("people", ()))
    sender: str = building.decisions.get("sender", "")
    candidates = [sender, *people] if user == "user" else [sender]
    own = next((context.own[address] for address in candidates if address in context.own), None)
    if own is not None:
        building.keys.setdefault(user, [(Key("person", own),)])
    if people:
        building.decisions["people"] = [address for address in people if address not in context.own]


def _drop(values: dict[str, object], *keys: str) -> None:
    for key in keys:
        values.pop(key, None)


_FINISHERS: dict[str, Finish] = {
    "deal": _deal,
    "lead": _lead,
    "ticket": _ticket,
    "task": _task,
    "interaction": _interaction,
    "event": _event,
}
