"""Tests of rules as they are written: ``rules/tests/*.toml``, records in, writes, and what is to be there afterwards.

Only their form is checked here; how a test is run is up to the services.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.config.files import read_text
from crmcli.domain.schema import did_you_mean
from crmcli.rules.action_keys import Key
from crmcli.rules.files import toml_files
from crmcli.rules.mistakes import Mistake, Place, refuse

FOLDER = "tests"  # below that of the rules
NOW = "2026-03-18T12:00"  # a Wednesday, unless a test says when it is
NOUNS = {entity.noun: name for name, entity in ENTITIES.items() if entity.letter or name == "user"}
CHANGES = ("edit", "remove", "restore", "move", "win", "lose", "reopen", "convert", "comment", "merge",
           "consent")  # fmt: skip
VERBS = (*CHANGES, "run", "tick")
CHECKS = ("record", "created", "sent", "refused", "warned")
_SCHEMA = 1
_FILE = {"schema": Key("number", required=True), "test": Key("tables", required=True)}
_TEST = {
    "name": Key("text", required=True),
    "now": Key("text"),
    "given": Key("tables"),
    "do": Key("tables", required=True),
    "expect": Key("tables"),
}


class Line(NamedTuple):
    """One line of a test: the word that says what it is about, what stands beside that word, and its other keys."""

    word: str
    subject: Any
    values: Mapping[str, Any]


class Case(NamedTuple):
    """One ``[[test]]`` table. ``given`` is there before any rule acts, ``do`` are writes, in order."""

    file: str
    name: str
    now: str
    given: tuple[Line, ...]
    do: tuple[Line, ...]
    expect: tuple[Line, ...]


def load_cases(rules_folder: Path) -> list[Case]:
    """Return the tests beside the rules of a folder, by name of file; ConfigError with all that is wrong with them."""
    mistakes: list[Mistake] = []
    cases: list[Case] = []
    for file in toml_files(rules_folder / FOLDER):
        try:
            cases += parse_cases(read_text(file).removeprefix("\ufeff"), f"{FOLDER}/{file.name}", mistakes)
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(Place(f"{FOLDER}/{file.name}"), f"cannot be read: {error}"))
    refuse(mistakes, what="tests", hint="no write is stopped by this; docs/reference/rules.md tells what tests may say")
    return cases


def parse_cases(text: str, file: str, mistakes: list[Mistake]) -> list[Case]:
    """Return the tests in the text of a file, and note what is wrong with their form."""
    from crmcli.domain.toml import loads
    from crmcli.rules.lines import Lines
    from crmcli.rules.shape import check_keys

    try:
        found = loads(text)
    except ValueError as error:
        mistakes.append(Mistake(Place(file), str(error)))
        return []
    lines = Lines(text)
    place = Place(file, line_of=lines.of_file())
    before = len(mistakes)
    check_keys(found, _FILE, place, mistakes)
    if found.get("schema", _SCHEMA) != _SCHEMA:
        mistakes.append(Mistake(place.at("schema"), "is of another version", f"schema = {_SCHEMA}"))
    if len(mistakes) > before:
        return []
    return [
        _case(table, Place(file, f"number {number}", line_of=lines.of_table("test", number)), mistakes)
        for number, table in enumerate(found["test"], start=1)
    ]


def _case(table: Mapping[str, Any], place: Place, mistakes: list[Mistake]) -> Case:
    from crmcli.rules.shape import check_keys, fits

    before = len(mistakes)
    check_keys(table, _TEST, place, mistakes)
    known = {key: value for key, value in table.items() if key in _TEST and fits(value, _TEST[key])}
    name = known.get("name", "")
    if len(mistakes) == before:
        place = place._replace(rule=name)
    return Case(
        place.file,
        name,
        known.get("now", NOW),
        _lines(known.get("given", ()), (*NOUNS, *CHANGES), place.at("given"), mistakes),
        _lines(known.get("do", ()), (*NOUNS, *VERBS), place.at("do"), mistakes),
        _lines(known.get("expect", ()), CHECKS, place.at("expect"), mistakes),
    )


def _lines(tables: Any, words: tuple[str, ...], place: Place, mistakes: list[Mistake]) -> tuple[Line, ...]:
    """Return lines; of the words that may say what a line is about each has one, and that stands first."""
    found = []
    for number, table in enumerate(tables, start=1):
        where = place._replace(key=f"{place.key}[{number}]")
        word = next(iter(table), "")
        if word in words:
            found.append(Line(word, table[word], {key: value for key, value in table.items() if key != word}))
        else:
            hint = did_you_mean(word, list(words)) or f"a line begins with one of {', '.join(words)}"
            mistakes.append(Mistake(where, f"begins with {word!r}" if word else "is empty", hint))
    return tuple(found)
