import json
from datetime import datetime
from typing import Any

import pytest

from crmcli.domain.recurrence import MOST, normalise, occurrences
from tests.published import PUBLISHED, needs_published

VECTORS = PUBLISHED / "rrule-vectors" / "dateutil_vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else []
START = datetime(1997, 9, 2, 9)  # of the cases that do not name one


@needs_published
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden_5_i(case: dict[str, Any]) -> None:
    found = occurrences(START, case["text"], len(case["expected"]) + 1)
    assert [moment.isoformat() for moment in found] == case["expected"]


@pytest.mark.parametrize(
    ("start", "rule", "days"),
    [
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
    ],
)
def test_golden_5_c_and_5_d(start: str, rule: str, days: list[str]) -> None:
    assert [f"{moment:%Y-%m-%d}" for moment in occurrences(datetime.fromisoformat(start), rule)] == days


def test_an_endless_rule_is_capped() -> None:
    assert len(occurrences(datetime(2026, 1, 1), "FREQ=DAILY")) == MOST


@pytest.mark.parametrize(
    ("rule", "normal"),
    [
        ("rrule:freq=weekly; byday=mo\\, tu;", "FREQ=WEEKLY;BYDAY=MO,TU"),
        ("FREQ=DAILY;UNTIL=20260302T100000Z", "FREQ=DAILY;UNTIL=20260302T100000Z"),
        ("FREQ=DAILY;BYHOUR=9,17;BYSETPOS=-2", "FREQ=DAILY;BYHOUR=9,17;BYSETPOS=-2"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5"),
    ],
)
def test_normal_form(rule: str, normal: str) -> None:
    assert normalise(rule) == normalise(normal) == normal


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "x",
        "FREQ=",
        "COUNT=3",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=1",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMINUTE=77",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;COUNT=x",
        "FREQ=HOURLY;BYMINUTE=1;BYSECOND=1,2,3;BYSETPOS=5",  # each of these would be looked for until the year 9999
        "FREQ=HOURLY;BYSETPOS=2",
        "FREQ=DAILY;BYHOUR=9,9;BYSETPOS=-2",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    ],
)
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(ValueError, match=r"recur|never"):
        normalise(rule)
