"""The score of leads: the sum of its lines, one event with the write that led to it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from crmcli.domain.score_lines import parse_lines
from crmcli.errors import ConfigError
from crmcli.queries.history import undo_stack
from crmcli.services.interactions import log
from crmcli.services.scores import adjust, rescore
from crmcli.services.ticking import tick
from crmcli.services.undo import take_back
from crmcli.store.reader import open_reader
from tests.services.ruled import HOT_LEAD, Ruled, rule, sets

WEB = '[[score]]\nid = "web"\nwhen = "source = website"\npoints = 20'
VIP = '[[score]]\nid = "vip"\nwhen = "tags has vip"\npoints = 50'
TALKED = (
    '[[score]]\nid = "talked"\nwhen = "last_activity is not empty"\npoints = 40\ndecay = "10d"\nsince = "last_activity"'
)


def lines(ruled: Ruled, lead: int) -> list[tuple[str, str, int, int]]:
    stored = ruled.store.row("lead", lead)["score_lines"]
    return [(line.kind, line.name, line.points, line.counted) for line in parse_lines(stored)]


def score(ruled: Ruled, lead: int) -> int | None:
    found: int | None = ruled.store.row("lead", lead)["score"]
    return found


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("CRMCLI_NOW", f"2026-03-{18 + days}T12:00:00+01:00")


def test_the_score_is_the_sum_of_the_entries_that_hold(ruled: Ruled) -> None:
    ruled.given(WEB, VIP)
    lead = ruled.add("lead", full_name="Anna Rossi", source="website")
    assert (score(ruled, lead), lines(ruled, lead)) == (20, [("entry", "web", 20, 20)])
    result = ruled.edit("lead", lead, tags=["vip"])
    assert score(ruled, lead) == 70
    assert result.effects == ("score of L1: 20 → 70",)
    assert result.counts == {"create": 1, "update": 1}  # the tag, and the lead
    ruled.edit("lead", lead, tags=[])
    assert score(ruled, lead) == 20


def test_complaint_3_a_new_score_is_one_event_with_what_led_to_it(ruled: Ruled) -> None:
    ruled.given(VIP, WEB, HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", source="website", tags=["vip"])
    assert [run["event"] for run in ruled.runs("hot-lead")] == ["lead.created"]
    assert (score(ruled, lead), len(ruled.tasks())) == (70, 1)


def test_reaching_a_threshold_is_a_trigger(ruled: Ruled) -> None:
    ruled.given(TALKED.replace("40", "70"), HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi")
    assert (score(ruled, lead), ruled.runs("hot-lead")) == (0, [])
    log(ruled.context(), "call", {"subject": "Spoke"}, [("lead", lead)])
    assert (score(ruled, lead), len(ruled.runs("hot-lead"))) == (70, 1)


def test_complaint_1_a_score_that_follows_from_a_rule_does_not_set_that_rule_off(ruled: Ruled) -> None:
    chase = rule("chase", '["lead.updated"]', '{ action = "tag", add = ["vip"] }', watch='["score", "city"]')
    ruled.given(VIP, chase)
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, city="Forlì")
    assert (score(ruled, lead), len(ruled.runs("chase"))) == (50, 1)
    causes = ruled.store.rows("SELECT cause FROM change ORDER BY operation_id DESC, seq LIMIT 3")
    assert [row["cause"] for row in causes] == ["user", "rule:chase", "rule:chase"]


def test_points_fade_by_half_lives(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(TALKED)
    lead = ruled.add("lead", full_name="Anna Rossi")
    log(ruled.context(), "call", {"subject": "Spoke"}, [("lead", lead)])
    for days, left in ((0, 40), (10, 20), (5, 28), (11, 19)):
        later(monkeypatch, days)
        rescore(ruled.context())
        assert score(ruled, lead) == left
    log(ruled.context(), "call", {"subject": "Again"}, [("lead", lead)])
    assert (score(ruled, lead), lines(ruled, lead)) == (40, [("entry", "talked", 40, 40)])


def test_points_fade_from_when_the_condition_came_to_hold(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(VIP + '\ndecay = "1w"')
    lead = ruled.add("lead", full_name="Anna Rossi", tags=["vip"])
    later(monkeypatch, 7)
    ruled.edit("lead", lead, city="Forlì")
    assert score(ruled, lead) == 25
    ruled.edit("lead", lead, tags=[])
    ruled.edit("lead", lead, tags=["vip"])
    assert score(ruled, lead) == 50


def test_what_is_set_by_hand_is_a_line(ruled: Ruled) -> None:
    ruled.given(WEB)
    lead = ruled.add("lead", full_name="Anna Rossi", source="website")
    ruled.edit("lead", lead, score=75)
    assert lines(ruled, lead) == [("manual", "", 55, 55), ("entry", "web", 20, 20)]
    adjust(ruled.context(), [lead], 5, "met at the fair")
    adjust(ruled.context(), [lead], 5, "met at the fair")
    assert score(ruled, lead) == 85
    ruled.edit("lead", lead, source="referral")  # the first source stays, as a rule of its own
    ruled.edit("lead", lead, score=None)
    assert score(ruled, lead) == 0


def test_a_score_without_entries_is_what_it_was_set_to(ruled: Ruled) -> None:
    lead = ruled.add("lead", full_name="Anna Rossi", score=30)
    assert lines(ruled, lead) == [("manual", "", 30, 30)]
    ruled.edit("lead", lead, score=20)
    assert (score(ruled, lead), lines(ruled, lead)) == (20, [("manual", "", 20, 20)])
    ruled.edit("lead", lead, score=None)
    assert (score(ruled, lead), lines(ruled, lead)) == (None, [])


def test_an_imported_score_is_a_line_and_the_same_file_twice_changes_nothing(ruled: Ruled) -> None:
    ruled.given(WEB)
    values = {"full_name": "Anna Rossi", "score": 40, "source": "website"}
    ruled.do(lambda writer: writer.create("lead", values, intent="import"), kind="import")
    assert lines(ruled, 1) == [("imported", "", 40, 40), ("entry", "web", 20, 20)]

    def again(given: int) -> dict[str, int]:
        work = [{"score": given}]
        return ruled.do(lambda writer: writer.update("lead", 1, work[0], intent="import"), kind="import").counts

    assert (again(40), again(60)) == ({"unchanged": 1}, {"unchanged": 1})
    again(50)
    assert score(ruled, 1) == 70


@pytest.fixture
def undoable(ruled: Ruled) -> Iterator[Ruled]:
    ruled.given(WEB, VIP)
    ruled.add("lead", full_name="Anna Rossi", source="website")
    before = ruled.store.export()
    yield ruled
    assert ruled.store.export() == before


def test_undo_puts_score_and_lines_back(undoable: Ruled) -> None:
    result = undoable.edit("lead", 1, tags=["vip"])
    take_back(undoable.context(kind="undo"), result.operation_id or 0)


def test_undo_takes_the_score_of_an_interaction_back(ruled: Ruled) -> None:
    ruled.given(TALKED)
    lead = ruled.add("lead", full_name="Anna Rossi")
    before = ruled.store.export()
    done = log(ruled.context(), "call", {"subject": "Spoke"}, [("lead", lead)])
    take_back(ruled.context(kind="undo"), done.operation_id or 0)
    assert ruled.store.export() == before


def test_an_action_adds_points_with_a_reason(ruled: Ruled) -> None:
    points = '{ action = "score", add = 15, reason = "lives in {{ record.city }}" }'
    ruled.given(rule("near", '["lead.updated"]', points, watch='["city"]'), WEB)
    lead = ruled.add("lead", full_name="Anna Rossi")
    result = ruled.edit("lead", lead, city="Forlì")
    assert (score(ruled, lead), lines(ruled, lead)) == (15, [("rule", "near", 15, 15)])
    assert result.effects == ("rule near on L1: score + 15 (lives in Forlì)",)
    ruled.edit("lead", lead, city="Cesena")
    assert score(ruled, lead) == 30
    assert len(lines(ruled, lead)) == 2


def test_points_set_by_a_rule_are_a_line_of_that_rule(ruled: Ruled) -> None:
    ruled.given(rule("near", '["lead.updated"]', sets(score="5"), watch='["city"]'))
    lead = ruled.add("lead", full_name="Anna Rossi", score=3)
    ruled.edit("lead", lead, city="Forlì")
    assert lines(ruled, lead) == [("manual", "", 3, 3), ("rule", "near", 2, 2)]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (WEB.replace("source =", "sourc ="), "lead has no field 'sourc'"),
        (WEB.replace("points = 20", 'points = "20"'), "must be a whole number"),
        (WEB.replace("points = 20", "point = 20"), "there is no such key"),
        (WEB.replace("source = website", "score > 3"), "the score cannot depend on itself"),
        (WEB.replace("source = website", "changed(city)"), "needs a change to look at"),
        (WEB + '\ndecay = "soon"', "no half-life"),
        (WEB + '\ndecay = "9d"\nsince = "city"', "city is no date"),
        (WEB + "\n" + WEB, "is taken by a score"),
    ],
)
def test_a_mistake_in_an_entry_stops_the_write(ruled: Ruled, table: str, told: str) -> None:
    ruled.given(table)
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_mistake_in_an_entry_has_its_line(ruled: Ruled) -> None:
    ruled.given(VIP, WEB.replace("points = 20", 'points = "20"'))
    with pytest.raises(ConfigError, match=r"rules\.toml:9, rule web, points: must be a whole number"):
        ruled.add("lead", full_name="Anna Rossi")


def test_converted_leads_keep_their_score(ruled: Ruled) -> None:
    from crmcli.services.conversion import ConvertOptions
    from crmcli.services.leads import convert

    lead = ruled.add("lead", full_name="Anna Rossi", source="website", status="contacted")
    convert(ruled.context(), lead, ConvertOptions())
    ruled.given(WEB)
    rescore(ruled.context())
    assert score(ruled, lead) is None


def test_undo_does_not_mind_that_entries_were_reckoned_since(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(TALKED, WEB)
    lead = ruled.add("lead", full_name="Anna Rossi")
    log(ruled.context(), "call", {"subject": "Spoke"}, [("lead", lead)])
    done = ruled.edit("lead", lead, source="website", score=70)
    later(monkeypatch, 10)
    rescore(ruled.context())
    assert score(ruled, lead) == 70 - 20 + 20
    take_back(ruled.context(kind="undo"), done.operation_id or 0)
    assert lines(ruled, lead) == [("entry", "talked", 40, 20), ("entry", "web", 20, 20)]
    rescore(ruled.context())
    assert (score(ruled, lead), ruled.store.row("lead", lead)["source"]) == (20, None)


def test_undo_of_a_new_lead_does_not_mind_either(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(VIP + '\ndecay = "1w"')
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi", "tags": ["vip"]}))
    later(monkeypatch, 7)
    rescore(ruled.context())
    take_back(ruled.context(kind="undo"), result.operation_id or 0)
    assert ruled.store.count("lead") == 0


def test_the_tick_reckons_scores_once_a_day(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(VIP + '\ndecay = "1w"', HOT_LEAD.replace("score >= 70", "score <= 30"))
    lead = ruled.add("lead", full_name="Anna Rossi", tags=["vip"])
    tick(ruled.context())
    count = "SELECT COUNT(*) AS n FROM operation"
    before = ruled.store.rows(count)
    tick(ruled.context())
    assert (score(ruled, lead), ruled.store.rows(count)) == (50, before)
    later(monkeypatch, 7)
    tick(ruled.context())
    assert (score(ruled, lead), len(ruled.runs("hot-lead"))) == (25, 1)
    with closing(open_reader(ruled.store.path, "Europe/Rome")) as con:
        assert [step["command"] for step in undo_stack(con)] == ["crm test"], "it is no step of the user"


def test_a_score_of_nothing_is_not_told(ruled: Ruled) -> None:
    ruled.given(WEB)
    assert ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"})).effects == ()
