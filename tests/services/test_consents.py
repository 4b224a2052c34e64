"""The ledger of consents: who it is about, what it says, and that nothing makes it say anything else."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import RefusedError
from crmcli.services.consents import record
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.merging import merge
from crmcli.services.results import Result
from crmcli.services.subjects import Record
from crmcli.services.unconversion import unconvert
from crmcli.services.undo import take_back
from crmcli.services.writer import write
from tests.services.world import Store

ANNA = {"full_name": "Anna Rossi", "emails": [{"value": "anna@example.com"}]}


def consent(store: Store, action: str, *people: Record, on: str | None = None, **more: Any) -> Result:
    at = f"2026-{on}T08:00:00Z" if on else None
    values = {"action": action, "purpose": "marketing", "occurred_at": at, **more}
    return record(store.context(), people, values)


def state(store: Store, person: Record, path: str = "consent.marketing") -> object:
    (row,) = store.rows(f"SELECT r.subject_id FROM {person[0]} r WHERE r.id = ?", person[1])
    if path in store.shown(*person):
        return store.shown(*person)[path]
    from crmcli.catalogue import ENTITIES
    from crmcli.domain.consents import channel_field

    field = channel_field(ENTITIES[person[0]], path)
    assert field is not None
    (row,) = store.rows(f"SELECT {field.sql} AS state FROM {person[0]} r WHERE r.id = ?", person[1])
    return row["state"]


def subjects(store: Store, *people: Record) -> list[int | None]:
    return [store.row(*person)["subject_id"] for person in people]


def test_10_a_two_ticks_are_two_events(store: Store) -> None:
    anna = ("lead", store.add("lead", ANNA))
    record(store.context(), [anna], {"action": "notice_read", "notice_version": "v3", "origin": "form"})
    consent(store, "grant", anna, notice_version="v3", origin="form", text_shown="Yes, send me news")
    rows = store.rows("SELECT action, purpose, basis, origin, notice_version, text_shown FROM consent ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("notice_read", None, None, "form", "v3", None),
        ("grant", "marketing", "consent", "form", "v3", "Yes, send me news"),
    ]
    assert state(store, anna) == "granted"


def test_10_b_a_notice_that_was_read_grants_nothing(store: Store) -> None:
    anna = ("lead", store.add("lead", ANNA))
    record(store.context(), [anna], {"action": "notice_read", "notice_version": "v3"})
    assert state(store, anna) == "none"
    assert store.shown(*anna)["is_qualified"] is False


def test_10_c_a_grant_dated_before_the_withdrawal_that_was_recorded_first_changes_nothing(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))
    consent(store, "withdraw", anna, on="03-05")
    consent(store, "grant", anna, on="03-01")
    assert state(store, anna) == "withdrawn"


def test_10_d_a_grant_after_the_withdrawal_counts(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))
    consent(store, "withdraw", anna, on="03-05")
    consent(store, "grant", anna, on="03-10")
    assert state(store, anna) == "granted"


@pytest.mark.parametrize("ending", ["withdraw", "object"])
@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_of_the_same_instant_the_withdrawal_wins(store: Store, ending: str, order: Iterable[int]) -> None:
    anna = ("contact", store.add("contact", ANNA))
    for place in order:
        consent(store, ("grant", ending)[place], anna, on="03-05")
    assert state(store, anna) == "withdrawn"


def test_what_is_said_of_one_channel_holds_for_it_and_what_is_said_of_all_for_each(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))

    def states() -> list[object]:
        return [state(store, anna, f"consent.marketing{channel}") for channel in ("", ".email", ".sms", ".any")]

    consent(store, "grant", anna, on="03-01", channel="email")
    assert states() == ["granted", "granted", "none", "none"]
    consent(store, "grant", anna, on="03-02")
    assert states() == ["granted"] * 4
    consent(store, "withdraw", anna, on="03-03", channel="sms")
    assert states() == ["granted", "granted", "withdrawn", "granted"]
    consent(store, "withdraw", anna, on="03-04")
    assert states() == ["withdrawn"] * 4
    consent(store, "grant", anna, on="03-05", channel="sms")
    assert states() == ["granted", "withdrawn", "granted", "withdrawn"]
    assert state(store, anna, "consent.newsletter") == "none"
    consent(store, "expire", anna, on="03-06")
    assert states() == ["none"] * 4


_EVENT = st.tuples(
    st.sampled_from(["grant", "withdraw", "object", "expire", "notice_read"]),
    st.sampled_from(["email", "sms", "any"]),
    st.integers(1, 4),
)


@settings(max_examples=25)
@given(events=st.lists(_EVENT, max_size=5))
def test_the_state_is_what_the_latest_event_says_whatever_the_order(
    store: Store, events: list[tuple[str, str, int]]
) -> None:
    """The definition in Python against the one in SQL, which conditions, cards and the sender of mail share."""
    anna = ("contact", store.add("contact", full_name="Anna"))
    for action, channel, day in events:
        purpose = None if action == "notice_read" else "marketing"
        consent(store, action, anna, on=f"03-0{day}", channel=channel, purpose=purpose)

    def expected(channel: str) -> str:
        found = [(day, action != "grant", action != "expire", action) for action, named, day in events
                 if named in (channel, "any") and action != "notice_read"]  # fmt: skip
        last = max(found, default=(0, False, False, "expire"))[-1]
        return {"grant": "granted", "expire": "none"}.get(last, "withdrawn")

    by_channel = {channel: expected(channel) for channel in ("email", "sms", "any")}
    for channel, wanted in by_channel.items():
        assert state(store, anna, f"consent.marketing.{channel}") == wanted
    whole = state(store, anna)
    assert (whole == "granted") == ("granted" in by_channel.values())


def test_one_person_is_known_by_the_same_address_and_by_nothing_less(store: Store) -> None:
    contact = ("contact", store.add("contact", ANNA))
    lead = ("lead", store.add("lead", ANNA))
    namesake = ("lead", store.add("lead", {"full_name": "Anna Rossi", "phones": [{"value": "+39 02 1234567"}]}))
    same_phone = ("contact", store.add("contact", {"full_name": "Carlo", "phones": [{"value": "+39 02 1234567"}]}))
    consent(store, "grant", contact)
    consent(store, "withdraw", same_phone)
    assert subjects(store, contact, lead, namesake, same_phone) == [1, 1, None, 2]
    assert [state(store, one) for one in (lead, namesake)] == ["granted", "none"]


def test_an_address_of_an_office_proves_nothing(store: Store) -> None:
    office = [{"value": "info@example.com"}]
    one, other = (("lead", store.add("lead", {"full_name": name, "emails": office})) for name in ("Anna", "Carlo"))
    consent(store, "grant", one)
    late = ("contact", store.add("contact", {"full_name": "Luca", "emails": office}))
    assert subjects(store, one, other, late) == [1, None, None]


def test_two_who_are_told_apart_stay_apart(store: Store) -> None:
    contact, lead = ("contact", store.add("contact", ANNA)), ("lead", store.add("lead", ANNA))
    apart = {"distinct_from": [{"entity": "contact", "record_id": contact[1]}]}
    write(store.context(), lambda writer: writer.update("lead", lead[1], apart))
    consent(store, "grant", contact)
    assert subjects(store, contact, lead) == [1, None]


def test_who_comes_later_is_recognised(store: Store) -> None:
    first = ("contact", store.add("contact", ANNA))
    consent(store, "withdraw", first)
    lead = ("lead", store.add("lead", ANNA))
    other = ("lead", store.add("lead", full_name="A. Rossi"))
    store.edit("lead", other[1], {"+emails": ANNA["emails"]})
    assert subjects(store, lead, other) == [1, 1]
    write(store.context(), lambda writer: writer.delete("contact", first[1]))
    again = ("contact", store.add("contact", ANNA))
    assert (subjects(store, again), state(store, again)) == ([1], "withdrawn")


def test_an_address_that_joins_two_persons_joins_their_ledgers_when_consent_is_spoken_of(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))
    other = ("lead", store.add("lead", {"full_name": "A. Rossi", "emails": [{"value": "a@example.org"}]}))
    consent(store, "grant", anna, on="03-01")
    consent(store, "withdraw", other, on="03-02")
    store.edit("lead", other[1], {"+emails": ANNA["emails"]})
    assert subjects(store, anna, other) == [1, 2]
    consent(store, "grant", anna, on="03-01", purpose="newsletter")
    assert subjects(store, anna, other) == [1, 1]
    assert [state(store, one) for one in (anna, other)] == ["withdrawn", "withdrawn"]
    assert store.count("subject") == 1


@pytest.mark.parametrize("reused", [True, False])
def test_a_lead_and_what_it_becomes_share_the_person_until_it_is_taken_back(store: Store, reused: bool) -> None:
    contact = store.add("contact", full_name="Anna R") if reused else None
    lead = ("lead", store.add("lead", {"full_name": "Anna R", "emails": [{"value": "info@example.com"}]}))
    consent(store, "grant", lead)
    before = store.export()
    options = ConvertOptions(contact=contact or "new", with_deal=False)
    convert(store.context(kind="convert"), lead[1], options)
    made = ("contact", store.row("lead", lead[1])["converted_contact_id"])
    assert (subjects(store, made), state(store, made)) == ([1], "granted")
    consent(store, "withdraw", made)
    assert state(store, lead) == "withdrawn"
    if reused:
        return
    operation = store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    take_back(store.context(kind="undo"), operation)
    unconvert(store.context(), lead[1])
    assert store.export() == before


def test_consent_spoken_of_after_the_conversion_is_that_of_the_lead_too(store: Store) -> None:
    lead = ("lead", store.add("lead", full_name="Anna"))
    convert(store.context(kind="convert"), lead[1], ConvertOptions(with_deal=False))
    contact = ("contact", store.row("lead", lead[1])["converted_contact_id"])
    consent(store, "grant", contact)
    assert subjects(store, lead, contact) == [1, 1]


@pytest.mark.parametrize(("withdrawn_on", "wanted"), [("02-01", "granted"), ("03-02", "withdrawn")])
def test_8_g_a_merge_unites_the_ledgers(store: Store, withdrawn_on: str, wanted: str) -> None:
    keep, lose = (("contact", store.add("contact", full_name="Anna")) for _ in range(2))
    consent(store, "grant", keep, on="03-01")
    consent(store, "withdraw", lose, on=withdrawn_on)
    before = store.export()
    result = merge(store.context(kind="merge"), "contact", keep[1], [lose[1]])
    assert (state(store, keep), store.count("consent"), store.count("subject")) == (wanted, 2, 1)
    assert not result.warnings, "who they are is no field in which they differ"
    store.undo(result)
    assert [dict(row) for row in _stable(store.export())] == [dict(row) for row in _stable(before)]


def _stable(export: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Return exported rows without the time of the last change, which a merge moves and undo does not put back."""
    return [tuple(cell for cell in row if cell[0] != "updated_at") for table in export.values() for row in table]


def test_only_the_one_who_goes_had_a_ledger(store: Store) -> None:
    keep, lose = (("contact", store.add("contact", full_name=name)) for name in ("Anna", "Anna R"))
    consent(store, "withdraw", lose)
    merge(store.context(kind="merge"), "contact", keep[1], [lose[1]])
    assert state(store, keep) == "withdrawn"


def test_recording_is_one_step_that_undo_takes_back_and_redo_does_again(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))
    store.add("lead", ANNA)
    before = store.export()
    done = consent(store, "grant", anna)
    after = store.export()
    undone = store.undo(done)
    assert store.export() == before
    assert undone.operation_id is not None
    take_back(store.context(kind="redo"), undone.operation_id)
    assert store.export() == after


def test_the_ledger_is_never_changed(store: Store) -> None:
    anna = ("contact", store.add("contact", ANNA))
    consent(store, "grant", anna)
    with pytest.raises(RefusedError, match="only added to"):
        store.edit("consent", 1, action="withdraw")
    with pytest.raises(RefusedError, match="only added to"):
        write(store.context(), lambda writer: writer.delete("consent", 1))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"purpose": None}, "purpose: is required"),
        ({"action": "notice_read"}, "permits nothing"),
        ({"action": "withdraw", "basis": "contract"}, "is that of a grant"),
        ({"occurred_at": "2026-03-19T08:00:00Z"}, "in the future"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, values: dict[str, Any], reason: str) -> None:
    anna = ("contact", store.add("contact", ANNA))
    before = store.export()
    with pytest.raises(RefusedError, match=reason):
        record(store.context(), [anna], {"action": "grant", "purpose": "marketing", **values})
    assert store.export() == before


def test_s87_a_lead_is_qualified_by_consent_and_interest_together(store: Store) -> None:
    lead = store.add("lead", {**ANNA, "score": 50})
    assert store.shown("lead", lead)["is_qualified"] is False
    consent(store, "grant", ("lead", lead), channel="email")
    assert store.shown("lead", lead)["is_qualified"] is True
    store.edit("lead", lead, score=49)
    assert store.shown("lead", lead)["is_qualified"] is False
    store.add("interaction", kind="email", direction="in", links=[{"entity": "lead", "record_id": lead}])
    assert store.shown("lead", lead)["is_qualified"] is True
    consent(store, "object", ("lead", lead))
    assert store.shown("lead", lead)["is_qualified"] is False
