"""``crm rule test``: a rule tried on a record or on many, and the tests beside the rules; nothing is kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs, Set, Where
from crmcli.cli.session import current
from crmcli.domain.plurals import counted

if TYPE_CHECKING:
    from crmcli.rules.rule import Rule
    from crmcli.services.results import Context
    from crmcli.services.rule_tests.trial import Trial

app = typer.Typer(add_completion=False)

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="The rule.")]
Ref = Annotated[str | None, typer.Argument(metavar="[REF]", help="The record it is tried on.")]
All = Annotated[bool, typer.Option("--all", help="Run the tests in the folder tests beside the rules.")]

_MOST = 5  # records that a rule is tried on for a condition
_TESTS = (("file", "File", "text"), ("test", "Test", "text"), ("result", "Result", "text"))
_TRIAL = (("ref", "Record", "text"), ("part", "Part", "text"), ("text", "What", "text"), ("holds", "Holds", "text"),
          ("found", "Found", "text"))  # fmt: skip
_USES = "crm rule test ID REF, crm rule test ID --where CONDITION, or crm rule test --all"


@app.command()
def test(
    id_: Id = None,
    ref: Ref = None,
    set_: Set = None,
    where: Where = None,
    all_: All = False,
    output: FormatWithoutRefs = None,
) -> None:
    """Try rules, and change nothing.

    On a record: the condition part by part with what was found, then what the rule would do; --set tries it on a
    change. On a condition: how many records the rule would act on, and what it would do to the first of them. With
    --all the tests beside the rules, exit code 1 when one fails.

    Examples:
        crm rule test hot-lead L12
        crm rule test hot-lead L12 --set score=75
        crm rule test hot-lead --where "status = new"
        crm rule test --all
    """
    from crmcli.errors import UsageError
    from crmcli.output.tables import choose_format

    choose_format(output, current().streams)  # before anything is tried
    kinds = [all_, ref is not None, where is not None]
    if kinds.count(True) != 1 or all_ == (id_ is not None) or (set_ and ref is None):
        raise UsageError("say what to try", hint=_USES)
    if all_:
        _run_tests(output)
        return
    rule = _find(str(id_))
    trials = list(_try_many(rule, str(where))) if ref is None else [_try_one(rule, ref, set_)]
    _show(rule, trials, output)


def _find(rule_id: str) -> "Rule":
    from crmcli.services.rules_by_hand import find_rule

    return find_rule(_context(), rule_id)


def _try_one(rule: "Rule", ref: str, assignments: list[str] | None) -> "Trial":
    from crmcli.cli.rule_running import records_of

    entity, (number,) = records_of(rule, [ref])
    return _try(rule._replace(entity=entity), number, assignments)


def _try(rule: "Rule", record_id: int, assignments: list[str] | None = None) -> "Trial":
    from crmcli.cli.inputs import Inputs
    from crmcli.services.rule_tests.trial import try_rule

    values = Inputs(rule.entity).values({}, assignments) if assignments else None
    return try_rule(_context(), rule, record_id, values)


def _try_many(rule: "Rule", where: str) -> "Iterator[Trial]":
    """Count the records that a condition and the rule fit, and try the rule on the first of them."""
    from crmcli.catalogue import ENTITIES
    from crmcli.cli.listing import matching_ids
    from crmcli.cli.rule_running import kind_of

    streams = current().streams
    asked = matching_ids(kind_of(rule), where)
    fitting = matching_ids(rule.entity, f"({where}) and ({rule.when})") if rule.when.strip() else asked
    kind = ENTITIES[rule.entity]
    told = f"{counted(len(asked), kind.noun, kind.plural)} {'fits' if len(asked) == 1 else 'fit'}"
    streams.note(f"{told} the condition, and {len(fitting)} of them that of the rule too")
    for record_id in fitting[:_MOST]:
        yield _try(rule, record_id)


def _show(rule: "Rule", trials: "list[Trial]", output: str | None) -> None:
    from crmcli.output.tables import Column, Table, write_table

    streams = current().streams
    rows = [row for trial in trials for row in _rows(trial)]
    columns = _TRIAL if len(trials) > 1 else _TRIAL[1:]
    write_table(Table(tuple(Column(*column) for column in columns), rows, noun="lines"), streams, output)
    for trial in trials:
        for warning in trial.warnings:
            streams.warn(warning)
        said = (
            "would refuse the write"
            if trial.refused
            else f"would rest: {trial.reason}"
            if trial.reason
            else "would act"
        )
        streams.note(f"rule {rule.id} on {trial.ref} {said}; nothing was kept")


def _rows(trial: "Trial") -> "Iterator[dict[str, object]]":
    for part in trial.condition:
        text = "  " * part.depth + part.text
        holds = "yes" if part.holds else "no"
        yield {"ref": trial.ref, "part": "condition", "text": text, "holds": holds, "found": part.found or None}
    for effect in (trial.refused,) if trial.refused else trial.effects:
        yield {"ref": trial.ref, "part": "effect", "text": effect, "holds": None, "found": None}


def _run_tests(output: str | None) -> None:
    """Run the tests beside the rules; exit code 1 when one fails."""
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.rules.fixtures import load_cases
    from crmcli.services.rule_tests.bench import run_cases

    session = current()
    verdicts = list(run_cases(load_cases(session.paths.rules), _context()))
    rows = [
        {
            "file": one.case.file,
            "test": one.case.name,
            "result": "failed" if one.differences else "ok",
            "differences": list(one.differences),
        }
        for one in verdicts
    ]
    table = Table(tuple(Column(*column) for column in _TESTS), rows, noun="tests")
    write_table(table, session.streams, output)
    failed = [one for one in verdicts if one.differences]
    for one in failed:
        session.streams.warn(f"{one.case.file}: {one.case.name}")
        for difference in one.differences:
            session.streams.warn(f"  {difference}")
    session.streams.note(f"{counted(len(verdicts), 'test')}, {len(failed)} failed")
    if failed:
        raise typer.Exit(1)


def _context() -> "Context":
    """Return what rules are tried with. Ends the reading of this run, which could stand in the way."""
    from crmcli.cli.figures import measure
    from crmcli.services.results import Command, Context

    session = current()
    session.close()
    command, paths = Command("crm rule test"), session.paths
    return Context(session.store_path, session.settings, command, paths.rules, paths, measure=measure)
