import os
from pathlib import Path

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Field
from crmcli.errors import ConfigError, UsageError
from crmcli.importing.presets import Preset, choose_kind, find_preset, load_presets, recognise
from crmcli.importing.targets import parse_target


def test_every_target_of_every_preset_exists(presets: dict[str, Preset]) -> None:
    for preset in presets.values():
        for kind in preset.kinds.values():
            custom = {key: Field(key, field.type, field.label) for key, field in kind.custom.items()}
            for shape in kind.shapes.values():
                for target in (*shape.columns, *shape.values):
                    assert parse_target(shape.entity, target, custom) is not None
                assert set(shape.constants) <= set(ENTITIES[shape.entity].fields)


def test_the_generic_preset_is_never_recognised(presets: dict[str, Preset]) -> None:
    assert all(not kind.signatures for kind in presets["generic"].kinds.values())


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("Record ID,Lifecycle stage,First Name,Company name", "hubspot contacts"),
        ("\ufeffContact ID , LIFECYCLE STAGE *", "hubspot contacts"),
        ("Company ID,Company name,Company Domain Name,Company owner", "hubspot companies"),
        ("Deal ID,Deal Name,Deal Stage,Pipeline", "hubspot deals"),
        ("Ticket ID,Ticket name,Ticket status", "hubspot tickets"),
        ("Activity ID,Activity Type,Activity Date", "hubspot activities"),
        ("ID,ISDELETED,NAME,BILLINGSTREET,OWNERID", "salesforce accounts"),
        ("Id,LastName,Company,LeadSource,OwnerId", "salesforce leads"),
        ("Lead ID,Company / Account,Last Name", "salesforce leads"),
        ("Id,LastName,FirstName,AccountId", "salesforce contacts"),
        ("ID,STAGENAME,ISWON", "salesforce opportunities"),
        ("Opportunity ID,Opportunity Name,Stage", "salesforce opportunities"),
    ],
)
def test_vendors_are_recognised_by_their_headers(presets: dict[str, Preset], header: str, title: str) -> None:
    kind = recognise(header.split(","), presets.values())
    assert kind is not None
    assert kind.title == title


def test_zoho_deals_are_not_taken_for_hubspot_ones(presets: dict[str, Preset]) -> None:
    assert recognise(["Record Id", "Deal Name", "Deal Stage", "Pipeline", "Closing Date"], presets.values()) is None


def test_a_tie_names_the_candidates(presets: dict[str, Preset]) -> None:
    header = ["Deal Name", "Deal Stage", "Pipeline", "Ticket Name", "Ticket Status"]
    with pytest.raises(UsageError, match=r"hubspot deals, hubspot tickets") as caught:
        recognise(header, presets.values())
    assert caught.value.exit_code == 2


def test_the_noun_breaks_a_tie(presets: dict[str, Preset]) -> None:
    header = ["Deal Name", "Deal Stage", "Pipeline", "Ticket Name", "Ticket Status"]
    assert choose_kind(header, presets, "ticket").title == "hubspot tickets"


def test_an_unknown_header_is_read_by_the_generic_preset(presets: dict[str, Preset]) -> None:
    assert choose_kind(["Nome", "Cognome"], presets, "lead").title == "generic leads"


def test_a_named_preset_reads_a_file_without_signature(presets: dict[str, Preset]) -> None:
    assert choose_kind(["Name"], presets, "organization", "hubspot").title == "hubspot companies"
    with pytest.raises(UsageError, match="no file of lead"):
        choose_kind(["Name"], presets, "lead", "linkedin")


def test_an_unknown_preset_names_the_nearest(presets: dict[str, Preset]) -> None:
    with pytest.raises(UsageError) as caught:
        find_preset(presets, "hubspt")
    assert "hubspot" in str(caught.value.hint)


def test_presets_of_the_user_come_on_top(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "erp.toml").write_text(
        'system = "erp"\n[[kinds]]\nname = "customers"\nentity = "organization"\nsignatures = [["Kunde"]]\n'
        '[kinds.columns]\nname = ["Kunde"]\n'
    )
    kind = recognise(["Kunde"], load_presets(tmp_path).values())
    assert kind is not None
    assert kind.system == "erp"


KIND = "[[kinds]]\nname = 'x'\n"


@pytest.mark.parametrize(
    "text", ["kinds = [", "kinds = 3\n", KIND, f"{KIND}entity = 'lead'\ncolumns = {{last_name = 'Name'}}\n"]
)
def test_a_broken_preset_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "mine.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_presets(tmp_path)


def test_a_pipe_is_no_preset(tmp_path: Path) -> None:
    path = tmp_path / "presets" / "erp.toml"
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(ConfigError, match=r"erp\.toml: not a regular file"):
        load_presets(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "Mine"\n', "no 'titel' stands here; did you mean title?"),
        ('[[kinds]]\nname = "a"\nentity = "contact"\nsignature = [["A"]]\n', "did you mean signatures?"),
        ('[[kinds]]\nname = "a"\nentity = "contact"\n[kinds.column]\nname = ["A"]\n', "did you mean columns?"),
        (
            '[[kinds]]\nname = "a"\nentity = "lead"\nroute = ["A"]\n[[kinds.routes]]\nwhen = ["x"]\nentitty = "lead"\n',
            "did you mean entity?",
        ),
        ('[[kinds]]\nname = "a"\nentity = "contacts"\n', "no entity 'contacts'; there are organization, contact"),
        ('[[kinds]]\nname = "a"\nentity = "contact"\nsignatures = ["A"]\n', "'A' should be a list of headers"),
        (
            '[[kinds]]\nname = "a"\nentity = "contact"\n[kinds.custom]\na = { label = "A", type = "integer" }\n',
            "no type 'integer'; there are text, int",
        ),
        ('[[kinds]]\nname = "a"\nentity = "lead"\n[kinds.custom]\na = { labl = "A" }\n', "did you mean label?"),
    ],
)
def test_a_slip_in_a_preset_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_presets(tmp_path)
    assert "mine.toml" in caught.value.message
    assert said in caught.value.message


def test_a_preset_without_kinds_says_so(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.toml").write_text('title = "Mine"\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        choose_kind(["Name"], load_presets(tmp_path), "contact", "mine")
    assert caught.value.hint == "its file describes no [[kinds]]"
