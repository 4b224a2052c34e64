"""The chance of a deal taken apart: what each of its values says, with the deals behind it.

The model is that of ``domain.win_chance``; closed deals are never rescored.
"""

import sqlite3
from fractions import Fraction
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.win_chance import Factor, Model, chance, factors
from crmcli.queries.win_chances import named_values, read_model, values_of
from crmcli.reports.presenting import rounded

_DEAL = (
    "SELECT d.*, p.name AS pipeline, (SELECT json_group_array(t.tag_id) FROM tagging t WHERE t.entity = 'deal'"
    " AND t.record_id = d.id) AS tags FROM deal d JOIN pipeline p ON p.id = d.pipeline_id WHERE d.id = ?"
)


class Chance(NamedTuple):
    """What the model says of a deal: rows of what speaks for and against it, and the chance in percent, or why none."""

    ref: str
    rows: list[dict[str, object]]
    percent: object
    reason: str | None
    present: object  # its probability in percent
    source: str


def chance_of(con: sqlite3.Connection, deal_id: int) -> Chance:
    """Return the chance of a deal, and what it is made of."""
    from json import loads

    cursor = con.execute(_DEAL, (deal_id,))
    deal = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    ref = ENTITIES["deal"].ref(deal_id)
    told = (_percent(deal["probability_bp"]), str(deal["probability_source"]))
    if deal["outcome"] != "open":
        return Chance(ref, [], None, f"it is {deal['outcome']}, and closed deals are not rescored", *told)
    model = read_model(con, deal["pipeline_id"])
    found = factors(model, values_of(con, deal, loads(deal["tags"])), deal["stage_id"])
    points = chance(model, found)
    reason = None
    if points is None:
        missing = "won" if not model.deals.won else "lost"
        reason = f"no deal of the pipeline {deal['pipeline']} was {missing} yet"
    return Chance(ref, _rows(con, ref, model, found), _percent(points), reason, *told)


def _rows(con: sqlite3.Connection, ref: str, model: Model, found: list[Factor]) -> list[dict[str, object]]:
    """Return a row for the whole pipeline, then one for each value that says something."""
    deals = model.deals
    every = max(sum(deals), 1)
    begin = _row(ref, "all deals", None, deals.won, deals.lost, Fraction(deals.won, every), Fraction(deals.lost, every))
    rows = [begin]
    for factor in found:
        name = named_values(con, factor.feature, [factor.value]).get(factor.value)
        won, lost = factor.tally
        rows.append(_row(ref, factor.feature, name, won, lost, factor.won, factor.lost))
    return rows


def _row(
    ref: str, feature: str, value: str | None, won: int, lost: int, of_won: Fraction, of_lost: Fraction
) -> dict[str, object]:
    weight = rounded(of_won / of_lost, "ratio", "") if of_lost else None
    return {
        "ref": ref, "feature": feature, "value": value, "won": won, "lost": lost,
        "share_won": rounded(of_won, "ratio", ""), "share_lost": rounded(of_lost, "ratio", ""), "weight": weight,
    }  # fmt: skip


def _percent(points: int | None) -> object:
    from decimal import Decimal

    return None if points is None else Decimal(points).scaleb(-2)
