"""``crm rule enable`` and ``crm rule disable``: rules switched off without touching their files."""

from typing import Annotated

import typer

from crmcli.cli.answers import context
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Ids of rules.")]


@app.command()
@writes
def enable(
    ids: Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="Take back that every rule is disabled.")] = False,
    *,
    asked: Asked,
) -> None:
    """Let a rule act again.

    One that was disabled, or that tripped because it ran too often. What its file says stays as it is.

    Examples:
        crm rule enable hot-lead
        crm rule enable --all
    """
    from crmcli.queries.rule_states import ENABLED

    _switch(ids, all_, asked, ENABLED, "Enabled")


@app.command()
@writes
def disable(
    ids: Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="Every rule, those to come included.")] = False,
    *,
    asked: Asked,
) -> None:
    """Keep rules from acting.

    Until they are enabled again; --reason is kept and shown. What falls due by time meanwhile is not made up for.

    Examples:
        crm rule disable hot-lead --reason "too many calls"
        crm rule disable --all
    """
    from crmcli.queries.rule_states import DISABLED

    _switch(ids, all_, asked, DISABLED, "Disabled")


def _switch(ids: list[str] | None, every: bool, asked: Asked, state: str, done: str) -> None:
    from crmcli.queries.rule_states import EVERY
    from crmcli.rules.files import load_files
    from crmcli.services.automation.states import switch
    from crmcli.services.rules_by_hand import no_rule

    if bool(ids) == every:
        raise UsageError("name the rules, or give --all", hint="crm rule list")
    session, given = current(), context(asked, plain=ids or ())
    known = {rule.id: rule for rule in load_files(session.paths.rules).rules}
    for rule_id in ids or ():
        if rule_id not in known:
            raise no_rule(rule_id, known)
        if state == "enabled" and not known[rule_id].enabled:
            session.streams.warn(f"{known[rule_id].place.file} says that {rule_id} is not enabled, and that stays so")
    switch(given, ids or [EVERY], state)
    if asked.dry_run:
        done = f"Would be {done.lower()}"
    for name in ids or ["every rule"]:
        if session.streams.is_terminal or every:
            session.streams.note(f"{done}: {name}")
        else:
            session.streams.data(name)
