"""Where a deal of a file stands: its pipeline, found or made with the stages of the file, and its stage there.

What a row says of its outcome wins over the name of its stage.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.money import percent_to_bp
from crmcli.domain.stages import closing_stage, furthest_open
from crmcli.domain.text import fold_key
from crmcli.errors import RefusedError, UsageError
from crmcli.importing.finish import Link
from crmcli.importing.pipelines import PipelineDraft
from crmcli.importing.rows import Draft
from crmcli.services.imports.making import Maker
from crmcli.services.stage_book import Stage

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_CACHED = 4096


class Place(NamedTuple):
    """The values of a deal that say where it stands; with a ``problem`` it cannot be stored."""

    values: dict[str, Any]
    warnings: tuple[str, ...] = ()
    problem: str = ""


class Places:
    """The pipelines of one file of deals; missing ones are made with the first deal that needs them."""

    def __init__(self, writer: "Writer", drafts: tuple[PipelineDraft, ...], maker: Maker | None) -> None:
        self._writer = writer
        self._drafts = {fold_key(draft.name): draft for draft in drafts}
        self._maker = maker
        self._stage = lru_cache(_CACHED)(self._find_stage)
        self._pipelines: dict[str, int | None] = {}

    def place(self, draft: Draft, record_id: int | None) -> Place:
        """Return the pipeline, stage and probability of a new deal, or of the one with this id."""
        try:
            pipeline_id, stage, last_open, warning = self._standing(draft, record_id)
        except (UsageError, RefusedError) as error:
            return Place({}, problem=f"{error.message} ({error.hint})" if error.hint else error.message)
        if last_open is None and stage.kind != "open" and (before := _named(draft, "last_open_stage")):
            last_open = self._writer.stages.find(pipeline_id, before)
        values: dict[str, Any] = {"pipeline": pipeline_id, "stage": stage.id}
        if last_open is not None:
            values["last_open_stage"] = last_open.id
        probability = draft.values.get("probability")
        by_hand = draft.values.get("probability_source") == "manual"
        if probability is not None and not by_hand and percent_to_bp(probability) == stage.probability_bp:
            values["probability_source"] = "stage"
        elif probability is not None:
            values["probability"] = probability
        return Place(values, (warning,) if warning else ())

    def forget(self) -> None:
        """Drop what was found; a part of the write was taken back."""
        self._pipelines.clear()
        self._stage.cache_clear()

    def _standing(self, draft: Draft, record_id: int | None) -> tuple[int | None, Stage, Stage | None, str]:
        """Return pipeline and stage with what ``_stage`` tells; a deal stays where it is unless its row says where."""
        pipeline, stage, outcome = _named(draft, "pipeline"), _named(draft, "stage"), draft.values.get("outcome")
        now = self._writer.image("deal", record_id) if record_id is not None and not stage else None
        pipeline_id = now["pipeline_id"] if now and not pipeline else self._pipeline(pipeline)
        if now and pipeline_id == now["pipeline_id"] and outcome in (None, now["outcome"]):
            return pipeline_id, self._writer.stages.resolve(pipeline_id, now["stage_id"]), None, ""
        outcome = outcome or (now["outcome"] if now else "open")
        return pipeline_id, *self._stage(pipeline_id, stage, outcome)

    def _pipeline(self, name: str) -> int | None:
        if name not in self._pipelines:
            self._pipelines[name] = self._find_pipeline(name)
        return self._pipelines[name]

    def _find_pipeline(self, name: str) -> int | None:
        """Return the pipeline of a name or key, made where it is missing; the default one when none is named."""
        word, writer = fold_key(name), self._writer
        rows = writer.all("SELECT id, key, name FROM pipeline WHERE deleted_at IS NULL ORDER BY position, id")
        named = [row["id"] for row in rows if word and word in (fold_key(row["key"]), fold_key(row["name"]))]
        if named:
            return int(named[0])
        draft = self._drafts.get(word)
        if draft and name and self._maker:
            return self._maker.make_pipeline(name, draft.stages)
        if name and (draft is None or draft.told):
            there = ", ".join(row["name"] for row in rows)
            hint = f"there are {there}; --create makes it, --pipeline names another one"
            raise UsageError(f"no pipeline {name!r}", hint=hint)
        return writer.stages.default_pipeline()

    def _find_stage(self, pipeline_id: int | None, name: str, outcome: str) -> tuple[Stage, Stage | None, str]:
        """Return the stage of an outcome, the open one named beside a closed outcome, and a warning or nothing."""
        stages = self._writer.stages.stages(pipeline_id)
        named = self._writer.stages.find(pipeline_id, name) if name else None
        if named and named.kind == outcome:
            return named, None, ""
        if outcome == "open":
            first = next((stage for stage in stages if stage.kind == "open"), None)
            found = furthest_open(stages) if named else first
            warning = f"open deals in the closed stage {named.name} stand in the last open one" if named else ""
        else:
            found, warning = closing_stage(stages, outcome, named.position if named else 0), ""
        if found is None:
            raise UsageError(f"the pipeline has no {outcome} stage")
        return found, named if named and named.kind == "open" else None, warning


def _named(draft: Draft, name: str) -> str:
    links: tuple[Link, ...] = draft.links.get(name, ())
    return links[0].keys[0].value if links else ""
