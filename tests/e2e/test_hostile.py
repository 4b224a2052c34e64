"""What strangers write stays text: it comes back as it was, and no command lets it act on a terminal."""

import csv
import io
import json
import shutil
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.text import fold
from tests.e2e import audit
from tests.e2e.filling import COLLECTIONS, CUSTOM, Filled, Kept, fill
from tests.e2e.forking import FIXED, Ran, at_terminal, crm
from tests.e2e.naughty import OWN, public, storable
from tests.published import needs_published

NOUNS = {entity.noun: entity for entity in ENTITIES.values() if entity.letter}
LONGEST = 10_000  # characters of a short text
CHOOSY = {"birthdate", "currency", "domain", "email", "emails", "entity", "follow_every", "handle", "key", "name_key",
          "period", "phones", "rrule", "tags", "timezone", "website"}  # fmt: skip
NORMALISED = {("organization", "vat_id"), ("organization", "domain"), ("tag", "name_key"), ("user", "handle")}
IN_ARGUMENTS = tuple(text.replace("\0", "\udcff") for text in OWN if "\ud800" not in text)
VARIED = 3  # variants of a writing command that the fast tier runs


def words(path: tuple[str, ...]) -> str:
    return " ".join(path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A store that holds our own list everywhere; never written to."""
    clock.fix(FIXED["CRMCLI_NOW"])
    found = fill(tmp_path_factory.mktemp("hostile"), OWN)
    clock.fix(None)
    for call in (
        ("view", "save", "kept", "--on", "lead", "--where", "city ~ red or not (city ~ '\u202e=1+1')"),
        ("import", "lead", "-", "--map", "name=full_name"),
        ("backup", "create"),
    ):
        ran = crm(found.home, *call, stdin="name,\x1b[31mcolumn\nAnna \u202e\x1b[31mRossi,=1+1\n")
        assert ran.code == 0, ran.err
    return found


@pytest.fixture
def home(filled: Filled, tmp_path: Path) -> Path:
    """A copy of that store for a test that writes."""
    shutil.copytree(filled.home, tmp_path / "home")
    return tmp_path / "home"


def records(home: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """Return everything the store holds, by entity and id."""
    done = crm(home, "export", "all")
    assert done.code == 0, done.err
    return {name: {row["id"]: row for row in rows} for name, rows in json.loads(done.out).items()}


def held(record: dict[str, Any], kept: Kept, field: str, tags: dict[int, dict[str, Any]]) -> str | None:
    """Return the text that a stored record holds in a field."""
    if field == "tags":
        return str(tags[record["tags"][0]["tag_id"]]["name"])
    if field in COLLECTIONS:
        return str(record[field][0]["value"])
    if field == f"custom.{CUSTOM}":
        custom: dict[str, str] = json.loads(record["custom"] or "{}")
        return custom.get(CUSTOM)
    text: str | None = record[ENTITIES[kept.entity].fields[field].column]
    return text


def check_unchanged(filled: Filled) -> None:
    """Check that every text came to lie in the store as it was written, or was refused with a reason."""
    stored = records(filled.home)
    for kept in filled.kept:
        for field in kept.fields:
            if (kept.entity, field) in NORMALISED:
                continue
            text = held(stored[kept.entity][kept.id], kept, field, stored["tag"])
            if field == "tags":  # a tag is one tag however its name is typed
                assert fold(text or "") == fold(kept.text)
            else:
                expected = kept.text.strip() if field in COLLECTIONS else kept.text if kept.text.strip() else None
                assert text == expected, (kept.entity, field)
    for refused in filled.refused:
        assert refused.reason
        assert "\n" not in refused.reason
        takes_all = refused.field not in CHOOSY and (refused.entity, refused.field) != ("tag", "name")
        assert not (takes_all and storable(refused.text) and len(refused.text) <= LONGEST), refused


def test_our_own_list_comes_back_unchanged_from_every_field(filled: Filled) -> None:
    check_unchanged(filled)


@needs_published
def test_the_public_list_comes_back_unchanged_from_every_field(tmp_path: Path) -> None:
    check_unchanged(fill(tmp_path, public(), ("contact", "interaction")))


def test_an_import_takes_every_text_in_but_for_blanks_around_it(tmp_path: Path) -> None:
    crm(tmp_path, "init")
    file = tmp_path / "contacts.csv"
    texts = [text for text in (*OWN, *public()) if storable(text) and len(text) <= LONGEST]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["Last Name", "City", "Description", "Key"])
        writer.writerows(["Rossi", text, text, f"k{number}"] for number, text in enumerate(texts))
    columns = ("Last Name=last_name", "City=city", "Description=description", "Key=external_id")
    done = crm(tmp_path, "import", "contact", str(file), *(word for pair in columns for word in ("--map", pair)))
    assert done.code == 0, done.err
    stored = records(tmp_path)["contact"]
    assert [record["description"] for record in stored.values()] == [text.strip() for text in texts]


# Reading


def test_every_command_is_audited() -> None:
    reading = {path for path, entry in audit.COMMANDS.items() if entry.reads}
    assert set(audit.READING) == reading
    assert set(audit.WRITING) == set(audit.COMMANDS) - reading


@pytest.mark.parametrize("path", audit.READING, ids=words)
def test_reading_commands_let_nothing_through(filled: Filled, path: tuple[str, ...]) -> None:
    first, *others = audit.READING[path]
    for name in audit.formats_of(path):
        ran = crm(filled.home, *path, *first, *(("-o", name) if name else ()))
        audit.check_quiet(path, ran)
        check_format(ran, name)
    audit.check_quiet(path, at_terminal(filled.home, *path, *first, columns=200))
    for call in (first, *others):
        audit.check_quiet(path, at_terminal(filled.home, *path, *call, columns=80))


def check_format(ran: Ran, name: str | None) -> None:
    """Check that output in a format is of that format; a command that has not the format says so."""
    if ran.code == 2:
        assert name is not None
        assert "format" in ran.err or "json" in ran.err
        audit.check_told_in_one_line(ran)
        return
    lines = ran.out.removesuffix("\n").split("\n") if ran.out else []
    if name == "json":
        json.loads(ran.out)
    elif name == "jsonl":
        assert all(isinstance(json.loads(line), dict) for line in lines)
    elif name == "csv":
        assert len({len(row) for row in csv.reader(io.StringIO(ran.out, newline=""), strict=True)}) <= 1
    elif name == "md":
        assert all(line.startswith("| ") and line.endswith(" |") for line in lines)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_record_is_a_line(filled: Filled, noun: str) -> None:
    listed = json.loads(crm(filled.home, noun, "list", "-o", "json").out)
    assert len(listed) == len(records(filled.home)[NOUNS[noun].name])
    for name, extra in (("jsonl", 0), ("tsv", 0), ("ids", 0), ("md", 2)):
        out = crm(filled.home, noun, "list", "-o", name).out
        assert out.count("\n") == len(listed) + extra
        if name == "tsv":
            assert len({line.count("\t") for line in out.splitlines()}) == 1
    screen = at_terminal(filled.home, noun, "list", "--limit", "1000").out.splitlines()
    assert sum(line.startswith(NOUNS[noun].letter) for line in screen) >= len(listed)


@pytest.mark.parametrize("noun", NOUNS)
def test_machine_formats_give_back_exactly_what_is_stored(filled: Filled, noun: str) -> None:
    entity = NOUNS[noun]
    fields = [field.key for field in entity.fields.values() if field.type == "text" and field.column]
    stored = records(filled.home)[entity.name]
    rows = json.loads(crm(filled.home, noun, "list", "-o", "json").out)
    raw = list(csv.DictReader(io.StringIO(crm(filled.home, "export", noun, "--raw").out, newline="")))
    guarded = list(csv.DictReader(io.StringIO(crm(filled.home, "export", noun).out, newline="")))
    assert len(rows) == len(raw) == len(guarded) == len(stored)
    for row, exact, safe in zip(rows, raw, guarded, strict=True):
        record = stored[row["id"]]
        for key in fields:
            text = record[entity.fields[key].column]
            assert row[key] == text
            assert exact[key] == (text or "")
            assert not safe[key].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert row["custom"].get(CUSTOM) == json.loads(record["custom"] or "{}").get(CUSTOM)


# Words of the command line


def some_variants(path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return a few calls of a command with hostile words, each command with other strings in other places."""
    start = list(audit.COMMANDS).index(path) * VARIED
    everything = list(audit.variants(path, islice(cycle(IN_ARGUMENTS), start % len(IN_ARGUMENTS), None)))
    return everything[:: max(1, len(everything) // VARIED)]


@pytest.mark.parametrize("path", audit.READING, ids=words)
def test_hostile_words_are_understood_literally_or_refused(filled: Filled, path: tuple[str, ...]) -> None:
    before = store(filled.home)
    for call in some_variants(path):
        before = check_words(filled.home, path, call, before)


@pytest.mark.parametrize("path", audit.WRITING, ids=words)
def test_hostile_words_are_kept_as_they_are_or_refused(home: Path, path: tuple[str, ...]) -> None:
    sure = audit.without_questions(path)
    before = store(home)
    for call in some_variants(path):
        before = check_words(home, path, (*call, *sure), before)
    ran = at_terminal(home, *path, *audit.calls(path)[0], *sure)  # nobody types; a question would wait for ever
    audit.check_quiet(path, ran)
    assert "[y/N]" not in ran.out


def store(home: Path) -> bytes:
    return (home / "data" / "crm.db").read_bytes()


def check_words(home: Path, path: tuple[str, ...], call: tuple[str, ...], before: bytes) -> bytes:
    """Run a command, check what it says, and return the store; an error must leave it as it was, to the byte."""
    ran = crm(home, *path, *call)
    audit.check_quiet(path, ran)
    after = store(home)
    if ran.code and not (path in audit.VERDICTS and ran.out):
        audit.check_told_in_one_line(ran)
        assert after == before, "nothing is written on an error"
    return after
