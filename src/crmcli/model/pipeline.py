"""Pipeline and stage: the way deals go. Stages are edited through their pipeline."""

from typing import ClassVar

from crmcli.model.columns import boolean, enum, integer, json, percent, ref, text
from crmcli.model.fragments import count_of
from crmcli.model.record import COUNTED, Derived, Described, Input, Stored, stored

_STAGES = (
    "(SELECT GROUP_CONCAT(s.key, ', ') FROM (SELECT key FROM stage WHERE pipeline_id = r.id AND deleted_at IS NULL"
    " ORDER BY position) s)"
)


class PipelineBase(Input):
    """What a pipeline is made of."""

    about: ClassVar[Described] = Described(
        "pipeline", "pipeline", "", "Pipeline", "pipelines", "r.name",
        ("key", "name", "is_default", "open_deals", "stages"),
        (
            Derived("stages", "text", "Stages", _STAGES),
            count_of("open_deals", "Open deals", "deal", "pipeline_id", "x.outcome = 'open'"),
        ),
    )  # fmt: skip

    key: str = text("Key", required=True, index=True)
    name: str = text("Name", required=True)
    currency: str | None = text("Currency", option=True)
    is_default: int = boolean("Default")
    position: int = integer("Position", default=0)
    rotting_days: int | None = integer("Rotting days", option=True)


@stored
class Pipeline(PipelineBase, Stored, table=True):
    """The stored pipeline."""

    __tablename__ = "pipeline"
    __table_args__ = COUNTED


class StageBase(Input):
    """What a stage is made of."""

    about: ClassVar[Described] = Described(
        "stage", "stage", "", "Stage", "stages", "r.name",
        ("position", "key", "name", "kind", "probability", "forecast_category", "rotting_days", "open_deals"),
        (count_of("open_deals", "Open deals", "deal", "stage_id", "x.outcome = 'open'"),),
    )  # fmt: skip

    pipeline_id: int = ref("Pipeline", "pipeline", required=True)
    key: str = text("Key", required=True)
    name: str = text("Name", required=True)
    aliases: str | None = json("Also called")
    position: int = integer("Position", default=0)
    kind: str = enum("Kind", "stage_kind", default="open")
    probability_bp: int = percent("Probability", default=0)
    forecast_category: str | None = enum("Forecast category", "forecast_category")
    rotting_days: int | None = integer("Rotting days")
    exit_criteria: str | None = text("Exit criteria", long=True)
    required_fields: str | None = json("Required fields")


@stored
class Stage(StageBase, Stored, table=True):
    """The stored stage."""

    __tablename__ = "stage"
    __table_args__ = COUNTED
