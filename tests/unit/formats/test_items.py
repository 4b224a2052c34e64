"""Items of others, changed in places: what was not changed stays as it was, whatever it is."""

from hypothesis import given
from hypothesis import strategies as st

from crmcli.formats.items import as_version_3, changed, joined, patched, split, without, zones_of

EVENT = ("BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "SUMMARY:Demo", "X-COLOUR:red", "X-COLOUR:blue",
         "DTSTART:20260320T090000Z", "DURATION:PT1H",
         "BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM", "END:VEVENT")  # fmt: skip


def event(*lines: str) -> tuple[str, ...]:
    return ("BEGIN:VEVENT", *lines, "END:VEVENT")


def test_a_file_comes_apart_and_together_again() -> None:
    zone = (
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Rome",
        "BEGIN:STANDARD",
        "DTSTART:20001029T030000",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        *zone,
        *EVENT,
        *event("UID:2", f"SUMMARY:{'long ' * 40}"),
        "END:VCALENDAR",
    )
    text = joined([lines])
    document = split(text)
    assert (len(document.components), document.components[0], document.text()) == (2, EVENT, text)
    assert zones_of(document.head) == {"Europe/Rome": zone}
    assert max(map(len, text.encode().split(b"\r\n"))) <= 75


def test_a_change_touches_its_property_alone() -> None:
    done = patched(EVENT, event("SUMMARY:Ours", "LOCATION:A"), event("SUMMARY:Ours", "LOCATION:B", "PRIORITY:1"))
    assert set(done) == {*EVENT, "LOCATION:B", "PRIORITY:1"}
    assert patched(EVENT, event("SUMMARY:Ours", "LOCATION:A"), event("SUMMARY:Ours")) == EVENT


def test_new_times_are_said_as_one_and_raise_the_revision() -> None:
    done = patched(EVENT, event("DTEND:20260320T100000Z"), event("DTSTART:20260320T090000Z", "DTEND:20260320T110000Z"))
    assert "DURATION:PT1H" not in done and {"DTEND:20260320T110000Z", "SEQUENCE:1"} <= set(done)
    again = patched(done, event("DTEND:20260320T110000Z"), event("DTEND:20260320T120000Z"))
    assert "SEQUENCE:2" in again and "SEQUENCE:1" not in again


def test_groups_with_labels_belong_together() -> None:
    card = ("BEGIN:VCARD", "VERSION:3.0", "item1.URL:https://example.com", "item1.X-ABLabel:Blog", "END:VCARD")
    ours = ("BEGIN:VCARD", "VERSION:4.0", "item1.EMAIL;PREF=1:a@example.com", "item1.X-ABLabel:Desk", "END:VCARD")
    done = patched(card, ("BEGIN:VCARD", "END:VCARD"), ours)
    assert done == (*card[:-1], "crm1.EMAIL;TYPE=pref:a@example.com", "crm1.X-ABLabel:Desk", "END:VCARD")
    assert changed(done[:2] + done[4:], ours) == {"EMAIL"}, "the preference is said in another way"
    assert patched(done, ours, ("BEGIN:VCARD", "END:VCARD")) == card


def test_cards_of_the_older_version() -> None:
    card = as_version_3(("BEGIN:VCARD", "VERSION:4.0", "UID;VALUE=text:1", "FN:A", "BDAY:--0302", "END:VCARD"))
    assert card == (
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:1",
        "FN:A",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-02",
        "N:;;;;",
        "END:VCARD",
    )


NAMES = st.sampled_from(
    ["SUMMARY", "LOCATION", "X-A", "X-B", "item1.EMAIL", "CATEGORIES", "DTSTART", "DUE", "RRULE", "N", "FN"]
)
LINES = st.lists(st.builds("{}:{}".format, NAMES, st.sampled_from("abc")), max_size=8).map(lambda lines: event(*lines))


@given(LINES, LINES, LINES)
def test_what_was_not_changed_stays_and_what_was_is_ours(
    theirs: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert patched(theirs, before, before) == theirs
    done = patched(theirs, before, after)
    touched = changed(before, after)
    for together in ({"DTSTART", "DTEND", "DUE", "DURATION"}, {"N", "FN"}):
        touched |= together if touched & together else set()
    assert not changed(done, theirs) - touched
    assert not changed(done, after) & touched
    assert not changed(patched(before, before, after), after)
    assert not changed(patched(after, after, without(after, theirs)), without(after, theirs))


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    document = split(f"BEGIN:VCALENDAR\r\n{text}\r\nBEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\n")
    for component in document.components:
        assert patched(component, component, component) == component
        changed(component, EVENT)
