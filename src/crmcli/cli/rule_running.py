"""``crm rule run``: a rule run by hand, on records that are named or meet a condition."""

from typing import Annotated

import typer

from crmcli.cli.answers import confirm, context, counted
from crmcli.cli.options import Where
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.domain.plurals import counted as in_words
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_COLUMNS = (("ref", "Ref", "text"), ("outcome", "Outcome", "text"), ("reason", "Why", "text"))
RuleId = Annotated[str, typer.Argument(metavar="ID", help="Id of the rule.")]
Refs = Annotated[list[str] | None, typer.Argument(metavar="[REF...]", help="Records; - reads standard input.")]


@app.command()
@writes
def run(rule_id: RuleId, refs: Refs = None, where: Where = None, *, asked: Asked) -> None:
    """Run a rule on records.

    On those that are named or meet a condition, as one step. The condition of the rule must hold, and it acts no more
    often than its file says. For what a rule came too late for, and for rules on the event manual.

    Examples:
        crm rule run hot-lead L1
        crm rule run hot-lead --where "score >= 70" --dry-run
    """
    from crmcli.services.rules_by_hand import find_rule, run_rule

    given = context(asked, kind="rule", plain=[rule_id])
    entity = find_rule(given, rule_id).entity
    ids = _chosen(entity, refs, where)
    if not ids:
        current().streams.note("no record meets the condition")
        return
    if where is not None:
        confirm(f"Run {rule_id} on {counted(entity, len(ids))}?", entity, ids, asked)
    current().close()
    found = run_rule(given, rule_id, ids)
    streams = current().streams
    for line in found.result.warnings:
        streams.warn(line)
    for line in found.result.effects:
        streams.note(line)
    _write(found.reasons, asked)
    rested = sum(bool(reason) for reason in found.reasons.values())
    done = f"{in_words(len(ids) - rested, 'record')} acted on, {rested} left alone"
    streams.note(f"{done}; nothing was kept" if asked.dry_run else done)


def _chosen(entity: str, refs: list[str] | None, where: str | None) -> list[int]:
    from crmcli.cli.finding import find_ids
    from crmcli.cli.listing import matching_ids

    if bool(refs) == (where is not None):
        raise UsageError("name the records, or give a condition by --where", hint='crm rule run ID --where "..."')
    return find_ids(entity, refs) if refs else matching_ids(entity, where or "")


def _write(reasons: dict[str, str], asked: Asked) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    rows = [{"ref": ref, "outcome": "rested" if why else "ran", "reason": why or None} for ref, why in reasons.items()]
    columns = tuple(Column(*column) for column in _COLUMNS)
    write_table(Table(columns, rows, noun="records"), current().streams, asked.output, output_options())
