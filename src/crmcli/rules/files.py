"""Rule files: found in the rules folder, read once per process, checked for their form.

Nothing but the names of files is looked at while there is none, so that a write without rules pays nothing. What the
texts of a rule mean needs a store to ask and belongs to ``rules.ruleset``.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from crmcli.config.files import read_text
from crmcli.rules.mistakes import Mistake, Place
from crmcli.rules.rule import Action, Guard, Rule

if TYPE_CHECKING:
    from crmcli.rules.action_keys import Key
    from crmcli.rules.scores import Score

    Named = TypeVar("Named", Rule, Score)

SCHEMA = 1
_MOST_BYTES = 2**20


class RuleFiles(NamedTuple):
    """Everything the rules folder holds: the rules as far as they can be read, and what is wrong with their form."""

    rules: tuple[Rule, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    scores: tuple["Score", ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.mistakes or self.scores)


@cache
def load_files(folder: Path) -> RuleFiles:
    """Return the rules of a folder's ``*.toml`` files, read by name order; a folder that is missing holds none."""
    files = toml_files(folder)
    if not files:
        return RuleFiles()
    mistakes: list[Mistake] = []
    scores: list[Score] = []
    rules = [rule for file in files for rule in _load(file, mistakes, scores)]
    found, entries = _unique("rule", rules, mistakes), _unique("score", scores, mistakes)
    return RuleFiles(found, tuple(mistakes), entries)


def toml_files(folder: Path) -> list[Path]:
    """Return the TOML files of a folder by name; hidden ones, such as an editor leaves, are none of them."""
    return sorted(file for file in folder.glob("*.[tT][oO][mM][lL]") if not file.name.startswith("."))


def parse_rules(text: str, name: str, mistakes: list[Mistake], scores: "list[Score] | None" = None) -> list[Rule]:
    """Return the rules in the text of one file as far as they can be read, and note what is wrong with their form.

    The entries of the score in it are added to ``scores``.
    """
    from crmcli.domain.toml import TomlError, loads
    from crmcli.rules.lines import Lines
    from crmcli.rules.shape import FILE, check_keys

    try:
        found = loads(text)
    except TomlError as error:
        line, reason = error.line, f"{error.reason}, at column {error.column}"
        mistakes.append(Mistake(Place(name, line_of=lambda _: line), reason))
        return []
    lines = Lines(text)
    place = Place(name, line_of=lines.of_file())
    before = len(mistakes)
    check_keys(found, FILE, place, mistakes)
    if isinstance(schema := found.get("schema"), int) and schema != SCHEMA:
        mistakes.append(Mistake(place.at("schema"), f"{schema} is of another version", f"schema = {SCHEMA}"))
    if "score" not in found and "rule" not in found:
        mistakes.append(Mistake(place.at("rule"), "is missing"))
    if scores is not None and _are_tables(found.get("score")):
        from crmcli.rules.scores import read_scores

        scores += read_scores(found["score"], name, lines, mistakes)
    tables = found.get("rule")
    if len(mistakes) > before and not _are_tables(tables):
        return []
    rules = [
        _rule(table, number, Place(name, line_of=lines.of_table("rule", number)), mistakes)
        for number, table in enumerate(tables or (), start=1)
    ]
    return [rule for rule in rules if rule is not None]


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) for table in value)


def _load(file: Path, mistakes: list[Mistake], scores: "list[Score]") -> list[Rule]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            mistakes.append(Mistake(Place(file.name), "is larger than 1 MiB"))
            return []
        text = read_text(file).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(Place(file.name), f"not UTF-8 text: {error.reason}"))
    except OSError as error:
        mistakes.append(Mistake(Place(file.name), f"cannot be read: {error.strerror}"))
    else:
        return parse_rules(text, file.name, mistakes, scores)
    return []


def _rule(table: Mapping[str, Any], number: int, place: Place, mistakes: list[Mistake]) -> Rule | None:
    """Return one rule, or None when it cannot even be said what it is about."""
    from crmcli.rules.shape import GUARD, KPI, RULE, TIME, check_keys, fits

    named = table.get("id")
    place = place._replace(rule=named if isinstance(named, str) and named else f"number {number}")
    before = len(mistakes)
    check_keys(table, RULE, place, mistakes)
    read = {name: value for name, value in table.items() if name in RULE and fits(value, RULE[name])}
    tables = {"time": TIME, "kpi": KPI, "guard": GUARD}
    parts = {key: _part(read, key, keys, place, mistakes) for key, keys in tables.items()}
    steps = _actions(read.get("do", []), place, mistakes)
    if "id" in read and not is_kebab(place.rule):
        mistakes.append(Mistake(place.at("id"), f"{place.rule!r} is not kebab-case", "small letters, digits and -"))
    entity, events = _events(read.get("on", []), place, mistakes)
    if not entity:
        return None
    return Rule(
        place, place.rule, read.get("name", place.rule), _sha256(table), entity, events,
        read.get("when", ""), read.get("crossed", False), tuple(read["watch"]) if "watch" in read else None,
        read.get("order", 100), read.get("enabled", True), read.get("imports", False), steps,
        once=_once(read, events, place, mistakes), time=parts["time"], kpi=parts["kpi"],
        guard=_guard(parts["guard"], place, mistakes),
        user=read.get("as", ""), reacts_to_itself=read.get("react_to_self", False),
        is_sound=len(mistakes) == before,
    )  # fmt: skip


def _part(
    read: Mapping[str, Any], name: str, keys: Mapping[str, "Key"], place: Place, mistakes: list[Mistake]
) -> dict[str, Any] | None:
    """Return a table within a rule, as far as its values are of the right type; None when there is none."""
    from crmcli.rules.shape import check_keys, fits

    if name not in read:
        return None
    check_keys(read[name], keys, place.at(name), mistakes)
    return {key: value for key, value in read[name].items() if key in keys and fits(value, keys[key])}


def _once(read: Mapping[str, Any], events: tuple[str, ...], place: Place, mistakes: list[Mistake]) -> str:
    """Return how often a rule acts; what falls due by time does so once for its anchor unless it says otherwise."""
    from crmcli.rules.events import TICKED
    from crmcli.rules.figures import CROSSED

    if CROSSED in events:
        if read.get("once", "per_match") != "per_match":
            mistakes.append(Mistake(place.at("once"), "a key figure is told of once for each crossing", "leave it out"))
        return "per_match"
    is_ticked = not TICKED.isdisjoint(events)
    once: str = read.get("once", "per_anchor" if is_ticked else "per_write")
    if events and once == "per_anchor" and not is_ticked:
        mistakes.append(Mistake(place.at("once"), "per_anchor needs an anchor", "it is for rules by time"))
    if once == "per_write" and is_ticked:
        mistakes.append(Mistake(place.at("once"), "per_write needs a write", "leave once out, or write per_anchor"))
    return once


def _guard(table: Mapping[str, int] | None, place: Place, mistakes: list[Mistake]) -> Guard:
    for key, bound in (table or {}).items():
        if bound < 1:
            mistakes.append(Mistake(place.at(f"guard.{key}"), f"must be at least 1, not {bound}"))
    return Guard(**table) if table else Guard()


def _actions(tables: list[dict[str, Any]], place: Place, mistakes: list[Mistake]) -> tuple[Action, ...]:
    """Return the actions of sound form."""
    from crmcli.rules.shape import check_action

    found = []
    for number, table in enumerate(tables, start=1):
        where = place.at(f"do[{number}]")
        kind = check_action(table, where, mistakes)
        if kind:
            found.append(Action(number, kind, table, where))
    return tuple(found)


def _events(texts: list[str], place: Place, mistakes: list[Mistake]) -> tuple[str, tuple[str, ...]]:
    from crmcli.rules.events import is_mixed, parse_event

    found: list[tuple[str, str]] = []
    for text in texts:
        try:
            found.append(parse_event(text))
        except ValueError as error:
            mistakes.append(Mistake(place.at("on"), str(error)))
    entities = list(dict.fromkeys(entity for entity, _ in found))
    if len(entities) > 1:
        told = f"the events concern {' and '.join(entities)}"
        mistakes.append(Mistake(place.at("on"), told, "write one rule for each"))
        return "", ()
    events = tuple(event for _, event in found)
    if is_mixed(events):
        told = "a change and the passing of time are different things to look at"
        mistakes.append(Mistake(place.at("on"), told, "write one rule for each"))
    return entities[0] if entities else "", events


def _unique(what: str, named: "list[Named]", mistakes: list[Mistake]) -> "tuple[Named, ...]":
    """Return rules or entries of the score, each id once; an id that is taken is a mistake."""
    seen: dict[str, Named] = {}
    for one in named:
        if one.id in seen:
            mistakes.append(Mistake(one.place.at("id"), f"is taken by a {what} of {seen[one.id].place.file}"))
        seen.setdefault(one.id, one)
    return tuple(seen.values())


def is_kebab(text: str) -> bool:
    """Say whether a text is small letters and digits, in parts joined by a hyphen."""
    parts = text.split("-")
    return all(part.isascii() and part.isalnum() and part == part.lower() for part in parts)


def _sha256(table: Mapping[str, Any]) -> str:
    import hashlib
    import json

    return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()
