"""Rules on key figures: told once for each crossing, with a task, an event or something outside."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Any

import pytest

from crmcli.domain.kpis import MAIN
from crmcli.errors import ConfigError
from crmcli.queries.rule_states import DISABLED
from crmcli.reports.registry import KPIS
from crmcli.services.automation.states import switch
from crmcli.services.ticking import tick
from tests.services.ruled import Ruled
from tests.services.world import NOW_STORED

Look = Callable[..., list[tuple[str, str, str]]]
TASK = '{ action = "task", subject = "{{ record.label }} is {{ record.value }}, below {{ record.threshold }}" }'


def falling(do: str = TASK, kpi: str = 'key = "win_rate", below = 0.3', more: str = "") -> str:
    return f'[[rule]]\nid = "falls"\non = ["kpi.crossed"]\n{more}\ndo = [{do}]\n[rule.kpi]\n' + kpi.replace(", ", "\n")


@pytest.fixture
def look(ruled: Ruled) -> Look:
    """Let the scheduler look at the figure when it has a value."""

    def at(value: str | None, **command: Any) -> list[tuple[str, str, str]]:
        def measure(_: Connection, key: str, period: str) -> tuple[str, Decimal | None]:
            assert (key, period) == ("win_rate", "this-quarter")
            return "Win rate", None if value is None else Decimal(value)

        found = tick(replace(ruled.context(**command), measure=measure))
        return [(one.rule, one.ref, one.outcome) for one in found.done]

    return at


RAN = [("falls", "win_rate", "ran")]


def test_it_acts_once_for_each_crossing(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    told = [look(value) for value in ("0.5", "0.2", "0.1", "0.3", "0.29", "0.29", "0.8")]
    assert told == [[], RAN, [], [], RAN, [], []]
    assert [task["subject"] for task in ruled.tasks()] == [
        "Win rate is 0.2, below 0.3",
        "Win rate is 0.29, below 0.3",
    ]
    assert ruled.store.rows("SELECT 1 FROM activity_link") == [], "a figure is no record to be linked to"
    assert [run["event"] for run in ruled.runs("falls")] == ["kpi.crossed"] * 2


def test_from_below_it_is_crossed_when_it_is_reached(ruled: Ruled, look: Look) -> None:
    ruled.given(falling(kpi='key = "win_rate", above = 0.3'))
    assert [look(value) for value in ("0.2", "0.3", "0.4")] == [[], RAN, []]


def test_the_first_look_only_tells_the_side(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    assert [look(value) for value in ("0.1", "0.1", "0.5", "0.1")] == [[], [], [], RAN]


def test_a_rule_whose_file_changed_is_looked_at_anew(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    look("0.5")
    ruled.given(falling(kpi='key = "win_rate", below = 0.6'))
    assert [look(value) for value in ("0.5", "0.5", "0.7", "0.5")] == [[], [], [], RAN]


def test_an_undefined_figure_is_on_no_side(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    assert [look(value) for value in (None, "0.5", None, "0.2", None, "0.2")] == [[], [], [], RAN, [], []]


def test_a_dry_run_tells_it_and_keeps_nothing(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    look("0.5")
    assert look("0.2", dry_run=True) == RAN
    assert ruled.tasks() == []
    assert look("0.2") == RAN


def test_a_rule_that_is_switched_off_rests(ruled: Ruled, look: Look) -> None:
    ruled.given(falling())
    look("0.5")
    switch(ruled.context(), ["falls"], DISABLED)
    assert look("0.2") == []


def test_events_notices_and_what_acts_outside(ruled: Ruled, look: Look) -> None:
    do = (
        '{ action = "event", title = "Talk about {{ record.key }}", start = "+1bd" },'
        '{ action = "notify", to = "anna", text = "{{ record.label }}: {{ record.value }} in {{ record.period }}" },'
        '{ action = "webhook", url = "https://example.com/kpi", if = "value < 0.25" }'
    )
    ruled.trusted(falling(do))
    look("0.5")
    look("0.2")
    assert ruled.store.rows("SELECT title FROM event") == [{"title": "Talk about win_rate"}]
    notice, hook = (json.loads(row["payload"])["values"] for row in ruled.outbox())
    assert notice["text"] == "Win rate: 0.2 in this-quarter"
    assert hook["body"] == {
        "rule": "falls",
        "events": ["kpi.crossed"],
        "at": NOW_STORED,
        "record": {
            "key": "win_rate", "label": "Win rate", "value": 0.2, "threshold": 0.3, "direction": "below",
            "period": "this-quarter",
        },
    }  # fmt: skip
    assert {row["record_id"] for row in ruled.outbox()} == {0}


def test_an_action_that_fails_is_told_and_tried_again(ruled: Ruled, look: Look) -> None:
    ruled.given(falling('{ action = "task", subject = "{{ record.label }}", assign = "{{ record.key }}" }'))
    look("0.5")
    assert look("0.2") == [("falls", "win_rate", "failed")], "nobody is called so"
    ruled.store.add("user", handle="win_rate")
    assert look("0.2") == RAN


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (falling(kpi='key = "win_rte", below = 0.3'), "there is no figure 'win_rte'"),
        (falling(kpi='key = "win_rate"'), "needs either above or below"),
        (falling(kpi='key = "win_rate", below = 1, above = 1'), "needs either above or below"),
        (falling(kpi='key = "win_rate", below = "much"'), "must be a number"),
        (falling(kpi='key = "win_rate", below = 1, period = "someday"'), "someday"),
        (falling(more='when = "score > 1"'), "a key figure is no record"),
        (falling(more='once = "per_day"'), "once for each crossing"),
        (falling('{ action = "set", values = { rating = "hot" } }'), "needs a record"),
        (falling('{ action = "task", subject = "x", unless_open = "same_rule" }'), "needs a record"),
        (falling('{ action = "task", subject = "{{ record.name }}" }'), "has no field 'name'"),
        ('[[rule]]\nid = "a"\non = ["kpi.crossed"]\ndo = [{ action = "stop" }]', "is missing"),
        ('[[rule]]\nid = "a"\non = ["lead.created"]\ndo = [{ action = "stop" }]\nkpi = { key = "win_rate", below = 1 }',
         "is only for the event kpi.crossed"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_at_load(ruled: Ruled, text: str, told: str) -> None:
    ruled.given(text)
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna")


def test_every_figure_that_a_rule_may_look_at_is_reckoned() -> None:
    assert set(MAIN) <= KPIS.keys()
