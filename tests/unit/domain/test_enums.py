import pytest

from crmcli.domain.closed_lists import ENUMS
from crmcli.domain.enums import choose, kind, label, values
from crmcli.domain.text import fold_key


@pytest.mark.parametrize("name", ENUMS)
def test_every_word_means_one_value(name: str) -> None:
    owners: dict[str, str] = {}
    for choice in ENUMS[name]:
        for word in (choice.key, choice.label, *choice.italian, *choice.aliases):
            assert owners.setdefault(fold_key(word), choice.key) == choice.key, word
            assert choose(name, word) == choice.key


@pytest.mark.parametrize("name", ENUMS)
def test_keys_are_snake_case_and_have_labels(name: str) -> None:
    assert len(set(values(name))) == len(values(name))
    for key in values(name):
        assert key.replace("_", "").isalnum() and key == key.lower()
        assert label(name, key)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lead_status", "Open - Not Contacted", "new"),
        ("lead_status", "da contattare", "new"),
        ("deal_outcome", "Closed/Won", "won"),
        ("deal_outcome", "closedlost", "lost"),
        ("source", "già cliente", "customer"),
        ("source", "GIA  CLIENTE", "customer"),
        ("source", "E-mail", "email"),
        ("ticket_status", "Open_Pending Input", "waiting_customer"),
        ("ticket_severity", "CRITICAL", "critical"),
        ("attendee_response", "NEEDS-ACTION", "none"),
        ("priority", "media", "normal"),
        ("lead_status", "no such status", None),
        ("lead_status", "", None),
        ("lead_status", "!", None),
    ],
)
def test_choose(name: str, text: str, value: str | None) -> None:
    assert choose(name, text) == value


def test_kinds() -> None:
    assert kind("lead_status", "converted") == "won"
    assert kind("ticket_status", "on_hold") == "paused"
    assert kind("task_status", "cancelled") == "dropped"
    assert kind("rating", "hot") == ""


def test_unknown_values_are_errors() -> None:
    with pytest.raises(KeyError):
        kind("rating", "lukewarm")
    with pytest.raises(KeyError):
        values("no_such_list")
