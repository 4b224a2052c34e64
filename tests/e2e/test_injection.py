"""Conditions, columns, orders and names are a language of their own: nothing in them reaches SQL or an interpreter."""

import json
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from crmcli.catalogue import ENTITIES
from tests.e2e import audit
from tests.e2e.forking import Ran, crm

_STATEMENTS = (
    "1; DROP TABLE lead",
    "'; DELETE FROM lead; --",
    '"; UPDATE lead SET city = NULL; --',
    "x' OR '1'='1",
    "x'/**/UNION/**/SELECT/**/1--",
    "name) UNION SELECT sql FROM sqlite_master --",
    "(SELECT sql FROM sqlite_master)",
    "name = (SELECT name FROM sqlite_master)",
    "CASE WHEN (SELECT 1) THEN name ELSE city END",
    "name COLLATE NOCASE; PRAGMA writable_schema=1",
    "ATTACH DATABASE 'x.db' AS x",
    "load_extension('x')",
    "randomblob(1000000000)",
    "r.id",
    "rowid",
    "sqlite_master.sql",
    "lead.name",
    "name--",
    "name/*",
    "name;",
    "name\0",
    "name]",
    "[name]",
    '"name"',
    "`name`",
    "name AS x",
    "name,(SELECT 1)",
    "-name,(SELECT 1)",
    "name DESC",
    "1",
    "*",
    "%",
    "_",
    "?",
    ":row_limit",
    "@x",
    "$x",
    "{name}",
    "{{7*7}}",
    "%s",
    "%(name)s",
    "__class__",
    "name.__class__.__mro__",
    "custom.x'; --",
    "custom.x') FROM lead; --",
    "custom.$",
    "custom.",
    ".name",
    "owner.owner.owner.owner.owner.handle",
    "owner.__dict__",
    "name ~ '%'",
    "name = 'x' or 1=1",
    "name is not empty; select 1",
    "__import__('os').system('touch pwn')",
    "$(touch pwn)",
    "`touch pwn`",
    "| touch pwn",
    "\x1b[2Jname",
    "name\nOR 1=1",
    "\u202ename",
    "ｎａｍｅ",
    "name\u00a0=\u00a0x",
    "' || (SELECT password FROM user) || '",
    "strftime('%s', name)",
    "json_extract(custom, '$')",
    "fold(name)",
    "EXISTS (SELECT 1 FROM lead)",
    "name IN (SELECT name FROM lead)",
    "name = x'41'",
    "name = 0x41",
    "name = 1e9999",
    "score > 9223372036854775808",
    "score > -9223372036854775809",
    "score > 99999999999999999999999999999999",
    "expected_amount > 1e400",
    "created > 99999-01-01",
    "created > 0000-00-00",
    "created > '2026-02-30'",
    'name ~ "(a+)+$"',
    "name = 'unclosed",
    'name = "unclosed',
    "name = ''''",
    "not",
    "and",
    "or or or",
    "()",
    "name in ()",
    "name in (,)",
    "name between",
    "name = = x",
    "name != ",
    "is empty",
    "=",
    "\\",
    "'",
    '"',
    "(",
    ")",
    ",",
    "-",
    "--",
    ";",
)
_PLACES = ("--where", "--sort", "--columns", "--view")
_BOMBS = (
    "(" * 10_000,
    "not " * 10_000,
    "a" * 1_000_000,
    "name = x or " * 10_000,
    "'" * 10_001,
    "name in (" + "x," * 9_000,
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few leads."""
    home = tmp_path_factory.mktemp("injection")
    assert crm(home, "init").code == 0
    for name in ("Anna Rossi", "Bruno Bianchi"):
        assert crm(home, "lead", "add", name, "--set", "city=Rome").code == 0
    return home


def content(home: Path) -> tuple[str, list[tuple[str, int]]]:
    """Return the hash of the schema and of all there is, and the number of rows of each table."""
    with closing(sqlite3.connect(home / "data" / "crm.db")) as con:
        tables = [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        counts = [(name, con.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]) for name in tables]
        return sha256("\n".join(con.iterdump()).encode()).hexdigest(), counts


def check_no_effect(ran: Ran, home: Path) -> None:
    """Check that a reading command told an error in one line or found something literally, and did nothing else."""
    audit.check_quiet(("lead", "list"), ran)
    assert ran.code in (0, 2, 3), ran
    if ran.code:
        assert ran.out == ""
        audit.check_told_in_one_line(ran)
    assert "sqlite" not in ran.out.lower()
    assert not list(home.rglob("pwn"))


@pytest.mark.parametrize("place", _PLACES)
def test_no_option_of_a_list_reaches_sql(workspace: Path, place: str) -> None:
    before = content(workspace)
    for text in _STATEMENTS if place == "--where" else _STATEMENTS[_PLACES.index(place) % 2 :: 2]:
        ran = crm(workspace, "lead", "list", f"{place}={text}".replace("\0", "\udc00"), "-o", "jsonl")
        check_no_effect(ran, workspace)
        if ran.code == 0:
            assert {json.loads(line)["ref"] for line in ran.out.splitlines()} <= {"L1", "L2"}
    assert content(workspace) == before


@pytest.mark.parametrize(
    "call", [("report", "pipeline", "--by"), ("report", "kpi", "--period"), ("find", "--"), ("show", "--")]
)
def test_no_other_word_of_a_reader_reaches_sql(workspace: Path, call: tuple[str, ...]) -> None:
    before = content(workspace)
    for text in _STATEMENTS[::3]:
        check_no_effect(crm(workspace, *call, text.replace("\0", "\udc00")), workspace)
    assert content(workspace) == before


def test_names_of_fields_in_a_write_reach_no_sql(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "home")
    before = content(tmp_path / "home")
    for text in _STATEMENTS[::3]:
        if text.partition("=")[0].strip() in ENTITIES["lead"].fields:
            continue  # this is how a field is set
        ran = crm(tmp_path / "home", "lead", "edit", "L1", "--set", f"{text}=x", "--yes")
        assert ran.code in (2, 4), ran
    assert content(tmp_path / "home") == before


@pytest.mark.parametrize("place", ["--where", "--sort", "--columns"])
@pytest.mark.parametrize("bomb", _BOMBS, ids=lambda text: f"{text[:9]}x{len(text)}")
def test_bombs_are_refused_at_once(workspace: Path, place: str, bomb: str) -> None:
    ran = crm(workspace, "lead", "list", f"{place}={bomb}")
    assert ran.code == 2
    check_no_effect(ran, workspace)
