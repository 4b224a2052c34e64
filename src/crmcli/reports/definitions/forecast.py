"""Key figures of what is to come: the forecast and its categories, targets, and how true forecasts were."""

from crmcli.reports.definitions.kpi import Kpi, count, measured
from crmcli.reports.measures import AMOUNT, WEIGHTED
from crmcli.reports.sets import AHEAD_BY_CATEGORY, DEALS_AHEAD, DEALS_AHEAD_KEPT, DEALS_EXPECTED, DEALS_WON
from crmcli.reports.terms import Term

_AREA = "Forecast"
_NO_RATE = "no rate for any of the amounts"
_NO_TARGET = "no target"
_SNAPSHOTS = ("forecast_snapshot",)
_WON = Term(DEALS_WON, AMOUNT)
_COMMIT, _BEST, _PIPELINE, _OMITTED = (Term(records, AMOUNT) for records in AHEAD_BY_CATEGORY.values())


def _total(key: str, label: str, terms: tuple[Term, ...], definition: str) -> Kpi:
    return Kpi(key, label, "money", "total", terms[0], definition, _AREA, _NO_RATE, terms)


def _aimed(key: str, label: str, unit: str, term: Term, definition: str, parts: tuple[str, ...] = ()) -> Kpi:
    return Kpi(key, label, unit, "aims", term, definition, _AREA, _NO_TARGET, parts=parts, reads=("target",))


FIGURES = (
    _total(
        "forecast", "Forecast", (Term(DEALS_AHEAD, WEIGHTED), _WON),
        "Sum of amount x probability of the open deals expected to close in the period, and of the amounts won in it."
        " Lost deals add nothing; overdue ones, and those without a date, stand apart.",
    ),
    count(
        "forecast_deals", "Deals ahead", DEALS_AHEAD,
        "Open deals expected to close in the period, today or later.", _AREA,
    ),
    measured(
        "sum", "forecast_weighted", "Weighted, ahead", Term(DEALS_AHEAD, WEIGHTED),
        "Sum of amount x probability of the open deals expected to close in the period, today or later.", _AREA,
    ),
    measured(
        "sum", "forecast_open", "Open pipeline", Term(DEALS_AHEAD_KEPT, AMOUNT),
        "Sum of the amounts of the same deals of the categories pipeline, best case and commit, without those closed.",
        _AREA,
    ),
    _total(
        "forecast_commit", "Commit, cumulative", (_COMMIT, _WON),
        "Amounts won, and those of the deals ahead of the category commit.",
    ),
    _total(
        "forecast_best_case", "Best case, cumulative", (_BEST, _COMMIT, _WON),
        "Amounts won, and those of the deals ahead of the categories commit and best case.",
    ),
    *(
        measured(
            "sum", f"category_{key}", f"Category {key.replace('_', ' ')}", Term(records, AMOUNT),
            f"Sum of the amounts of the deals ahead of the category {key.replace('_', ' ')} alone.", _AREA,
        )
        for key, records in AHEAD_BY_CATEGORY.items()
    ),
    _aimed(
        "target_amount", "Target", "money", _WON,
        "What is to be won in the period: its own target, else those of the shorter periods that fill it. Of the whole"
        " the target of nobody in particular, else the sum of those of the owners, else of the teams.",
    ),
    _aimed(
        "attainment", "Attainment", "ratio", _WON, "Amount won / target, both of the period.",
        ("won_amount", "target_amount"),
    ),
    _aimed(
        "coverage", "Coverage", "x", Term(DEALS_EXPECTED, AMOUNT),
        "Amounts of the open deals expected to close in the period / (target - amount won), unweighted.",
        ("pipeline_amount", "target_amount - won_amount"),
    ),
    Kpi(
        "forecast_accuracy", "Forecast accuracy", "ratio", "accuracy", _WON,
        "1 - |won - forecast| / won, the forecast being that of the last snapshot at the beginning of the period or"
        " before, else of the first one in it. Below 0 the forecast was off by more than all that was won.",
        _AREA, "nothing was won", parts=("won_amount - |won_amount - forecast|", "won_amount"), reads=_SNAPSHOTS,
    ),
    Kpi(
        "forecast_bias", "Forecast bias", "ratio", "accuracy", _WON,
        "(forecast - won) / won, with the same forecast: above 0 too much was promised.", _AREA, "nothing was won",
        parts=("forecast - won_amount", "won_amount"), reads=_SNAPSHOTS,
    ),
)  # fmt: skip
