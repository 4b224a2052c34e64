"""Rules on consent: ``consent.granted`` and ``consent.withdrawn``, about the record of the person."""

from typing import Any

import pytest

from crmcli.errors import ConfigError
from crmcli.services import rules_by_hand
from crmcli.services.consents import record
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.merging import merge
from crmcli.services.rule_tests.trial import try_rule
from crmcli.services.rules_by_hand import find_rule
from crmcli.services.subjects import Record
from crmcli.services.undo import take_back
from tests.services.ruled import Ruled, rule

ANNA = {"full_name": "Anna Rossi", "emails": [{"value": "anna@example.com"}]}
STOP = rule("stop", '["consent.withdrawn"]', '{ action = "tag", add = ["no-marketing"] }', order="1")
JOIN = rule(
    "join",
    '["consent.granted"]',
    '{ action = "tag", add = ["newsletter"] }, { action = "log", body = "{{ record.full_name }} joined" }',
    when='"consent.newsletter = granted"',
)


def consent(ruled: Ruled, action: str, *people: Record, on: str = "03-01", **more: Any) -> Any:
    values = {"action": action, "purpose": "marketing", "occurred_at": f"2026-{on}T08:00:00Z", **more}
    return record(ruled.context(), people, values)


def tags(ruled: Ruled, person: Record) -> object:
    return ruled.store.shown(*person)["tags"]


@pytest.mark.parametrize("entity", ["lead", "contact"])
@pytest.mark.parametrize("action", ["withdraw", "object"])
def test_the_record_is_the_persons_lead_or_contact(ruled: Ruled, entity: str, action: str) -> None:
    ruled.given(STOP, JOIN)
    anna = (entity, ruled.store.add(entity, ANNA))
    consent(ruled, "grant", anna)
    assert tags(ruled, anna) == []
    consent(ruled, action, anna, on="03-02")
    assert tags(ruled, anna) == ["no-marketing"]
    (run,) = ruled.runs("stop")
    assert (run["event"], run["entity"], run["record_id"]) == ("consent.withdrawn", *anna)


def test_a_contact_comes_before_the_leads_of_the_same_person(ruled: Ruled) -> None:
    ruled.given(STOP)
    lead = ("lead", ruled.store.add("lead", ANNA))
    contact = ("contact", ruled.store.add("contact", ANNA))
    consent(ruled, "withdraw", lead)
    assert (tags(ruled, lead), tags(ruled, contact)) == ([], ["no-marketing"])
    assert len(ruled.runs("stop")) == 1


def test_a_condition_asks_for_the_consent_itself(ruled: Ruled) -> None:
    ruled.given(JOIN)
    anna = ("contact", ruled.store.add("contact", ANNA))
    consent(ruled, "grant", anna)
    assert tags(ruled, anna) == []
    consent(ruled, "grant", anna, purpose="newsletter", channel="email")
    assert tags(ruled, anna) == ["newsletter"]


def test_a_grant_that_an_earlier_recorded_withdrawal_beats_is_no_event(ruled: Ruled) -> None:
    ruled.given(STOP, rule("thank", '["consent.granted"]', '{ action = "tag", add = ["thanked"] }'))
    anna = ("contact", ruled.store.add("contact", ANNA))
    consent(ruled, "withdraw", anna, on="03-05")
    consent(ruled, "grant", anna, on="03-01")
    assert (len(ruled.runs("stop")), ruled.runs("thank")) == (1, [])
    consent(ruled, "grant", anna, on="03-10")
    consent(ruled, "withdraw", anna, on="03-06")
    assert (len(ruled.runs("stop")), len(ruled.runs("thank"))) == (1, 1)


def test_a_notice_and_an_expiry_are_no_events_of_consent(ruled: Ruled) -> None:
    ruled.given(STOP, rule("thank", '["consent.granted"]', '{ action = "tag", add = ["thanked"] }'))
    anna = ("contact", ruled.store.add("contact", ANNA))
    consent(ruled, "notice_read", anna, purpose=None)
    consent(ruled, "expire", anna)
    assert (ruled.runs("stop"), ruled.runs("thank"), ruled.store.count("consent")) == ([], [], 2)


def test_who_a_record_is_about_is_no_change_of_it(ruled: Ruled) -> None:
    """The first consent gives the record an identity, and a merge or conversion moves it: nobody edited anything."""
    ruled.given(rule("any", '["lead.updated", "lead.saved"]', '{ action = "tag", add = ["edited"] }'))
    anna = ("lead", ruled.store.add("lead", ANNA))
    consent(ruled, "grant", anna)
    assert tags(ruled, anna) == []
    assert ruled.runs("any") == []


def test_one_undo_takes_back_the_event_and_what_the_rule_made_of_it(ruled: Ruled) -> None:
    ruled.given(STOP)
    anna = ("contact", ruled.store.add("contact", ANNA))
    before = ruled.store.export()
    done = consent(ruled, "withdraw", anna)
    take_back(ruled.context(kind="undo"), done.operation_id)
    tagless = {name: rows for name, rows in ruled.store.export().items() if name != "tag"}
    assert tagless == {name: rows for name, rows in before.items() if name != "tag"}


def test_once_per_match_acts_again_after_a_withdrawal(ruled: Ruled) -> None:
    counted = rule(
        "count", '["consent.granted", "consent.withdrawn"]', '{ action = "log", body = "joined" }',
        when='"consent.marketing = granted"', once='"per_match"',
    )  # fmt: skip
    ruled.given(counted)
    anna = ("contact", ruled.store.add("contact", ANNA))
    for number, action in enumerate(("grant", "grant", "withdraw", "grant"), start=1):
        consent(ruled, action, anna, on=f"03-0{number}")
    assert len(ruled.runs("count")) == 2


def test_conversion_and_merge_are_no_news_of_consent(ruled: Ruled) -> None:
    ruled.given(STOP)
    lead = ("lead", ruled.store.add("lead", ANNA))
    consent(ruled, "withdraw", lead)
    convert(ruled.context(kind="convert"), lead[1], ConvertOptions(with_deal=False))
    other = ruled.store.add("contact", full_name="A. Rossi")
    merge(ruled.context(kind="merge"), "contact", other, [1])
    assert len(ruled.runs("stop")) == 1


def test_fields_must_exist_on_both_kinds_of_records(ruled: Ruled) -> None:
    ruled.given(rule("bad", '["consent.granted"]', '{ action = "tag", add = ["x"] }', when='"score > 1"'))
    with pytest.raises(ConfigError, match="contact has no field 'score'"):
        ruled.add("lead", full_name="Anna")


def test_it_is_tried_and_run_by_hand_on_a_lead_and_on_a_contact(ruled: Ruled) -> None:
    ruled.given(STOP)
    for entity in ("lead", "contact"):
        anna = (entity, ruled.store.add(entity, full_name=f"Anna {entity}"))
        asked = find_rule(ruled.context(), "stop")._replace(entity=entity)
        trial = try_rule(ruled.context(), asked, anna[1])
        assert (trial.reason, trial.effects) == ("", ("tagged no-marketing",))
        rules_by_hand.run_rule(ruled.context(kind="rule"), asked, [anna[1]])
        assert tags(ruled, anna) == ["no-marketing"]
