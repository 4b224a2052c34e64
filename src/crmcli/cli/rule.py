"""``crm rule``: the rules that are in force, and what is wrong with their files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current
from crmcli.domain.plurals import counted

if TYPE_CHECKING:
    from crmcli.rules.files import RuleFiles
    from crmcli.rules.mistakes import Mistake
    from crmcli.rules.rule import Rule
    from crmcli.rules.ruleset import ReadyRule

app = typer.Typer(add_completion=False)

_COLUMNS = (
    ("ref", "Rule", "text"),
    ("state", "State", "text"),
    ("order", "Order", "int"),
    ("on", "On", "text"),
    ("when", "When", "text"),
    ("last_run", "Last run", "instant"),
    ("file", "File", "text"),
    ("name", "Name", "text"),
)


@app.command("list")
def list_(output: OutputFormat = None) -> None:
    """List rules.

    In the order of their turns, with the last run. A rule that is broken stops every write until it is put right.

    Examples:
        crm rule list
        crm rule list -o json
    """
    from crmcli.output.tables import Column, Options, Table, write_table

    session = current()
    files, ready, mistakes = _load()
    rows = _rows(files, {one.id for one in ready})
    table = Table(tuple(Column(*column) for column in _COLUMNS), rows, noun="rules")
    write_table(table, session.streams, output, Options(session.locale, session.zone, pager=not session.no_pager))
    if mistakes:
        session.streams.warn(f"{counted(len(mistakes), 'mistake')} in the rule files; crm rule check tells them")


@app.command()
def check(output: OutputFormat = None) -> None:
    """Check rule files.

    Tells every mistake with file, line, rule and key, and warns of rules that set each other off, never have a turn, or
    cannot reach what they name outside.

    Examples:
        crm rule check
        crm rule check -o json
    """
    from crmcli.rules.doubts import find_cycles, find_unreachable
    from crmcli.rules.mistakes import refuse

    streams = current().streams
    files, ready, mistakes = _load()
    if output is not None:
        _show_mistakes(mistakes, output)
        refuse(mistakes, told=0)
    elif len(mistakes) > 1 and not streams.quiet:
        for mistake in mistakes:
            streams.note(str(mistake))
        refuse(mistakes, told=0)
    refuse(mistakes)
    active = [one for one in ready if one.rule.enabled]
    for cycle in find_cycles(active):
        streams.warn(f"rules may set each other off: {' → '.join(cycle)}")
    for rule_id, ender in find_unreachable(active):
        streams.warn(f"rule {rule_id} never has a turn: {ender} ends it with stop")
    if any(action.kind in ("run", "webhook") for one in active for action in one.rule.actions):
        from crmcli.services.automation.reach import doubts

        for doubt in doubts([one.rule for one in active], current().settings, current().paths):
            streams.warn(doubt)
    scores = f" and {counted(len(files.scores), 'score entry', 'score entries')}" if files.scores else ""
    streams.note(f"{counted(len(files.rules), 'rule')}{scores}, no mistakes")


def _show_mistakes(mistakes: "Sequence[Mistake]", output: str) -> None:
    """Write the mistakes as data."""
    from crmcli.output.tables import Column, Table, write_table

    names = (
        ("file", "File"),
        ("line", "Line"),
        ("rule", "Rule"),
        ("key", "Key"),
        ("reason", "Reason"),
        ("hint", "Hint"),
    )
    columns = tuple(Column(key, label, "int" if key == "line" else "text") for key, label in names)
    write_table(Table(columns, [mistake.row for mistake in mistakes], noun="mistakes"), current().streams, output)


def _load() -> "tuple[RuleFiles, Sequence[ReadyRule], Sequence[Mistake]]":
    """Return the rules as written, those that have a meaning in the order of their turns, and every mistake."""
    from crmcli.queries.scope import make_scope, user_id
    from crmcli.rules.files import load_files
    from crmcli.rules.ruleset import understand_rules
    from crmcli.rules.scores import understand_scores
    from crmcli.rules.world import World

    session = current()
    settings = session.settings
    files = load_files(session.paths.rules)
    if not files:
        return files, (), ()
    con = session.reader()
    scope = make_scope(con, session.zone, session.locale, user_id(con, settings.user), settings.country)
    world = World(scope, settings.calendar, session.paths.templates)
    ready, mistakes = understand_rules(files, world)
    understand_scores(files.scores, world, mistakes)
    return files, ready, mistakes


def _rows(files: "RuleFiles", sound: set[str]) -> list[dict[str, object]]:
    if not files.rules:
        return []
    from crmcli.queries.rule_runs import last_runs
    from crmcli.queries.rule_states import load_states, state_of
    from crmcli.rules.events import event_name

    con = current().reader()
    runs, states = last_runs(con), load_states(con)

    def state(rule: "Rule") -> str:
        switched = state_of(states, rule.id)
        if rule.id not in sound:
            return "broken"
        return "disabled" if not rule.enabled else switched.state if switched else "enabled"

    return [
        {
            "ref": rule.id,
            "state": state(rule),
            "order": rule.order,
            "on": ", ".join(event_name(rule.entity, event) for event in rule.events),
            "when": rule.when or None,
            "last_run": runs.get(rule.id),
            "file": rule.place.file,
            "name": rule.name,
        }
        for rule in sorted(files.rules, key=lambda rule: (rule.order, rule.id))
    ]
