import pytest

from crmcli.domain.schema import Field
from crmcli.errors import UsageError
from crmcli.importing.targets import parse_target


@pytest.mark.parametrize(
    ("entity", "name", "key", "kind"),
    [
        ("contact", "first_name", "first_name", "text"),
        ("lead", "title", "job_title", "text"),
        ("contact", "email", "emails", "emails"),
        ("contact", "phones.mobile", "phones", "phones"),
        ("contact", "full_name", "full_name", "full_name"),
        ("contact", "organization.domain", "organization", "link"),
        ("contact", "birthdate", "birthdate", "birthdate"),
        ("contact", "created_at", "created_at", "instant"),
        ("contact", "tags", "tags", "tags"),
        ("contact", "owner", "owner", "link"),
        ("organization", "employees", "employees", "employees"),
        ("lead", "employees", "employees", "int"),
        ("organization", "country", "billing_country", "text"),
        ("deal", "amount", "amount", "money"),
        ("deal", "closed_at", "closed_at", "instant"),
        ("deal", "stage", "stage", "link"),
        ("deal", "lost_reason", "lost_reason", "enum"),
        ("task", "due_at", "due_at", "zoned"),
        ("task", "contact.email", "contact", "link"),
        ("event", "start_at", "start_at", "zoned"),
        ("ticket", "closed_at", "closed_at", "instant"),
        ("deal", "external_id", "external_id", "external_id"),
        ("deal", "custom.budget", "budget", "money"),
        ("deal", "budget", "budget", "money"),
    ],
)
def test_targets_by_name(entity: str, name: str, key: str, kind: str) -> None:
    custom = {"budget": Field("budget", "money", "Budget")}
    target = parse_target(entity, name, custom)
    assert target is not None
    assert (target.key, target.kind) == (key, kind)


@pytest.mark.parametrize("name", ["", "ignore", "-", " ignore "])
def test_a_column_may_become_nothing(name: str) -> None:
    assert parse_target("lead", name) is None


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ("lead", "id"),
        ("lead", "version"),
        ("lead", "converted_by"),
        ("deal", "full_name"),
        ("deal", "weighted_amount"),
        ("contact", "organization.colour"),
        ("contact", "custom.unknown"),
        ("organization", "name.first"),
    ],
)
def test_what_no_file_may_set_is_no_target(entity: str, name: str) -> None:
    with pytest.raises(UsageError, match="cannot become"):
        parse_target(entity, name)


def test_an_unknown_target_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        parse_target("contact", "frist_name")
    assert "first_name" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["uid", "ref", "id", "version", "created_by"])
def test_the_hint_proposes_no_refused_target(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target("lead", name)
    hint = caught.value.hint or ""
    for proposed in hint.removeprefix("did you mean ").rstrip("?").split(" or "):
        assert not proposed or parse_target("lead", proposed)
