"""Pipelines a file speaks of: names, stages in funnel order, what each stage means and how probable it is.

Found in the first reading of a deals file, so that missing pipelines can be made before a deal needs them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from crmcli.domain import enums
from crmcli.domain.money import bp_to_percent
from crmcli.domain.stages import PRESETS, StagePreset
from crmcli.domain.text import fold_key
from crmcli.errors import UsageError

T = TypeVar("T")
_MOST_STAGES = 100  # of one pipeline; a column with more holds no stages
_DEFAULTS = {"open": Decimal(0), "won": Decimal(100), "lost": Decimal(0)}


class StageDraft(NamedTuple):
    """A stage as the file or a ready-made pipeline has it; ``deals`` of the file stand in it."""

    name: str
    kind: str
    probability: Decimal  # 0 to 100
    deals: int
    aliases: tuple[str, ...] = ()


class PipelineDraft(NamedTuple):
    """A pipeline with its stages in funnel order; at least one is won and one lost.

    ``name`` is empty when neither file nor options name it. ``told`` says that the file itself names it.
    """

    name: str
    told: bool
    stages: tuple[StageDraft, ...]


class Standing(NamedTuple):
    """Where a deal of the file stands. ``outcome`` is empty unless the row itself says what its stage means."""

    pipeline: str
    stage: str
    outcome: str
    probability: Decimal | None


class StageKinds:
    """Says what kind a stage is: as the store has it, as the vendor's ready-made pipeline has it, or by its name."""

    def __init__(self, known: Mapping[str, str], preset: str) -> None:
        self._known = known
        self._preset = preset_words(preset)

    def kind(self, stage: str) -> str:
        """Return open, won or lost; a name that tells nothing means open."""
        word = fold_key(stage)
        if word in self._known:
            return self._known[word]
        if word in self._preset:
            return self._preset[word].kind
        return enums.choose("deal_outcome", stage) or "open"


class Funnel:
    """Gathers the pipelines and stages of a file, row by row."""

    def __init__(self, kinds: StageKinds, preset: str) -> None:
        self._kinds = kinds
        self._preset = preset
        self._words = preset_words(preset)
        self._seen: dict[str, Counter[str]] = {}
        self._outcomes: dict[tuple[str, str], Counter[str]] = {}
        self._probabilities: dict[tuple[str, str], Counter[Decimal]] = {}

    def see(self, standing: Standing) -> None:
        """Take a deal into account; UsageError when its column holds too many stages to be one of stages."""
        stages = self._seen.setdefault(standing.pipeline, Counter())
        stages[standing.stage] += 1
        if len(stages) > _MOST_STAGES or len(self._seen) > _MOST_STAGES:
            raise UsageError(
                f"more than {_MOST_STAGES} different stages or pipelines: the column holds something else",
                hint="correct the mapping with --map COLUMN=FIELD",
            )
        key = (standing.pipeline, standing.stage)
        if standing.outcome:
            self._outcomes.setdefault(key, Counter())[standing.outcome] += 1
        if standing.probability is not None:
            self._probabilities.setdefault(key, Counter())[standing.probability] += 1

    def pipelines(self, told: bool) -> tuple[PipelineDraft, ...]:
        """Return the pipelines in the order in which the file first names them."""
        return tuple(
            PipelineDraft(name, told and bool(name), self._stages(name, stages)) for name, stages in self._seen.items()
        )

    def _stages(self, pipeline: str, seen: Counter[str]) -> tuple[StageDraft, ...]:
        if self._words and all(fold_key(stage) in self._words for stage in seen):
            return tuple(self._ready_made(pipeline, stage, seen) for stage in PRESETS[self._preset])
        found = [self._stage((pipeline, stage), count) for stage, count in seen.items()]
        found += [
            StageDraft(enums.label("stage_kind", kind), kind, _DEFAULTS[kind], 0)
            for kind in ("won", "lost")
            if not any(stage.kind == kind for stage in found)
        ]
        order = ("open", "won", "lost")
        return tuple(sorted(found, key=lambda stage: (order.index(stage.kind), stage.probability)))

    def _stage(self, key: tuple[str, str], count: int) -> StageDraft:
        """Return a stage with the kind and probability most of its deals have, for want of a better witness."""
        kind = _most(self._outcomes.get(key)) or self._kinds.kind(key[1])
        ready = self._words.get(fold_key(key[1]))
        default = bp_to_percent(ready.probability_bp) if ready and ready.kind == kind else _DEFAULTS[kind]
        return StageDraft(key[1], kind, self._probability(key[0], [key[1]], kind, default), count)

    def _ready_made(self, pipeline: str, ready: StagePreset, seen: Counter[str]) -> StageDraft:
        """Return a stage of the ready-made pipeline under the label it has in the file."""
        words = set(map(fold_key, _words(ready)))
        labels = [stage for stage in seen if fold_key(stage) in words]
        probability = self._probability(pipeline, labels, ready.kind, bp_to_percent(ready.probability_bp))
        aliases = (ready.key, *ready.aliases, *labels[1:])
        count = sum(seen[label] for label in labels)
        return StageDraft(labels[0] if labels else ready.name, ready.kind, probability, count, aliases)

    def _probability(self, pipeline: str, labels: Iterable[str], kind: str, default: Decimal) -> Decimal:
        """Return the probability most deals of an open stage have in the file, else the default."""
        found: Counter[Decimal] = Counter()
        for label in labels:
            found += self._probabilities.get((pipeline, label), Counter())
        told = _most(found) if kind == "open" else None
        return default if told is None else told


def preset_words(preset: str) -> Mapping[str, StagePreset]:
    """Return the stages of a ready-made pipeline by each of their names (``fold_key``); none for the empty name."""
    return {fold_key(word): stage for stage in PRESETS.get(preset, ()) for word in _words(stage)}


def _words(stage: StagePreset) -> Iterable[str]:
    return (stage.key, stage.name, stage.italian, *stage.aliases)


def _most(counts: Counter[T] | None) -> T | None:
    return counts.most_common(1)[0][0] if counts else None
