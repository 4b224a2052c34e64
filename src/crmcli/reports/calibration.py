"""``report calibration``: probabilities against what became of the deals, as they were given and as the model has them.

The probability that was given is the one in the state log when the deal left its last open stage. The model is asked
as if it had not known the deal itself.
"""

import sqlite3
from collections import Counter
from typing import NamedTuple

from crmcli.domain.win_chance import chance, factors
from crmcli.queries.columns import Shown
from crmcli.queries.win_chances import closed_deals, read_model
from crmcli.reports.frame import Frame
from crmcli.reports.presenting import head, rounded
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import DEALS_CLOSED

KEYS: tuple[str, ...] = ()
_BAND = 1000  # basis points
_GIVEN = (
    "(SELECT w.probability_bp FROM state_log w WHERE w.entity = 'deal' AND w.record_id = r.id AND w.field = 'stage'"
    " AND w.to_kind = 'open' AND w.probability_bp IS NOT NULL ORDER BY w.id DESC LIMIT 1)"
)
_COLUMNS = (
    Shown("band", "Probability", "text"),
    Shown("deals", "Deals", "int"),
    Shown("given", "Given", "ratio"),
    Shown("won", "Won", "ratio"),
    Shown("model_deals", "Deals, model", "int"),
    Shown("model", "Model", "ratio"),
    Shown("model_won", "Won, model", "ratio"),
)


class _Case(NamedTuple):
    """Closed deals alike: the basis points that were given and that the model says, and whether they were won."""

    given: int | None
    model: int | None
    won: bool


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return bands of ten percent with the share won in each, and how good both were on the whole."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    cases = _cases(con, options)
    rows = [row for row in (_row(cases, band) for band in range(10)) if row["deals"] or row["model_deals"]]
    given, model = (Counter({case: count for case, count in cases.items() if case[place] is not None})
                    for place in (0, 1))  # fmt: skip
    scores = {"given": _brier([(case.given, case.won, count) for case, count in given.items()]),
              "model": _brier([(case.model, case.won, count) for case, count in model.items()])}  # fmt: skip
    total = cases.total()
    sheet = Sheet("By probability", _COLUMNS, rows, "bands", identity="band", measures=("won",),
                  chart=Chart("bars", "band", ("given", "won")))  # fmt: skip
    left_out = {"no probability on record": total - given.total(), "nothing to learn from": total - model.total()}
    return ReportResult(
        "Calibration",
        options.period,
        options.currency,
        (sheet,),
        sheet,
        {**head(options.period, options), "bands": rows, "brier": scores, "count": total, "left_out": left_out},
        total,
        facts=tuple((f"Brier score, {key}", "n/a" if score is None else str(score)) for key, score in scores.items()),
        notes=tuple(f"{count} left out: {reason}" for reason, count in left_out.items() if count),
    )


def _cases(con: sqlite3.Connection, options: Options) -> Counter[_Case]:
    """Return how many deals there are of each kind that were closed in the period and fit the condition."""
    frame = Frame(con, options._replace(by=None))
    frame.settle("deal")
    given = dict(frame.read(DEALS_CLOSED, "r.id", _GIVEN))
    cases: Counter[_Case] = Counter()
    for (pipeline,) in con.execute("SELECT id FROM pipeline ORDER BY id").fetchall():
        model = read_model(con, pipeline)
        for deals in closed_deals(con, pipeline):
            counted = Counter(given[number] for number in deals.ids if number in given)
            said = chance(model, factors(model, deals.values, deals.stage, deals.outcome), deals.outcome)
            for points, count in counted.items():
                cases[_Case(points, said, deals.outcome == "won")] += count
    return cases


def _row(cases: Counter[_Case], band: int) -> dict[str, object]:
    row: dict[str, object] = {"band": f"{band * 10} to {band * 10 + 10} %"}
    for place, deals, mean, won in ((0, "deals", "given", "won"), (1, "model_deals", "model", "model_won")):
        inside = [
            (points, case.won, count)
            for case, count in cases.items()
            if (points := case[place]) is not None and _band(points) == band
        ]
        row[deals] = found = sum(count for *_, count in inside)
        row[mean] = _share(sum(points * count for points, _, count in inside), found * 10_000)
        row[won] = _share(sum(is_won * count for _, is_won, count in inside), found)
    return row


def _band(points: int) -> int:
    return min(points // _BAND, 9)


def _share(part: int, whole: int) -> object:
    from fractions import Fraction

    return rounded(Fraction(part, whole), "ratio", "") if whole else None


def _brier(cases: "list[tuple[int | None, bool, int]]") -> object:
    """Return the mean squared distance between probability and outcome; None of nothing."""
    return _share(
        sum((points - 10_000 * won) ** 2 * count for points, won, count in cases if points is not None),
        sum(count for *_, count in cases) * 10_000**2,
    )
