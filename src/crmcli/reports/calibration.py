"""``report calibration``: probabilities against what became of the deals, as they were given and as the model has them.

The probability that was given is the one in the state log when the deal left its last open stage. The model is asked
as if it had not known the deal itself.
"""

import sqlite3
from collections import Counter, defaultdict
from typing import NamedTuple

from crmcli.domain.win_chance import chance, factors
from crmcli.queries.columns import Shown
from crmcli.queries.win_chances import closed_deals, read_model
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import for_people
from crmcli.reports.groups import greatest
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
_BRIER = (Shown("brier_given", "Brier score, given", "ratio"), Shown("brier_model", "Brier score, model", "ratio"))
Cases = Counter["_Case"]


class _Case(NamedTuple):
    """Closed deals alike: the basis points given and those of the model, whether they were won, and their group."""

    chances: tuple[int | None, int | None]
    won: bool
    group: object


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return bands of ten percent with the share won in each, and how good both were on the whole."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options)
    frame.settle("deal")
    cases = _cases(frame)
    bands = ({"band": f"{band * 10} to {band * 10 + 10} %", **_row(cases, band)} for band in range(10))
    rows = [row for row in bands if row["deals"] or row["model_deals"]]
    known = [sum(count for case, count in cases.items() if case.chances[place] is not None) for place in (0, 1)]
    scores = {"given": _brier(cases, 0), "model": _brier(cases, 1)}
    total = cases.total()
    groups = _groups(frame, cases) if options.by else None
    sheet = Sheet("By probability", _COLUMNS, rows, "bands", identity="band", measures=("won",),
                  chart=Chart("bars", "band", ("given", "won")))  # fmt: skip
    left_out = {"no probability on record": total - known[0], "nothing to learn from": total - known[1]}
    return ReportResult(
        "Calibration",
        options.period,
        options.currency,
        (sheet, *([for_people(groups, options.by)] if groups else [])),
        groups or sheet,
        {
            **head(options.period, options),
            "bands": rows,
            **({"groups": groups.rows} if groups else {}),
            "brier": scores,
            "count": total,
            "left_out": left_out,
        },
        total,
        facts=tuple((f"Brier score, {key}", "n/a" if score is None else str(score)) for key, score in scores.items()),
        notes=tuple(f"{count} left out: {reason}" for reason, count in left_out.items() if count),
    )


def _cases(frame: Frame) -> Cases:
    """Return how many deals there are of each kind that were closed in the period and fit the condition."""
    found = frame.read(DEALS_CLOSED, "r.id", _GIVEN, frame.group_sql("deal"))
    given = {number: (points, group) for number, points, group in found}
    cases: Cases = Counter()
    for (pipeline,) in frame.con.execute("SELECT id FROM pipeline ORDER BY id").fetchall():
        model = read_model(frame.con, pipeline)
        for deals in closed_deals(frame.con, pipeline):
            counted = Counter(given[number] for number in deals.ids if number in given)
            said = chance(model, factors(model, deals.values, deals.stage, deals.outcome), deals.outcome)
            for (points, group), count in counted.items():
                cases[_Case((points, said), deals.outcome == "won", group)] += count
    return cases


def _groups(frame: Frame, cases: Cases) -> Sheet:
    """Return for each group what was given and what came of it, and how good both probabilities were."""
    by_group: defaultdict[object, Cases] = defaultdict(Counter)
    for case, count in cases.items():
        by_group[case.group][case] += count
    groups = greatest(frame.groups("deal", {*by_group}), lambda one: by_group[one.value].total(), frame.options.top)
    rows = [
        {
            **group.cells,
            **_row(by_group[group.value]),
            "brier_given": _brier(by_group[group.value], 0),
            "brier_model": _brier(by_group[group.value], 1),
        }
        for group in groups
    ]
    by = frame.by_column("deal")
    columns = (by, *_COLUMNS[1:], *_BRIER)
    chart = Chart("bars", "group", ("given", "won"))
    return Sheet(f"By {by.label.lower()}", columns, rows, "groups", None, "group", ("won",), chart)


def _row(cases: Cases, band: int | None = None) -> dict[str, object]:
    """Return how many deals there are, the mean probability and the share won, in a band or altogether."""
    row: dict[str, object] = {}
    for place, deals, mean, won in ((0, "deals", "given", "won"), (1, "model_deals", "model", "model_won")):
        inside = [
            (points, case.won, count)
            for case, count in cases.items()
            if (points := case.chances[place]) is not None and band in (None, _band(points))
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


def _brier(cases: Cases, place: int) -> object:
    """Return the mean squared distance between one of the two probabilities and the outcome; None of nothing."""
    known = [(points, case.won, count) for case, count in cases.items() if (points := case.chances[place]) is not None]
    return _share(
        sum((points - 10_000 * won) ** 2 * count for points, won, count in known),
        sum(count for *_, count in known) * 10_000**2,
    )
