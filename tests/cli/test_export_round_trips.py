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
from hypothesis import HealthCheck, Phase, given, settings

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.cli.main import run
from crmcli.formats import ical_files, vcard_files
from tests.cli.invented import KINDS, RECORDS, Values, define, fill
from tests.cli.workspace import ENVIRONMENT

NOUNS = {ENTITIES[name].noun: ENTITIES[name] for name in KINDS}
OWN_TO_A_STORE = frozenset(  # what a store says of itself: of a score that came in a file it knows no more than that
    {
        "id",
        "ref",
        "version",
        "updated_at",
        "updated_by",
        "created_by",
        "stage_entered_at",
        "score_lines",
        "next_contact_set_at",
    }
)
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]  # making an example smaller takes minutes
TRIED = settings(phases=UNSHRUNK, suppress_health_check=list(HealthCheck))
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
    define(home / "data" / "crm.db")
    return home


def listed(crm: Crm, home: Path, noun: str) -> dict[str, Values]:
    """Return the records of a noun by uid, without what is a store's own."""
    fields = NOUNS[noun].fields
    computed = {key for key, field in fields.items() if field.derived and not field.writable}
    rows = json.loads(crm(home, "export", noun, "-o", "json"))
    left = OWN_TO_A_STORE | computed
    return {
        row["uid"]: {key: _plain(row[key]) for key in row if key not in left and key[-4:] != "_ref"} for row in rows
    }


def differences(here: dict[str, Values], there: dict[str, Values]) -> list[tuple[Any, ...]]:
    """Return what is not the same, in few words."""
    fields = [(key, of, there[uid][key]) for uid in here.keys() & there for key, of in here[uid].items()]
    return [*((uid,) for uid in here.keys() ^ there), *(found for found in fields if found[1] != found[2])]


def everything(document: str) -> dict[str, Values]:
    """Return all records of a store as they are stored, by entity and number."""
    return {f"{name} {one['id']}": one for name, records in json.loads(document).items() for one in records}


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
@settings(TRIED, max_examples=2)
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
        assert differences(everything(before), everything(crm(here, "export", "all"))) == []
        crm(there, "import", "auto", str(files))
        for noun in nouns:
            assert differences(listed(crm, here, noun), listed(crm, there, noun)) == []


OWN_FORMATS = {"contact": "vcf", "event": "ics", "task": "ics"}
SAID = {"contact": vcard_files.COLUMNS, "event": ical_files.COLUMNS["event"], "task": ical_files.COLUMNS["task"]}
UNSAID = {  # what address books and calendars have no word for
    "contact": {
        *("reports_to", "type", "rating", "payment_terms", "source", "source_detail", "referred_by", "do_not_call"),
        *("do_not_email", "email_status", "lifecycle_stage", "lifecycle_phase", "loyalty_card", "timezone"),
        *("follow_every", "next_contact_on", "organizations", "dates", "external_refs", "owner", "custom"),
    },
    "event": {"external_refs", "owner", "custom"},
    "task": {"result", "recur_mode", "estimate_minutes", "spent_minutes", "external_refs", "owner", "custom"},
}


@pytest.mark.parametrize("noun", OWN_FORMATS)
def test_what_a_card_or_calendar_cannot_say_is_known(noun: str) -> None:
    writable = {key for key, field in NOUNS[noun].fields.items() if field.writable and key != "full_name"}
    assert writable - {*SAID[noun]} == UNSAID[noun]


@settings(TRIED, max_examples=4)
@given(records=RECORDS)
def test_cards_and_calendars_come_back_as_they_went(crm: Crm, new: Path, records: dict[str, list[Values]]) -> None:
    with TemporaryDirectory() as folder:
        here, there, files = Path(folder, "here"), Path(folder, "there"), Path(folder, "files")
        shutil.copytree(new, here)
        shutil.copytree(new, there)
        files.mkdir()
        fill(here / "data" / "crm.db", records)
        before = crm(here, "export", "all")
        nouns = {noun: suffix for noun, suffix in OWN_FORMATS.items() if crm(here, noun, "list", "-o", "ids")}
        for noun, suffix in nouns.items():
            file = files / f"{noun}.{suffix}"
            crm(here, "export", noun, "--to", str(file))
            assert max(map(len, file.read_bytes().split(b"\r\n"))) <= 75, "lines are folded"
            crm(here, "import", noun, str(file))
        assert differences(everything(before), everything(crm(here, "export", "all"))) == []
        for noun in ("org", "lead", "deal"):
            crm(here, "export", noun, "--to", str(files / f"{noun}.csv"))
        crm(there, "import", "auto", str(files))
        for noun in nouns:
            found = differences(listed(crm, here, noun), listed(crm, there, noun))
            assert [one for one in found if one[0] in SAID[noun] or len(one) == 1] == []
