"""Recurrence in words, as rules and told back."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.every import parse_every
from crmcli.domain.every_told import told
from crmcli.domain.recurrence import end_of, normalise, occurrences, with_end
from tests.published import PUBLISHED, needs_published

VECTORS = PUBLISHED / "rrule-vectors" / "dateutil_vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else []
ROME = "Europe/Rome"
TUESDAY = "2026-03-24T10:00"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("Other Week", "FREQ=WEEKLY;INTERVAL=2"),
        ("2w", "FREQ=WEEKLY;INTERVAL=2"),
        ("1m", "FREQ=MONTHLY"),
        ("third day", "FREQ=DAILY;INTERVAL=3"),
        ("two months", "FREQ=MONTHLY;INTERVAL=2"),
        ("quarter", "FREQ=MONTHLY;INTERVAL=3"),
        ("hour", "FREQ=HOURLY"),
        ("yearly", "FREQ=YEARLY"),
        ("weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("weekend", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("fridays, mon and wed", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("2 weeks on monday and thursday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
        ("last friday of the month", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("2 months on the second monday", "FREQ=MONTHLY;INTERVAL=2;BYDAY=2MO"),
        ("first weekday of the month", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
        ("last-day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("1st and 15th of the month", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("the 31st", "FREQ=MONTHLY;BYMONTHDAY=31"),
        ("15 march", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15"),
        ("last friday of march", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1FR"),
        ("ogni 2 settimane", "FREQ=WEEKLY;INTERVAL=2"),
        ("ogni lunedì e giovedì", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("lunedì alterni", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        ("mensile", "FREQ=MONTHLY"),
        ("semestrale", "FREQ=MONTHLY;INTERVAL=6"),
        ("ultimo venerdì del mese", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        ("fortnightly on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("a settimane alterne", "FREQ=WEEKLY;INTERVAL=2"),
        ("once a month on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("una volta all'anno", "FREQ=YEARLY"),
        ("ogni quindici giorni", "FREQ=DAILY;INTERVAL=15"),
        ("1st monday of the month", "FREQ=MONTHLY;BYDAY=1MO"),
        ("1° lunedì del mese", "FREQ=MONTHLY;BYDAY=1MO"),
        ("ogni 1º lunedì del mese", "FREQ=MONTHLY;BYDAY=1MO"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("giorni feriali", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("mon-fri", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("dal sabato al lunedì", "FREQ=WEEKLY;BYDAY=MO,SA,SU"),
        ("every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("alternate fridays", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("ogni altro venerdì", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("una domenica sì e una no", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("domeniche alterne", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("end of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("fine mese", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("il primo di ogni mese", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("primo marzo", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1"),
        ("ogni anno il 3 marzo", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3"),
        ("day, 5 times", "FREQ=DAILY;COUNT=5"),
        ("ogni giorno per 3 volte", "FREQ=DAILY;COUNT=3"),
        ("monday until 2026-12-31", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231"),
        ("rrule:freq=weekly;byday=mo", "FREQ=WEEKLY;BYDAY=MO"),
    ],
)
def test_words_are_rules(text: str, rule: str) -> None:
    assert parse_every(text, str) == rule == normalise(rule)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no recurrence; use"),
        ("sometimes", "cannot read 'sometimes' as a recurrence"),
        ("second friday", "cannot read"),  # every other one, or that of the month?
        ("twice a week", "cannot read"),
        ("monday at 9", "names a time of day"),
        ("5 minutes", "finer than hourly"),
        ("0 days", "never happens"),
        ("day, 0 times", "never happens"),
        ("31 february", "never happens"),
        ("32nd of the month", "a day that no month has"),
        ("day on monday", "a day goes with weeks"),
        ("FREQ=MINUTELY", "does not recur"),
    ],
)
def test_what_no_form_takes_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_every(text, str)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;UNTIL=20260401T075959Z", "every day until 31 Mar 2026"),  # a second before ten o'clock
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T225959Z", "every 2 weeks on Tuesday until 31 Dec 2026"),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231", "every 2 weeks on Tuesday until 31 Dec 2026"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=1", "every week on Monday and Thursday, once"),
        ("FREQ=MONTHLY", "every month on the 24th"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,22", "every month on the 1st and the 22nd"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "every month on the last Friday, 5 times"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last weekday"),
        ("FREQ=YEARLY", "every year on 24 March"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1FR", "every year on the last Friday in March"),
        ("FREQ=HOURLY;INTERVAL=3", "every 3 hours"),
        ("FREQ=YEARLY;BYWEEKNO=20", "every year with BYWEEKNO=20"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "every month with BYDAY=FR, BYMONTHDAY=13"),
    ],
)
def test_rules_are_told_in_words(rule: str, words: str) -> None:
    assert told(rule, TUESDAY, ROME) == words


@needs_published
def test_every_rule_of_the_vectors_is_told() -> None:
    for case in CASES:
        rule = next((line[6:] for line in case["text"].splitlines() if line.startswith("RRULE:")), "")
        if rule and not rule.startswith(("FREQ=SECONDLY", "FREQ=MINUTELY")):
            assert told(rule, "1997-09-02T09:00", "UTC").startswith("every ")


@pytest.mark.parametrize(
    ("rule", "is_day", "stored"),
    [
        ("FREQ=DAILY;UNTIL=20261231", False, "FREQ=DAILY;UNTIL=20261231T225959Z"),
        ("FREQ=DAILY;UNTIL=20261231T100000", False, "FREQ=DAILY;UNTIL=20261231T090000Z"),
        ("FREQ=DAILY;UNTIL=20261231", True, "FREQ=DAILY;UNTIL=20261231"),
        ("FREQ=DAILY;UNTIL=20261230T230000Z", True, "FREQ=DAILY;UNTIL=20261231"),
        ("FREQ=DAILY;COUNT=2", True, "FREQ=DAILY;COUNT=2"),
    ],
)
def test_an_end_has_the_form_of_what_it_ends(rule: str, is_day: bool, stored: str) -> None:
    assert with_end(rule, ROME, is_day) == stored == with_end(stored, ROME, is_day)
    assert end_of(stored, ROME)[:10] == end_of(rule, ROME)[:10]


@given(st.integers(1, 60), st.sampled_from(["days", "weeks", "months", "years"]), st.integers(1, 9))
def test_a_count_is_a_count(interval: int, unit: str, times: int) -> None:
    rule = parse_every(f"{interval} {unit}, {times} times")
    found = occurrences(datetime(2026, 3, 28, 9), rule, 20)
    assert len(found) == times
    assert found == sorted(set(found))
