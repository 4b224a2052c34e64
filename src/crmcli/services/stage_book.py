"""The pipelines and stages of one transaction, read once: a hundred thousand imported deals ask for them."""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.text import fold_key
from crmcli.errors import NotFoundError, Problem, RefusedError, UsageError
from crmcli.queries.config_keys import default_pipeline

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Stage(NamedTuple):
    """A live stage as deals need it; ``probability_bp`` is in basis points, ``required_fields`` are field keys."""

    id: int
    pipeline_id: int
    key: str
    name: str
    aliases: tuple[str, ...]
    position: int
    kind: str
    probability_bp: int
    forecast_category: str
    required_fields: tuple[str, ...]


class StageBook:
    """The live pipelines with their stages in board order."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._stages: dict[int, Stage] | None = None
        self._pipelines: dict[int, dict[str, Any]] = {}

    def forget(self) -> None:
        """Read everything anew at the next question; a pipeline or stage was saved."""
        self._stages = None

    def stage(self, stage_id: int | None) -> Stage | None:
        """Return a live stage."""
        return self._known().get(stage_id) if stage_id is not None else None

    def stages(self, pipeline_id: int | None) -> list[Stage]:
        """Return the stages of a pipeline in order."""
        return [stage for stage in self._known().values() if stage.pipeline_id == pipeline_id]

    def pipeline(self, pipeline_id: int | None) -> dict[str, Any] | None:
        """Return the row of a live pipeline."""
        self._known()
        return self._pipelines.get(pipeline_id) if pipeline_id is not None else None

    def default_pipeline(self) -> int | None:
        """Return the pipeline of deals that name none."""
        return default_pipeline(self._writer.unit.raw, self._writer.settings.pipeline)

    def find(self, pipeline_id: int | None, text: str) -> Stage:
        """Return the stage of a pipeline that a text names by key, name or alias, whatever its case and punctuation.

        UsageError names the stages there are; RefusedError when only another pipeline has such a stage.
        """
        named = [stage for stage in self._known().values() if self._fits(stage, text)]
        here = [stage for stage in named if stage.pipeline_id == pipeline_id]
        if here:
            return min(here, key=lambda stage: fold_key(stage.key) != fold_key(text))  # the key first
        known = ", ".join(stage.key for stage in self.stages(pipeline_id))
        if named:
            reason = (
                f"{text!r} is a stage of the pipeline {self._pipelines[named[0].pipeline_id]['key']}; here are {known}"
            )
            raise RefusedError("the deal cannot move there", [Problem("stage", reason)])
        raise UsageError(f"there is no stage {text!r}", hint=f"the stages are {known}", code="stage.unknown")

    def resolve(self, pipeline_id: int | None, stage: int | str) -> Stage:
        """Return a stage by id (of any pipeline) or by what it is called in a pipeline."""
        if isinstance(stage, str):
            return self.find(pipeline_id, stage)
        found = self.stage(stage)
        if found is None:
            raise NotFoundError("stage", str(stage))
        return found

    def _fits(self, stage: Stage, text: str) -> bool:
        path = f"{self._pipelines[stage.pipeline_id]['key']}/{stage.key}"
        return fold_key(text) in {fold_key(word) for word in (stage.key, stage.name, path, *stage.aliases)}

    def _known(self) -> dict[int, Stage]:
        if self._stages is None:
            rows = self._writer.all("SELECT * FROM pipeline WHERE deleted_at IS NULL ORDER BY position, id")
            self._pipelines = {row["id"]: row for row in rows}
            rows = self._writer.all("SELECT * FROM stage WHERE deleted_at IS NULL ORDER BY position, id")
            self._stages = {row["id"]: _stage(row) for row in rows if row["pipeline_id"] in self._pipelines}
        return self._stages


def _stage(row: dict[str, Any]) -> Stage:
    words = {key: tuple(json.loads(row[key] or "[]")) for key in ("aliases", "required_fields")}
    return Stage(**{key: row[key] for key in Stage._fields} | words)
