"""``crm pipeline``: pipelines and their stages, which are made, changed, ordered and removed by ``edit``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.cli import completing
from crmcli.cli.options import Set
from crmcli.cli.records import Noun, ref_argument, register
from crmcli.cli.signatures import Asked, writes

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)
PIPELINE = Noun("pipeline", {"list": "crm pipeline list", "show": "crm pipeline show sales"})
register(app, PIPELINE, ("list", "show"))

Ref = Annotated[str, ref_argument("pipeline")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called; the key follows from it.")]
Preset = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Ready-made stages: sales and others.", autocompletion=completing.presets),
]
Stages = Annotated[
    list[str] | None,
    typer.Option("--stage", metavar="NAME[:PERCENT]", help="A stage of its own, in order; can be repeated."),
]
Default = Annotated[bool, typer.Option("--default", help="Deals that name no pipeline go here.")]
AddStage = Annotated[str | None, typer.Option("--add-stage", metavar="NAME", help="Add a stage.")]
EditStage = Annotated[
    str | None, typer.Option("--stage", metavar="STAGE", help="Change a stage.", autocompletion=completing.stages)
]
RmStage = Annotated[
    str | None, typer.Option("--rm-stage", metavar="STAGE", help="Remove a stage.", autocompletion=completing.stages)
]
MoveTo = Annotated[
    str | None,
    typer.Option(
        "--move-to", metavar="STAGE", help="Where the deals of a removed stage go.", autocompletion=completing.stages
    ),
]
Order = Annotated[str | None, typer.Option("--order", metavar="STAGES", help="All stages in their new order.")]
Reapply = Annotated[
    bool, typer.Option("--reapply", help="Give open deals that follow their stages the present probabilities.")
]
After = Annotated[
    str | None, typer.Option(metavar="STAGE", help="Where the new stage stands.", autocompletion=completing.stages)
]
Rename = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="New name of the stage, else pipeline.")]
Kind = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="open, won or lost.", autocompletion=completing.enum("stage_kind")),
]
Probability = Annotated[str | None, typer.Option(metavar="PERCENT", help="Probability of deals in the stage.")]
Forecast = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="Forecast category.", autocompletion=completing.enum("forecast_category")),
]
Rotting = Annotated[
    str | None, typer.Option("--rotting-days", metavar="N", help="Days after which a deal has stood too long.")
]


class Step(NamedTuple):
    """What an edit does: to which kind of record, by which service."""

    entity: str
    service: "Callable[[Context], Result]"


@app.command()
@writes
def add(name: Name, asked: Asked, preset: Preset = None, stage: Stages = None, default: Default = False) -> None:
    """Add a pipeline.

    Examples:
        crm pipeline add Partners --preset sales
        crm pipeline add Renewals --stage Contacted:40 --stage Offer:70
    """
    from crmcli.cli.answers import answer, context
    from crmcli.errors import UsageError
    from crmcli.services import pipelines

    if preset and stage:
        raise UsageError("give either --preset or the stages", hint="crm pipeline add --help")
    values = {"name": name} | ({"is_default": True} if default else {})
    rows = [_stage_values(text) for text in stage] if stage else None
    answer(pipelines.add(context(asked), values, preset=preset, stages=rows), asked, "pipeline")


@app.command()
@writes
def edit(
    ref: Ref,
    asked: Asked,
    add_stage: AddStage = None,
    stage: EditStage = None,
    rm_stage: RmStage = None,
    move_to: MoveTo = None,
    order: Order = None,
    reapply: Reapply = False,
    after: After = None,
    name: Rename = None,
    kind: Kind = None,
    probability: Probability = None,
    forecast_category: Forecast = None,
    rotting_days: Rotting = None,
    assignments: Set = None,
) -> None:
    """Change a pipeline or its stages.

    With --add-stage or --stage the other options are about that stage, else about the pipeline. A changed stage never
    changes its deals; --reapply does.

    Examples:
        crm pipeline edit sales --add-stage Demo --probability 30 --after quote_sent
        crm pipeline edit sales --stage negotiation --probability 75 --rotting-days 21
        crm pipeline edit sales --rm-stage demo --move-to quote_sent
        crm pipeline edit sales --set is_default=yes
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id

    given = {"name": name, "kind": kind, "probability": probability, "forecast_category": forecast_category}
    step = _step(
        find_id("pipeline", ref),
        {"add": add_stage, "edit": stage, "rm": rm_stage, "order": order, "reapply": reapply or None},
        given | {"rotting_days": rotting_days},
        assignments,
        after=after,
        move_to=move_to,
    )
    result = step.service(context(asked))
    made = [saved.id for saved in result.saved if saved.entity == step.entity and saved.action == "create"]
    answer(result, asked, step.entity, ids=made)  # a new stage moves others along, which needs no word


@app.command()
@writes
def rm(ref: Ref, asked: Asked) -> None:
    """Remove a pipeline.

    One with deals, and the default one, stay.

    Examples:
        crm pipeline rm partners
    """
    from crmcli.cli.answers import answer, confirm, context
    from crmcli.cli.finding import find_id
    from crmcli.services import pipelines

    pipeline = find_id("pipeline", ref)
    confirm("Remove this pipeline and its stages?", "pipeline", [pipeline], asked)
    answer(pipelines.remove(context(asked), pipeline), asked, "pipeline")


def _step(
    pipeline: int,
    actions: dict[str, Any],
    given: dict[str, str | None],
    assignments: list[str] | None,
    *,
    after: str | None,
    move_to: str | None,
) -> Step:
    """Return the one thing that is asked for; UsageError when it is nothing or several."""
    from crmcli.errors import UsageError
    from crmcli.services import pipelines, records

    chosen = [name for name, value in actions.items() if value is not None]
    if len(chosen) > 1:
        raise UsageError("one change of stages at a time", hint="crm pipeline edit --help")
    action = chosen[0] if chosen else "pipeline"
    if action in ("add", "edit", "pipeline"):
        values = _values("pipeline" if action == "pipeline" else "stage", given, assignments)
        if action == "add":
            place = _position(pipeline, after)
            return Step("stage", lambda c: pipelines.add_stage(c, pipeline, {"name": actions["add"]} | values, place))
        if not values:
            raise UsageError("there is nothing to change", hint="crm pipeline edit --help")
        if action == "edit":
            stage = _stage_id(pipeline, actions["edit"])
            return Step("stage", lambda c: pipelines.edit_stage(c, stage, values))
        return Step("pipeline", lambda c: records.edit(c, "pipeline", [pipeline], values))
    if action == "rm":
        gone = _stage_id(pipeline, actions["rm"])
        target = _stage_id(pipeline, move_to) if move_to else None
        return Step("stage", lambda c: pipelines.remove_stage(c, gone, target))
    if action == "order":
        ids = [_stage_id(pipeline, word) for word in actions["order"].split(",") if word.strip()]
        return Step("stage", lambda c: pipelines.reorder(c, pipeline, ids))
    return Step("deal", lambda c: pipelines.reapply(c, pipeline))


def _values(entity: str, given: dict[str, str | None], assignments: list[str] | None) -> dict[str, Any]:
    from crmcli.cli.inputs import Inputs

    return Inputs(entity).values(given, assignments)


def _stage_id(pipeline: int, text: str) -> int:
    from crmcli.cli.inputs import Inputs

    found: int = Inputs("deal", pipeline=pipeline).value("stage", text.strip())
    return found


def _position(pipeline: int, after: str | None) -> int | None:
    """Return the place behind a stage, counted from 1; None without one."""
    from crmcli.cli.session import current

    if after is None:
        return None
    sql = (
        "SELECT COUNT(*) FROM stage s JOIN stage a ON a.id = ? WHERE s.pipeline_id = a.pipeline_id"
        " AND s.deleted_at IS NULL AND s.position <= a.position"
    )
    behind: int = current().reader().execute(sql, (_stage_id(pipeline, after),)).fetchone()[0]
    return behind + 1


def _stage_values(text: str) -> dict[str, Any]:
    """Return the values of a stage given as ``Offer:70``; without a percentage it has 0."""
    from crmcli.cli.inputs import Inputs

    name, _, percent = text.rpartition(":") if ":" in text else (text, "", "0")
    return Inputs("stage").values({"name": name, "probability": percent})
