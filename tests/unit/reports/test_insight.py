"""Calibration and anomalies: bands that add up, scores by hand, and pipelines that know too little."""

from decimal import Decimal
from fractions import Fraction
from statistics import mean, stdev

from hypothesis import given as drawn
from hypothesis import strategies as st

from crmcli.domain.counts import LARGEST
from crmcli.reports.anomalies import Usual
from crmcli.reports.samples import Sample
from tests.unit.reports.conftest import Reporting


def closed(reporting: Reporting, outcome: str, given: int | None, **values: object) -> int:
    """Add a closed deal that had a probability when it last stood open."""
    deal = reporting.deal(outcome, last_open_stage_id=reporting.stages["quote_sent"], **values)
    if given is not None:
        reporting.world.insert(
            "state_log", entity="deal", record_id=deal, field="stage", to_kind="open", probability_bp=given,
            entered_at="2026-01-01T00:00:00Z", cause="user", operation_id=reporting.world.operation(),
        )  # fmt: skip
    return deal


def test_calibration_counts_what_was_promised_and_what_came(reporting: Reporting) -> None:
    """Brier: the mean of the squared distances between promise and outcome."""
    for outcome, given in (("won", 6500), ("won", 6000), ("lost", 6500), ("lost", 1000), ("won", None)):
        closed(reporting, outcome, given)
    document = reporting.run("calibration").document
    bands = {row["band"]: row for row in document["bands"]}  # type: ignore[attr-defined]
    assert bands["60 to 70 %"]["deals"] == 3
    assert bands["60 to 70 %"]["won"] == Decimal("0.666667")
    assert bands["10 to 20 %"]["won"] == 0
    assert document["count"] == 5
    assert document["left_out"] == {"no probability on record": 1, "nothing to learn from": 0}
    expected = (0.35**2 + 0.4**2 + 0.65**2 + 0.1**2) / 4
    assert abs(float(document["brier"]["given"]) - expected) < 1e-6  # type: ignore[index]


def test_calibration_by_group(reporting: Reporting) -> None:
    for source, outcome, given in (("event", "won", 6500), ("event", "lost", 6500), ("website", "lost", 1000)):
        closed(reporting, outcome, given, source=source)
    result = reporting.run("calibration", by="source")
    found = {row["group"]: (row["deals"], row["given"], row["won"], row["brier_given"]) for row in result.main.rows}
    assert found == {
        "website": (1, Decimal("0.1"), 0, Decimal("0.01")),
        "event": (2, Decimal("0.65"), Decimal("0.5"), Decimal("0.2725")),
    }
    assert [sheet.title for sheet in result.sheets] == ["By probability", "By source"]
    assert [row["group"] for row in reporting.run("calibration", by="source", top=1).main.rows] == ["event"]


def test_calibration_of_nothing_is_no_figure(reporting: Reporting) -> None:
    """Null, never zero."""
    document = reporting.run("calibration").document
    assert document["brier"] == {"given": None, "model": None}
    assert document["bands"] == []


def test_an_amount_far_from_the_usual_is_told_with_its_z_score(reporting: Reporting) -> None:
    """The deviation is that of a sample; both sides count, and the limit is in it."""
    amounts = [100, 110, 90, 105, 95]
    for amount in amounts:
        reporting.deal("won", amount_minor=amount * 100)
    odd = reporting.deal(amount_minor=200_00)
    small = reporting.deal(amount_minor=50_00)
    reporting.deal(amount_minor=104_00)
    reporting.deal(amount_minor=None)
    result = reporting.run("anomalies")
    found = {row["ref"]: row for row in result.main.rows if row["what"] == "Amount"}
    assert set(found) == {f"D{odd}", f"D{small}"}
    assert found[f"D{odd}"]["z"] == Decimal(f"{(200 - mean(amounts)) / stdev(amounts):.2f}")
    assert found[f"D{odd}"]["usual"] == Decimal("100.00")
    assert result.document["left_out"] == {"amount: no amount": 1}
    assert not reporting.run("anomalies", own={"limit": 20.0}).main.rows


def test_anomalies_of_the_past_are_those_told_then(reporting: Reporting) -> None:
    for amount in (100, 110, 90, 105, 95):
        reporting.deal("won", created_at="2026-01-01T10:00:00Z", closed_at="2026-01-05T10:00:00Z",
                       amount_minor=amount * 100)  # fmt: skip
    odd = reporting.deal(created_at="2026-01-20T10:00:00Z", amount_minor=200_00)
    reporting.deal(created_at="2026-01-20T10:00:00Z", amount_minor=100_00)
    rows = reporting.run("anomalies", until="2026-02-01T00:00:00Z").main.rows
    assert [row["ref"] for row in rows if row["what"] == "Amount"] == [f"D{odd}"]


def test_a_pipeline_with_few_closed_deals_says_nothing(reporting: Reporting) -> None:
    """Four are too few for a mean; how many deals were not judged is told."""
    for _ in range(4):
        reporting.deal("won", amount_minor=100_00)
    reporting.deal(amount_minor=900_00)
    result = reporting.run("anomalies")
    assert not result.main.rows
    assert result.document["left_out"] == {"amount: too few closed deals": 1, "age: too few closed deals": 1}


def test_only_an_old_deal_is_unusual_by_its_age(reporting: Reporting) -> None:
    """A young one will grow."""
    for days in (10, 20, 30, 40, 50):
        reporting.deal("won", created_at=f"2026-01-{days % 28 + 1:02}T10:00:00Z", closed_at="2026-03-18T11:00:00Z")
    old = reporting.deal(created_at="2024-01-01T10:00:00Z")
    reporting.deal()
    found = [(row["ref"], row["what"]) for row in reporting.run("anomalies").main.rows]
    assert found == [(f"D{old}", "Age")]


@drawn(st.lists(st.integers(-LARGEST, LARGEST)), st.lists(st.fractions()))
def test_samples_are_added_up_exactly(whole: list[int], parts: list[Fraction]) -> None:
    sample = Sample(whole)
    sample.parts = parts
    assert sample.total == sum(whole) + sum(parts)
    assert sample.squares == sum(value * value for value in whole) + sum(value * value for value in parts)


@drawn(st.lists(st.integers(-LARGEST, LARGEST), min_size=2, max_size=5), st.floats(0, 20))
def test_what_the_store_takes_for_near_is_within_the_limit(values: list[int], limit: float) -> None:
    usual = Usual(Fraction(sum(values), len(values)), float(max(values) - min(values)), len(values))
    least, most = usual.near(limit)
    for value in (least, most) if least <= most else ():
        assert abs(usual.distance(value) / usual.deviation) < limit


def test_anomalies_are_counted_by_value_and_by_group(reporting: Reporting) -> None:
    for amount in (100, 110, 90, 105, 95):
        reporting.deal("won", amount_minor=amount * 100)
    for source, amount in (("event", 200), ("event", 300), ("website", 400), ("website", 100)):
        reporting.deal(source=source, amount_minor=amount * 100)
    result = reporting.run("anomalies", by="source", top=1)
    assert [(row["what"], row["deals"]) for row in result.sheets[0].rows] == [("Amount", 3), ("Age", 0)]
    assert [(row["group"], row["amount"], row["age"]) for row in result.main.rows] == [("event", 2, 0)]
