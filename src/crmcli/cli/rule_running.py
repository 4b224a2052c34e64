"""``crm rule run``: a rule run by hand, on records that are named or meet a condition."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.answers import confirm, context, counted
from crmcli.cli.options import Where
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.domain.plurals import counted as in_words
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.rules.rule import Rule

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
    rule = find_rule(given, rule_id)
    entity, ids = _chosen(rule, refs, where)
    if not ids:
        current().streams.note("no record meets the condition")
        return
    if where is not None:
        confirm(f"Run {rule_id} on {counted(entity, len(ids))}?", entity, ids, asked)
    current().close()
    found = run_rule(given, rule._replace(entity=entity), ids)
    streams = current().streams
    for line in found.result.warnings:
        streams.warn(line)
    for line in found.result.effects:
        streams.note(line)
    _write(found.reasons, asked)
    rested = sum(bool(reason) for reason in found.reasons.values())
    done = f"{in_words(len(ids) - rested, 'record')} acted on, {rested} left alone"
    streams.note(f"{done}; nothing was kept" if asked.dry_run else done)


def records_of(rule: "Rule", refs: Sequence[str]) -> tuple[str, list[int]]:
    """Return the records that are named, with their kind; UsageError when the rule is about another one."""
    from crmcli.catalogue import ENTITIES
    from crmcli.cli.finding import find_all, find_ids
    from crmcli.rules.events import owners

    kinds = owners(rule.entity)
    if len(kinds) == 1:
        return kinds[0], find_ids(kinds[0], refs)
    if not kinds:
        raise UsageError(f"rule {rule.id} is about a key figure, and no record", hint="crm tick --dry-run tries it")
    found = find_all(refs)
    if len(found) != 1 or not set(found) <= set(kinds):
        told = " or ".join(ENTITIES[kind].plural for kind in kinds)
        raise UsageError(f"rule {rule.id} is run on {told}: name records of one kind")
    return next(iter(found.items()))


def _chosen(rule: "Rule", refs: list[str] | None, where: str | None) -> tuple[str, list[int]]:
    from crmcli.cli.listing import matching_ids

    if bool(refs) == (where is not None):
        raise UsageError("name the records, or give a condition by --where", hint='crm rule run ID --where "..."')
    return records_of(rule, refs or ()) if refs else (kind_of(rule), matching_ids(kind_of(rule), where or ""))


def kind_of(rule: "Rule") -> str:
    """Return the one kind of records that a rule is about; UsageError where there are several, or none."""
    from crmcli.rules.events import owners

    kinds = owners(rule.entity)
    if len(kinds) != 1:
        raise UsageError(f"rule {rule.id} is not about records of one kind, so no condition can choose them")
    return kinds[0]


def _write(reasons: dict[str, str], asked: Asked) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    rows = [{"ref": ref, "outcome": "rested" if why else "ran", "reason": why or None} for ref, why in reasons.items()]
    columns = tuple(Column(*column) for column in _COLUMNS)
    write_table(Table(columns, rows, noun="records"), current().streams, asked.output, output_options())
