from datetime import datetime
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.domain.dates import parse_moment

ROME = "Europe/Rome"
SATURDAY = datetime.fromisoformat("2026-11-21T12:00:00+01:00")
WEDNESDAY = datetime.fromisoformat("2026-03-18T12:00:00+01:00")

FORMS = [  # text, wall time on Saturday 2026-11-21, wall time on Wednesday 2026-03-18
    ("today", "2026-11-21", "2026-03-18"),
    ("oggi", "2026-11-21", "2026-03-18"),
    ("tomorrow", "2026-11-22", "2026-03-19"),
    ("domani", "2026-11-22", "2026-03-19"),
    ("Yesterday", "2026-11-20", "2026-03-17"),
    ("ieri", "2026-11-20", "2026-03-17"),
    ("dopodomani", "2026-11-23", "2026-03-20"),
    ("the day after tomorrow", "2026-11-23", "2026-03-20"),
    ("l’altro ieri", "2026-11-19", "2026-03-16"),
    ("now", "2026-11-21T12:00", "2026-03-18T12:00"),
    ("adesso", "2026-11-21T12:00", "2026-03-18T12:00"),
    ("friday", "2026-11-27", "2026-03-20"),
    ("next friday", "2026-11-27", "2026-03-20"),
    ("next friday 9am", "2026-11-27T09:00", "2026-03-20T09:00"),
    ("venerdì prossimo", "2026-11-27", "2026-03-20"),
    ("prossimo venerdì", "2026-11-27", "2026-03-20"),
    ("venerdì prossimo alle 15", "2026-11-27T15:00", "2026-03-20T15:00"),
    ("saturday", "2026-11-28", "2026-03-21"),
    ("mercoledì", "2026-11-25", "2026-03-25"),
    ("last monday", "2026-11-16", "2026-03-16"),
    ("lunedì scorso", "2026-11-16", "2026-03-16"),
    ("on wed", "2026-11-25", "2026-03-25"),
    ("mar 15:00", "2026-11-24T15:00", "2026-03-24T15:00"),
    ("mar 15", "2027-03-15", "2027-03-15"),
    ("+3d", "2026-11-24", "2026-03-21"),
    ("-2w", "2026-11-07", "2026-03-04"),
    ("+1m", "2026-12-21", "2026-04-18"),
    ("+1y", "2027-11-21", "2027-03-18"),
    ("+3d 9am", "2026-11-24T09:00", "2026-03-21T09:00"),
    ("+4h", "2026-11-21T16:00", "2026-03-18T16:00"),
    ("+20min", "2026-11-21T12:20", "2026-03-18T12:20"),
    ("in 3 days", "2026-11-24", "2026-03-21"),
    ("tra 3 giorni", "2026-11-24", "2026-03-21"),
    ("fra due settimane", "2026-12-05", "2026-04-01"),
    ("fra dodici mesi", "2027-11-21", "2027-03-18"),
    ("tra un'ora", "2026-11-21T13:00", "2026-03-18T13:00"),
    ("in an hour", "2026-11-21T13:00", "2026-03-18T13:00"),
    ("a week ago", "2026-11-14", "2026-03-11"),
    ("3 days ago", "2026-11-18", "2026-03-15"),
    ("3 giorni fa", "2026-11-18", "2026-03-15"),
    ("due settimane fa alle 9", "2026-11-07T09:00", "2026-03-04T09:00"),
    ("som", "2026-11-01", "2026-03-01"),
    ("eom", "2026-11-30", "2026-03-31"),
    ("sow", "2026-11-16", "2026-03-16"),
    ("eow", "2026-11-22", "2026-03-22"),
    ("soq", "2026-10-01", "2026-01-01"),
    ("eoq", "2026-12-31", "2026-03-31"),
    ("soy", "2026-01-01", "2026-01-01"),
    ("eoy", "2026-12-31", "2026-12-31"),
    ("end of month", "2026-11-30", "2026-03-31"),
    ("fine mese", "2026-11-30", "2026-03-31"),
    ("fine settimana", "2026-11-22", "2026-03-22"),
    ("fine anno", "2026-12-31", "2026-12-31"),
    ("inizio del trimestre", "2026-10-01", "2026-01-01"),
    ("next week", "2026-11-28", "2026-03-25"),
    ("mese prossimo", "2026-12-21", "2026-04-18"),
    ("l'8 marzo", "2027-03-08", "2027-03-08"),
    ("15 gennaio", "2027-01-15", "2027-01-15"),
    ("il 15 gennaio 2028 alle ore 9.30", "2028-01-15T09:30", "2028-01-15T09:30"),
    ("1º aprile", "2027-04-01", "2026-04-01"),
    ("Jan 15 2027", "2027-01-15", "2027-01-15"),
    ("January 15th, 2027, 2pm", "2027-01-15T14:00", "2027-01-15T14:00"),
    ("15/03/2026", "2026-03-15", "2026-03-15"),
    ("03/15/2026", "2026-03-15", "2026-03-15"),
    ("15.3.26", "2026-03-15", "2026-03-15"),
    ("4/4", "2027-04-04", "2026-04-04"),
    ("29 feb", "2028-02-29", "2028-02-29"),
    ("tomorrow 9am", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("9am tomorrow", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("tomorrow at 9", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("tomorrow 14:30", "2026-11-22T14:30", "2026-03-19T14:30"),
    ("domani alle 15", "2026-11-22T15:00", "2026-03-19T15:00"),
    ("domani a mezzogiorno", "2026-11-22T12:00", "2026-03-19T12:00"),
    ("oggi h 15:30", "2026-11-21T15:30", "2026-03-18T15:30"),
    ("noon", "2026-11-21T12:00", "2026-03-18T12:00"),
    ("h 15:30", "2026-11-21T15:30", "2026-03-18T15:30"),
    ("9am", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("12am", "2026-11-22T00:00", "2026-03-19T00:00"),
    ("tomorrow 9", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("domani 9.30", "2026-11-22T09:30", "2026-03-19T09:30"),
    ("tomorrow 9 pm", "2026-11-22T21:00", "2026-03-19T21:00"),
    ("tomorrow at nine", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("domani alle 9 e mezza", "2026-11-22T09:30", "2026-03-19T09:30"),
    ("all'una", "2026-11-22T01:00", "2026-03-19T01:00"),
    ("3 o'clock", "2026-11-22T03:00", "2026-03-19T03:00"),
    ("stasera", "2026-11-21T19:00", "2026-03-18T19:00"),
    ("stasera alle 8", "2026-11-21T20:00", "2026-03-18T20:00"),
    ("tonight at 9:30", "2026-11-21T21:30", "2026-03-18T21:30"),
    ("this evening", "2026-11-21T19:00", "2026-03-18T19:00"),
    ("questo pomeriggio", "2026-11-21T15:00", "2026-03-18T15:00"),
    ("domattina", "2026-11-22T09:00", "2026-03-19T09:00"),
    ("domani mattina alle 10", "2026-11-22T10:00", "2026-03-19T10:00"),
    ("friday morning", "2026-11-27T09:00", "2026-03-20T09:00"),
    ("ieri sera", "2026-11-20T19:00", "2026-03-17T19:00"),
    ("last night", "2026-11-20T21:00", "2026-03-17T21:00"),
    ("alle 9 di sera", "2026-11-21T21:00", "2026-03-18T21:00"),
    ("9.30 in the evening", "2026-11-21T21:30", "2026-03-18T21:30"),
    ("in half an hour", "2026-11-21T12:30", "2026-03-18T12:30"),
    ("mezz'ora fa", "2026-11-21T11:30", "2026-03-18T11:30"),
    ("2 weeks from now", "2026-12-05", "2026-04-01"),
    ("monday next week", "2026-11-23", "2026-03-23"),
    ("next week, monday", "2026-11-23", "2026-03-23"),
    ("lunedì della prossima settimana", "2026-11-23", "2026-03-23"),
    ("lunedì della settimana prossima alle 9", "2026-11-23T09:00", "2026-03-23T09:00"),
    ("friday this week", "2026-11-20", "2026-03-20"),
    ("monday last week", "2026-11-09", "2026-03-09"),
    ("this week", "2026-11-22", "2026-03-22"),
    ("questo mese", "2026-11-30", "2026-03-31"),
    ("il mese prossimo", "2026-12-21", "2026-04-18"),
    ("metà mese", "2026-12-15", "2026-04-15"),
    ("metà settimana", "2026-11-25", "2026-03-18"),
    ("middle of the next month", "2026-12-15", "2026-04-15"),
    ("mid-april", "2027-04-15", "2026-04-15"),
    ("fine aprile", "2027-04-30", "2026-04-30"),
    ("start of february 2028", "2028-02-01", "2028-02-01"),
    ("fine del mese prossimo", "2026-12-31", "2026-04-30"),
    ("end of next quarter", "2027-03-31", "2026-06-30"),
    ("end of day", "2026-11-21", "2026-03-18"),
    ("entro fine mese", "2026-11-30", "2026-03-31"),
    ("by friday", "2026-11-27", "2026-03-20"),
    ("primo aprile", "2027-04-01", "2026-04-01"),
    ("il primo di aprile", "2027-04-01", "2026-04-01"),
    ("first of april", "2027-04-01", "2026-04-01"),
    ("1st of april", "2027-04-01", "2026-04-01"),
    ("the 15th", "2026-12-15", "2026-04-15"),
    ("il 31", "2026-12-31", "2026-03-31"),
    ("il 5 del mese prossimo", "2026-12-05", "2026-04-05"),
    ("Sun 21 Mar 2027 09:00", "2027-03-21T09:00", "2027-03-21T09:00"),
    ("domenica 21/3/2027", "2027-03-21", "2027-03-21"),
    ("2026-03-20", "2026-03-20", "2026-03-20"),
    ("2026-03-20T09:00", "2026-03-20T09:00", "2026-03-20T09:00"),
    ("2026-03-20 09:00:30", "2026-03-20T09:00:30", "2026-03-20T09:00:30"),
    ("2026-03-20 9am", "2026-03-20T09:00", "2026-03-20T09:00"),
    ("2026-03-20T09:00:00.500Z", "2026-03-20T10:00", "2026-03-20T10:00"),
    ("2026-03-20T09:00-05:00", "2026-03-20T15:00", "2026-03-20T15:00"),
]


@pytest.mark.parametrize(("text", "on_saturday", "on_wednesday"), FORMS)
def test_forms(text: str, on_saturday: str, on_wednesday: str) -> None:
    for now, wall in ((SATURDAY, on_saturday), (WEDNESDAY, on_wednesday)):
        moment = parse_moment(text, now, ROME)
        assert (moment.wall, moment.is_date, moment.zone) == (wall, len(wall) == 10, ROME)


def test_the_stored_instant_of_a_date_is_its_local_midnight() -> None:
    assert parse_moment("today", WEDNESDAY, ROME).utc == "2026-03-17T23:00:00Z"
    assert parse_moment("today", WEDNESDAY, "America/New_York").utc == "2026-03-18T04:00:00Z"


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("wednesday", "2026-03-11"),
        ("friday", "2026-03-13"),
        ("next friday", "2026-03-20"),
        ("15 gennaio", "2026-01-15"),
        ("20 marzo", "2025-03-20"),
        ("18 marzo", "2026-03-18"),
        ("15:00", "2026-03-17T15:00"),
        ("9am", "2026-03-18T09:00"),
        ("yesterday 15:00", "2026-03-17T15:00"),
        ("the 15th", "2026-03-15"),
        ("metà mese", "2026-03-15"),
        ("fine marzo", "2025-03-31"),
        ("this friday", "2026-03-13"),
    ],
)
def test_the_past_can_be_preferred(text: str, wall: str) -> None:
    assert parse_moment(text, WEDNESDAY, ROME, prefer="past").wall == wall


def test_day_and_month_in_figures() -> None:
    assert parse_moment("3/4", WEDNESDAY, ROME, "it").wall == "2026-04-03"
    assert parse_moment("12/01/2027", WEDNESDAY, ROME, "it").wall == "2027-01-12"
    with pytest.raises(ValueError, match="2026-04-03 or 2027-03-04"):
        parse_moment("3/4", WEDNESDAY, ROME, "en")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not a date"),
        ("tomorrow foo", "'foo'"),
        ("blah", "cannot read 'blah' in the date 'blah'; use 2026-03-20"),
        ("tomorrow morning foo", "'foo'"),
        ("9", "'9'"),
        ("tomorrow 25", "no time 'tomorrow 25'; use 2026"),
        ("32 maggio", "no such date as '32 maggio'; use 2026"),
        ("the 32nd", "no such day as 'the 32nd'; use 2026"),
        ("monday 9", "two ways: write monday at 9, or monday the 9th"),
        ("friday 19 march", "19 March 2026 is a Thursday, not 'friday'"),
        ("mercoledì 19 alle 9", "is a Thursday"),
        ("stamattina alle 16", "16:00 is at another time of the day"),
        ("tonight tomorrow", "more than one"),
        ("domani mattina sera", "more than one"),
        ("2026-02-30", "no such date"),
        ("30 febbraio", "no such date"),
        ("31/04/2026", "no such date"),
        ("2026-03-20T25:00", "no such date or time"),
        ("25:00", "no time"),
        ("25:99", "no time '25:99'; use 2026"),
        ("13pm", "no time"),
        ("tomorrow 9am 10am", "more than one"),
        ("today tomorrow", "more than one"),
        ("+4h 9am", "more than one"),
        ("+99999y", "out of range"),
        ("in 999999 weeks", "out of range"),
        ("1 gennaio 0001", "out of range"),
        ("0001-01-01T00:00+14:00", "out of range"),
        ("9" * 5000, "not a date"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_moment(text, WEDNESDAY, ROME)


def test_clock_changes() -> None:
    assert parse_moment("2026-03-29T02:30", WEDNESDAY, ROME)[::2] == ("2026-03-29T03:30", "2026-03-29T01:30:00Z")
    assert parse_moment("2026-10-25T02:30", WEDNESDAY, ROME).utc == "2026-10-25T00:30:00Z"
    assert parse_moment("2026-10-25T02:30+01:00", WEDNESDAY, ROME).utc == "2026-10-25T01:30:00Z"
    before = datetime.fromisoformat("2026-10-25T00:30:00Z")
    assert parse_moment("+1h", before, ROME).utc == "2026-10-25T01:30:00Z"
    assert parse_moment("now", datetime.fromisoformat("2026-10-25T01:30:00Z"), ROME).utc == "2026-10-25T01:30:00Z"
    assert parse_moment("+1d 9am", datetime.fromisoformat("2026-03-28T09:00+01:00"), ROME).wall == "2026-03-29T09:00"


WHOLE = st.sampled_from([form for form, _, _ in FORMS] + ["foo", "at", "of", "3", "/", "next", "alle", "-", "’"])
PIECES = st.sampled_from(
    sorted(
        {word for form, _, _ in FORMS for word in form.replace("'", "' ").split()} | {"31", "99", "29", "0", "24", "12"}
    )
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(WHOLE, max_size=4).map(" ".join),
    st.lists(PIECES, min_size=1, max_size=6).map(" ".join),
)


@settings(max_examples=500)
@given(TEXTS, st.sampled_from(["en", "it"]), st.sampled_from(["future", "past"]))
def test_any_text_is_a_moment_or_a_value_error(text: str, locale: str, prefer: Literal["future", "past"]) -> None:
    try:
        moment = parse_moment(text, WEDNESDAY, ROME, locale, prefer)
    except ValueError as error:
        assert str(error)
        return
    assert parse_moment(moment.wall, SATURDAY, ROME).wall == moment.wall
