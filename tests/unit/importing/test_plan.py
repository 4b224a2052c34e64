from pathlib import Path

import pytest

from crmcli.errors import UsageError
from crmcli.importing.plan import plan_files
from crmcli.importing.presets import Preset

FILES = {
    "a_tickets.csv": "Ticket ID,Ticket Name,Ticket Status\n",
    "b_deals.csv": "Deal Name,Deal Stage,Pipeline\n",
    "c_contacts.csv": "Contact ID,Lifecycle Stage\n",
    "d_companies.csv": "Company ID,Company Domain Name\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "README.md").write_text("notes")
    return tmp_path


def test_files_are_ordered_by_what_links_to_what(folder: Path, presets: dict[str, Preset]) -> None:
    plan = plan_files([folder, folder / "a_tickets.csv"], presets)
    assert [planned.entity for planned in plan.files] == ["organization", "contact", "deal", "ticket"]
    assert {planned.preset for planned in plan.files} == {"hubspot"}


def test_strangers_in_a_folder_are_told_and_left_out(folder: Path, presets: dict[str, Preset]) -> None:
    stranger = folder / "other.csv"
    stranger.write_text("x,y\n")
    assert plan_files([folder], presets).unrecognised == (stranger,)


def test_a_file_that_is_named_must_be_recognised(folder: Path, presets: dict[str, Preset]) -> None:
    stranger = folder / "other.csv"
    stranger.write_text("x,y\n")
    with pytest.raises(UsageError, match=r"other\.csv is not recognised"):
        plan_files([folder / "b_deals.csv", stranger], presets)


def test_a_folder_of_strangers_is_refused(tmp_path: Path, presets: dict[str, Preset]) -> None:
    (tmp_path / "other.csv").write_text("x,y\n")
    with pytest.raises(UsageError, match=r"nothing to import: other\.csv"):
        plan_files([tmp_path], presets)
