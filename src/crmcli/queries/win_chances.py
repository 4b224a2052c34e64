"""What the closed deals of a pipeline say about the chances of its open ones, read from the store.

How a chance follows from it is reckoned in ``domain.win_chance``.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any, NamedTuple

from crmcli.domain.win_chance import Model, Tally

FEATURES = ("source", "country", "language", "email", "phone")  # and the stage, and each tag
_REACHED = (
    "EXISTS (SELECT 1 FROM contact_point p WHERE p.kind = '{kind}' AND ((p.entity = 'contact'"
    " AND p.record_id = c.id{ok}) OR (p.entity = 'organization' AND p.record_id = o.id)))"
)
_GOOD = " AND COALESCE(c.email_status, '') NOT IN ('invalid', 'hard_bounce')"
_VALUES = (
    "r.source, COALESCE(o.billing_country, c.country), c.language,"
    f" {_REACHED.format(kind='email', ok=_GOOD)}, {_REACHED.format(kind='phone', ok='')}"
)
_JOINS = "LEFT JOIN contact c ON c.id = r.contact_id LEFT JOIN organization o ON o.id = r.organization_id"
_CLOSED = "r.pipeline_id = :pipeline AND r.outcome <> 'open' AND r.deleted_at IS NULL"
_COUNTS = (
    f"SELECT r.outcome, r.last_open_stage_id, {_VALUES}, COUNT(*) FROM deal r {_JOINS} WHERE {_CLOSED}"
    " GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
_TAGGED = (
    "SELECT t.tag_id, r.outcome, COUNT(*) FROM tagging t JOIN deal r ON r.id = t.record_id"
    f" WHERE t.entity = 'deal' AND {_CLOSED} GROUP BY 1, 2"
)
_STAGES = (
    "SELECT id, position FROM stage WHERE pipeline_id = :pipeline AND kind = 'open' AND deleted_at IS NULL"
    " ORDER BY position, id"
)
_GIVEN = "(SELECT :source AS source, :contact AS contact_id, :organization AS organization_id) r"
_ONE = f"SELECT {_VALUES} FROM {_GIVEN} {_JOINS}"
_EACH = (
    f"SELECT r.id, r.outcome, r.last_open_stage_id, {_VALUES}, (SELECT json_group_array(t.tag_id) FROM tagging t"
    f" WHERE t.entity = 'deal' AND t.record_id = r.id) FROM deal r {_JOINS} WHERE {_CLOSED}"
)


class Closed(NamedTuple):
    """Closed deals with the same values to speak for or against them, that last stood open in the same stage."""

    ids: list[int]
    outcome: str
    stage: object
    values: dict[str, list[object]]


def read_model(con: sqlite3.Connection, pipeline_id: int) -> Model:
    """Return what the closed deals of a pipeline have in common with those won, and with those lost."""
    named = {"pipeline": pipeline_id}
    stages = con.execute(_STAGES, named).fetchall()
    position = dict(stages)
    passed = {stage: [0, 0] for stage in position}
    features: dict[str, dict[object, list[int]]] = {feature: {} for feature in (*FEATURES, "tag")}
    deals = [0, 0]
    for outcome, left_from, *values, count in con.execute(_COUNTS, named):
        place = int(outcome == "lost")
        deals[place] += count
        for stage, reached in position.items():
            if outcome == "won" or reached <= position.get(left_from, stages[0][1]):
                passed[stage][place] += count
        for feature, value in zip(FEATURES, values, strict=True):
            if value is not None:
                features[feature].setdefault(value, [0, 0])[place] += count
    for tag, outcome, count in con.execute(_TAGGED, named):
        features["tag"].setdefault(tag, [0, 0])[int(outcome == "lost")] += count
    return Model(
        Tally(*deals),
        {stage: Tally(*counts) for stage, counts in passed.items()},
        stages[0][0] if stages else None,
        {name: {value: Tally(*counts) for value, counts in of.items()} for name, of in features.items()},
    )


def values_of(con: sqlite3.Connection, deal: Mapping[str, object], tag_ids: list[int]) -> dict[str, list[object]]:
    """Return the values of a deal by feature: its source, its tags, and what its customer tells; saved or not."""
    given = {key: deal[f"{key}_id"] for key in ("contact", "organization")}
    row = con.execute(_ONE, {"source": deal["source"], **given}).fetchone()
    return _by_feature(row, tag_ids)


def closed_deals(con: sqlite3.Connection, pipeline_id: int) -> Iterator[Closed]:
    """Yield the closed deals of a pipeline, all that are alike together."""
    from json import loads

    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, *known in con.execute(_EACH, {"pipeline": pipeline_id}):
        alike[*known].append(number)
    for (outcome, stage, *values, tags), numbers in alike.items():
        yield Closed(numbers, outcome, stage, _by_feature(values, loads(tags)))


def named_values(con: sqlite3.Connection, feature: str, values: list[object]) -> dict[object, str]:
    """Return how people call the values of a feature."""
    if feature in ("stage", "tag"):
        sql = f"SELECT id, name FROM {feature} WHERE id IN (SELECT value FROM json_each(?))"
        return dict(con.execute(sql, (dumps(values),)))
    if feature in ("email", "phone"):
        return {0: "no", 1: "yes"}
    return {value: str(value) for value in values}


def _by_feature(row: "tuple[object, ...] | list[object]", tag_ids: list[int]) -> dict[str, list[object]]:
    known = {name: [value] for name, value in zip(FEATURES, row, strict=True) if value is not None}
    return {**known, "tag": list(tag_ids)} if tag_ids else known
