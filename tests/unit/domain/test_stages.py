from itertools import pairwise
from typing import NamedTuple

import pytest

from crmcli.domain.enums import values
from crmcli.domain.stages import PRESETS, closing_stage, forecast_category, furthest_open, is_push
from crmcli.domain.text import fold_key


class Stage(NamedTuple):
    position: int
    kind: str


STAGES = [Stage(1, "open"), Stage(2, "open"), Stage(6, "won"), Stage(4, "won"), Stage(3, "open"), Stage(5, "lost")]


@pytest.mark.parametrize(("position", "chosen"), [(1, 4), (4, 6), (5, 6), (6, 6), (7, 6)])
def test_winning_chooses_the_next_won_stage_or_the_last(position: int, chosen: int) -> None:
    assert closing_stage(STAGES, "won", position) == Stage(chosen, "won")


def test_a_pipeline_may_lack_a_closing_stage() -> None:
    assert closing_stage(STAGES[:2], "won", 1) is None
    assert furthest_open([]) is None


def test_furthest_open_stage() -> None:
    assert furthest_open(STAGES) == Stage(3, "open")


@pytest.mark.parametrize(
    ("kind", "points", "category"),
    [
        ("open", 0, "pipeline"),
        ("open", 4999, "pipeline"),
        ("open", 5000, "best_case"),
        ("open", 7999, "best_case"),
        ("open", 8000, "commit"),
        ("won", 10_000, "closed"),
        ("lost", 0, "omitted"),
    ],
)
def test_forecast_category(kind: str, points: int, category: str) -> None:
    assert forecast_category(kind, points) == category


def test_pushes_count_later_months_only() -> None:
    closes = ["2026-03-20", "2026-03-31", "2026-04-02", "2026-03-30"]
    assert sum(is_push(old, new) for old, new in pairwise(closes)) == 1
    assert is_push("2025-12-31", "2026-01-01")
    assert not is_push(None, "2026-01-01") and not is_push("2026-01-01", None)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_whole_pipelines(preset: str) -> None:
    stages = PRESETS[preset]
    assert {stage.kind for stage in stages} == {"open", "won", "lost"}
    assert len({stage.key for stage in stages}) == len(stages)
    for stage in stages:
        assert stage.forecast_category in values("forecast_category")
        assert stage.name and stage.italian
    open_points = [stage.probability_bp for stage in stages if stage.kind == "open"]
    assert open_points == sorted(open_points)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_word_of_a_preset_means_one_stage(preset: str) -> None:
    owners: dict[str, str] = {}
    for stage in PRESETS[preset]:
        for word in (stage.key, stage.name, stage.italian, *stage.aliases):
            assert owners.setdefault(fold_key(word), stage.key) == stage.key, word


def test_the_default_pipeline() -> None:
    assert [(stage.key, stage.probability_bp, stage.forecast_category) for stage in PRESETS["sales"]] == [
        ("potential", 1000, "pipeline"),
        ("negotiation", 4000, "pipeline"),
        ("quote_sent", 6500, "best_case"),
        ("won", 10_000, "closed"),
        ("lost", 0, "omitted"),
    ]
