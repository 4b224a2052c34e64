"""What the journal keeps of a command line."""

import pytest

from crmcli.cli.masking import masked


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["lead", "add", "Anna Rossi", "--email", "anna@example.com"], "crm lead add … --email …"),
        (["lead", "edit", "L12", "c7", "--set=city=Rome", "-y"], "crm lead edit L12 c7 --set=… -y"),
        (["deal", "ls"], "crm deal list"),
        (["lead", "add", "list"], "crm lead add …"),
        (["lead", "add", "--", "-anna"], "crm lead add … …"),
        (["log", "call", "-ojson", "--with", "C7", "-"], "crm log call … --with C7 -"),
        (["--db", "/srv/anna.db", "org", "rm", "O3"], "crm --db … org rm O3"),
        ([], "crm"),
    ],
)
def test_only_refs_and_names_of_options_stay(arguments: list[str], kept: str) -> None:
    assert masked(arguments) == kept


def test_plain_words_stay() -> None:
    assert masked(["deal", "move", "D5", "won", "--note", "Anna"], ["won"]) == "crm deal move D5 won --note …"
