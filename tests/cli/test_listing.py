"""What lists have in common, shown on leads and deals: conditions, views, columns, order, windows, formats."""

import csv
import io
import json

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def leads(workspace: Workspace) -> Workspace:
    """Three leads: Anna (hot), Bruno (cold), Carla."""

    def make() -> None:
        workspace.ok("lead", "add", "Anna Rossi", "--rating", "hot", "--company", "Acme")
        workspace.ok("lead", "add", "Bruno Bianchi", "--rating", "cold", "--tag", "vip")
        workspace.ok("lead", "add", "Carla Verdi")

    return workspace.once(make)


def test_off_a_terminal_rows_are_separated_by_tabs(leads: Workspace) -> None:
    assert leads.ok("lead", "list", "--columns", "ref,name,rating") == (
        "L1\tAnna Rossi\thot\nL2\tBruno Bianchi\tcold\nL3\tCarla Verdi\t"
    )


def test_every_format(leads: Workspace) -> None:
    words = ["lead", "list", "--columns", "ref,name", "--limit", "2", "-o"]
    assert [row["ref"] for row in json.loads(leads.ok(*words, "json"))] == ["L1", "L2"]
    assert [json.loads(line)["name"] for line in leads.ok(*words, "jsonl").splitlines()] == [
        "Anna Rossi",
        "Bruno Bianchi",
    ]
    assert list(csv.reader(io.StringIO(leads.ok(*words, "csv")))) == [
        ["ref", "name"],
        ["L1", "Anna Rossi"],
        ["L2", "Bruno Bianchi"],
    ]
    assert leads.ok(*words, "tsv") == "L1\tAnna Rossi\nL2\tBruno Bianchi"
    assert leads.ok(*words, "ids") == "L1\nL2"
    assert leads.ok(*words, "md").splitlines()[2] == "| L1 | Anna Rossi |"
    assert leads.ok(*words, "table").splitlines()[0].split() == ["Ref", "Name"]


def test_json_holds_every_stored_field(leads: Workspace) -> None:
    lead = leads.json("lead", "list", "--limit", "1")[0]
    assert {"ref", "id", "uid", "emails", "tags", "custom", "owner", "owner_ref", "created_at"} <= set(lead)
    assert (lead["phone"], lead["tags"], lead["custom"]) == (None, [], {})


def test_conditions_order_and_windows(leads: Workspace) -> None:
    assert leads.ok("lead", "list", "--where", "rating is empty", "-o", "ids") == "L3"
    assert leads.ok("lead", "list", "--sort", "-name", "-o", "ids") == "L3\nL2\nL1"
    assert leads.ok("lead", "list", "--limit", "1", "--offset", "1", "-o", "ids") == "L2"
    assert leads.ok("lead", "list", "--where", "tags has vip", "-o", "ids") == "L2"


def test_how_many_there_are_is_told_beside(leads: Workspace) -> None:
    assert leads.crm("lead", "list", "--limit", "2").err == "2 of 3 leads\n"
    assert leads.crm("lead", "list", "--limit", "2", "--offset", "1").err == "2-3 of 3 leads\n"
    assert leads.crm("lead", "list").err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--columns", "ref,nmae"], "did you mean name"),
        (["--sort", "-nmae"], "did you mean name"),
        (["--where", "score > abc"], "at character 9"),
        (["--where", "raitng = hot"], "did you mean rating"),
        (["-o", "yaml"], "the formats are table, json"),
        (["--limit", "many"], "many"),
    ],
)
def test_wrong_words_are_told(leads: Workspace, words: list[str], said: str) -> None:
    assert said in leads.refused(2, "lead", "list", *words)


def test_an_amount_is_no_word(workspace: Workspace) -> None:
    """Golden case 11.h."""
    said = workspace.refused(2, "deal", "list", "--where", "amount > abc")
    assert "'abc' is not a number, at character 10" in said


def test_exit_code_says_whether_something_matched(leads: Workspace) -> None:
    assert leads.crm("lead", "list", "--where", "rating = warm").code == 0
    assert leads.crm("lead", "list", "--where", "rating = warm", "--exit-code").code == 1
    assert leads.crm("lead", "list", "--where", "rating = hot", "--exit-code").code == 0


def test_a_saved_view_gives_condition_columns_and_order(leads: Workspace) -> None:
    leads.ok("view", "save", "rated", "--on", "lead", "--where", "rating is not empty", "--columns", "ref,rating",
             "--sort", "-ref")  # fmt: skip
    assert leads.ok("lead", "list", "--view", "rated") == "L2\tcold\nL1\thot"
    assert leads.ok("lead", "list", "--view", "rated", "--where", "rating = hot", "--columns", "ref") == "L1"
    assert "is of leads" in leads.refused(2, "deal", "list", "--view", "rated")
    assert "no view 'ratd'" in leads.refused(3, "lead", "list", "--view", "ratd")


def test_columns_of_other_records_and_custom_ones(workspace: Workspace) -> None:
    workspace.ok("field", "add", "deal", "region", "--type", "enum", "--option", "north", "--option", "south")
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create", "--set", "region=north")
    workspace.ok("org", "edit", "O1", "--country", "IT")
    words = ["deal", "list", "--columns", "ref,organization,organization.country,region"]
    assert workspace.ok(*words) == "D1\tAcme\tIT\tnorth"
    row = workspace.json(*words)[0]
    assert (row["organization_ref"], row["organization.country"], row["custom"]) == ("O1", "IT", {"region": "north"})


def test_on_a_terminal_as_many_rows_as_the_settings_say(leads: Workspace) -> None:
    code, screen = leads.at_terminal("lead", "list", env={"CRMCLI_ROWS": "2"})
    assert code == 0
    assert "Anna Rossi" in screen
    assert "Carla Verdi" not in screen
    assert "2 of 3 leads" in screen
    assert "Carla Verdi" in leads.at_terminal("lead", "list", "--limit", "9", env={"CRMCLI_ROWS": "2"})[1]


def test_hostile_names_do_not_reach_the_terminal(workspace: Workspace) -> None:
    name = "Eve\x1b[31m\u202eevil\r\nL9\tForged"
    workspace.ok("org", "add", name, "--domain", "eve.example.com")
    for words in (["org", "list"], ["org", "show", "O1"], ["show", "O1"], ["org", "list", "-o", "md"]):
        out = workspace.ok(*words)
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "L9\tForged" not in out
    assert workspace.json("org", "show", "O1")["name"] == name
    assert "\x1b[31m" not in workspace.at_terminal("org", "list")[1]


def test_show_is_one_record_in_every_format(leads: Workspace) -> None:
    assert leads.json("lead", "show", "1")["timeline"][0]["kind"] == "created"
    assert "rating\thot" in leads.ok("show", "l1").splitlines()
    assert leads.ok("lead", "show", "L1", "-o", "ids") == "L1"
    assert leads.ok("lead", "show", "L1", "-o", "csv").splitlines()[1].startswith("L1,Anna Rossi,Acme")
    assert leads.at_terminal("lead", "show", "L1")[1].startswith("Anna Rossi  lead L1 · new · Acme")
    assert "no lead 'L9'" in leads.refused(3, "lead", "show", "L9")
    assert "crm org show O3" in leads.refused(3, "lead", "show", "O3")
