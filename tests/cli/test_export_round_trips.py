"""What is exported and read in again: nothing changes here, and elsewhere the records are the same."""

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crmcli import clock
from crmcli.cli.main import run
from tests.cli.invented import CUSTOM, OPTIONS, RECORDS, Values, fill
from tests.cli.workspace import ENVIRONMENT

NOUNS = ("org", "contact", "lead", "deal", "task", "event", "log", "ticket")
OWN_TO_A_STORE = frozenset(
    {
        *("id", "ref", "version", "updated_at", "updated_by", "updated_by_ref", "created_by", "created_by_ref"),
        *("stage_entered_at", "owner", "owner_ref"),
    }
)
Crm = Callable[..., str]


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run a command on a home that must succeed; return what it prints."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "HOME": str(tmp_path_factory.mktemp("home"))}.items():
            patch.setenv(name, value)

        def call(home: Path, *words: str) -> str:
            patch.setenv("CRMCLI_HOME", str(home))
            out, err = StringIO(), StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = run([*words])
            assert code == 0, (words, err.getvalue())
            return out.getvalue()

        yield call
        clock.fix(None)


@pytest.fixture(scope="module")
def new(crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a new store and some custom fields."""
    home = tmp_path_factory.mktemp("new")
    crm(home, "init", "-q")
    for key, kind in CUSTOM:
        options = [word for option in OPTIONS for word in ("--option", option)] if kind == "multi_enum" else []
        crm(home, "field", "add", "lead", key, "--type", kind, *options)
    return home


def listed(crm: Crm, home: Path, noun: str) -> dict[str, Values]:
    """Return the records of a noun by uid, without what is a store's own."""
    rows = json.loads(crm(home, "export", noun, "-o", "json"))
    return {
        row["uid"]: {key: _plain(row[key]) for key in row if key not in OWN_TO_A_STORE and key[-4:] != "_ref"}
        for row in rows
    }


def differences(here: dict[str, Values], there: dict[str, Values]) -> list[tuple[Any, ...]]:
    """Return what is not the same, in few words."""
    fields = [(key, of, there[uid][key]) for uid in here.keys() & there for key, of in here[uid].items()]
    return [*((uid,) for uid in here.keys() ^ there), *(found for found in fields if found[1] != found[2])]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()) or None  # blanks around a text, and how its lines end, are nobody's concern
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return (
        {key: _plain(of) for key, of in value.items() if key != "ref" and key[-4:] != "_ref"}
        if isinstance(value, dict)
        else value
    )


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl", "json"])
@settings(max_examples=2, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=RECORDS)
def test_lists_come_back_as_they_went(crm: Crm, new: Path, suffix: str, records: dict[str, list[Values]]) -> None:
    with TemporaryDirectory() as folder:
        here, there, files = Path(folder, "here"), Path(folder, "there"), Path(folder, "files")
        shutil.copytree(new, here)
        shutil.copytree(new, there)
        files.mkdir()
        fill(here / "data" / "crm.db", records)
        nouns = [noun for noun in NOUNS if crm(here, noun, "list", "-o", "ids")]
        for noun in nouns:
            crm(here, "export", noun, "--to", str(files / f"{noun}.{suffix}"))
        before = crm(here, "export", "all")
        for noun in nouns:
            crm(here, "import", noun, str(files / f"{noun}.{suffix}"))
        assert [*set(crm(here, "export", "all").splitlines()) ^ set(before.splitlines())] == []
        crm(there, "import", "auto", str(files))
        for noun in nouns:
            assert differences(listed(crm, here, noun), listed(crm, there, noun)) == []
