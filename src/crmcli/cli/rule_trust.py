"""``crm rule trust``: which rule files may send something outside."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import NotFoundError, UsageError

app = typer.Typer(add_completion=False)


def _files(incomplete: str) -> list[str]:
    from crmcli.rules.files import toml_files

    return [file.name for file in toml_files(current().paths.rules) if file.name.startswith(incomplete)]


@app.command()
def trust(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A rule file.", autocompletion=_files)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would be allowed, allow nothing.")] = False,
) -> None:
    """Let a rule file send something outside.

    Mails, web hooks and programs of a rule file are blocked until you say so here, and again whenever the file changes.
    Shows what the rules of the file send, and the templates and programs
    that they take for it; those may change without being asked about again.

    Examples:
        crm rule trust leads.toml
        crm rule trust leads.toml --dry-run
    """
    from crmcli.rules.action_keys import TRUSTED_ACTIONS
    from crmcli.rules.files import load_files
    from crmcli.services.automation.reach import told
    from crmcli.services.automation.trust import trust as service

    session = current()
    name = _named(file)
    rules = [rule for rule in load_files(session.paths.rules).rules if rule.place.file == name]
    outside = [(rule, action) for rule in rules for action in rule.actions if action.kind in TRUSTED_ACTIONS]
    for rule, action in outside:
        session.streams.note(f"rule {rule.id}: {told(action, session.paths)}")
    if dry_run:
        return
    service(session.paths, name, rules)
    session.streams.note(f"{name} is trusted as it is now: {counted(len(outside), 'action')} may act outside")


def _named(file: str) -> str:
    """Return the name of a rule file that is given by name or by path; there are none outside of the rules folder."""
    folder = current().paths.rules
    path = Path(file)
    if path.name != file and path.expanduser().absolute().parent.resolve() != folder.resolve():
        raise UsageError(f"{file} is not in the rules folder {folder}", hint="crm config path rules")
    if not (folder / path.name).is_file() or path.suffix.lower() != ".toml":
        raise NotFoundError("rule file", path.name, hint="crm rule list")
    return path.name
