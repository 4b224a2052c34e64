"""``crm sync``: calendars and address books of a server, kept in step both ways."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.answers import context
from crmcli.cli.completing import choices
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import ConfigError, CrmError, NotFoundError, PartialError, UsageError
from crmcli.output.formats import WITHOUT_REFS

if TYPE_CHECKING:
    from crmcli.config.calendars import Synced
    from crmcli.services.calendars.report import Report, Told
    from crmcli.services.calendars.sync import Wanted

app = typer.Typer(add_completion=False)

_SIDES = ("local", "remote")
_COLUMNS = ("account", "action", "ref", "title", "detail")
_USUAL = {"event": "r.end_at >= :usual OR r.rrule IS NOT NULL", "task": "r.status IN ('todo', 'doing', 'waiting')"}


def _names(incomplete: str) -> list[str]:
    return [account.name for account in current().settings.synced if account.name.startswith(incomplete)]


@app.command()
@partial(writes, output=FormatWithoutRefs)
def sync(
    account: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="One of them; by default all.", autocompletion=_names)
    ] = None,
    prefer: Annotated[
        str | None,
        typer.Option(metavar="SIDE", help="In a conflict: local or remote.", autocompletion=choices(_SIDES)),
    ] = None,
    *,
    asked: Asked,
) -> None:
    """Keep calendars and address books of a server in step.

    Events and tasks with CalDAV, contacts with CardDAV, as [[calendar.account]] and [[contacts.account]] of the
    configuration say. What changed on one side comes to the other, what is removed on one side goes on the other too. A
    field that both sides changed is a conflict: it is shown, nothing is touched, and --prefer decides. What comes in is
    one step that undo takes back. Exit code 6 when something was not settled, 8 when a server failed.

    Examples:
        crm sync --dry-run
        crm sync work
        crm sync work --prefer remote
    """
    from crmcli.output.tables import choose_format

    if prefer is not None and prefer not in _SIDES:
        raise UsageError(f"--prefer: {prefer!r} is no side", hint="local or remote")
    choose_format(asked.output, current().streams, WITHOUT_REFS)
    chosen = _chosen(account)
    reports: list[Report] = []
    failure: CrmError | None = None
    for one in chosen:
        try:
            reports.append(_run(one, prefer, asked))
        except CrmError as error:
            if len(chosen) == 1:
                raise
            current().streams.warn(f"{one.name}: {error.message}")
            failure = error
    _write([told for report in reports for told in report.told], asked)
    _finish(reports, failure)


def _run(account: "Synced", prefer: str | None, asked: Asked) -> "Report":
    from crmcli.services.calendars.sync import synchronise

    wanted = _wanted(account)
    given = context(asked, plain=[account.name], formats=WITHOUT_REFS)
    report = synchronise(given, account, wanted, prefer)
    streams = current().streams
    for warning in report.warnings:
        streams.warn(warning)
    for effect in report.effects:
        streams.note(effect)
    if report.is_running and streams.is_terminal:
        streams.note(f"{account.name}: another run is at it")
    return report


def _chosen(name: str | None) -> "list[Synced]":
    accounts = current().settings.synced
    if not accounts:
        raise ConfigError("no account to keep in step", hint="crm config edit adds a [[calendar.account]]")
    found = [account for account in accounts if name in (None, account.name)]
    if not found:
        raise NotFoundError("account", name or "", hint=f"one of {', '.join(account.name for account in accounts)}")
    return found


def _wanted(account: "Synced") -> "Wanted":
    """Return which new records are sent: by the conditions of the account, else what is not over."""
    from crmcli import clock
    from crmcli.cli.listing import compile_clause
    from crmcli.conditions.expression import Clause

    usual = {
        entity: Clause(_USUAL.get(entity, "TRUE"), {"usual": clock.now_text()} if entity == "event" else {})
        for entity in account.wanted
    }
    return {entity: compile_clause(entity, text) if text else usual[entity] for entity, text in account.wanted.items()}


def _write(told: "list[Told]", asked: Asked) -> None:
    """Write what was done where it was asked for; unasked only where somebody looks, but what is open always."""
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.services.calendars.report import CONFLICT, FAILED

    streams = current().streams
    is_shown = asked.output is not None or asked.dry_run or (streams.is_terminal and told)
    if is_shown:
        columns = tuple(Column(name, name.capitalize()) for name in _COLUMNS)
        rows = [one._asdict() for one in told]
        write_table(Table(columns, rows, noun="items"), streams, asked.output, output_options())
    if asked.dry_run:
        streams.note("Dry run: nothing was changed, here or there")
    for one in told:
        if one.action in (CONFLICT, FAILED) and not is_shown:
            streams.warn(f"{one.account}: {one.action}: {' '.join(filter(None, (one.ref, one.title)))}: {one.detail}")


def _finish(reports: "list[Report]", failure: CrmError | None) -> None:
    from crmcli.domain.plurals import counted
    from crmcli.services.calendars.report import CONFLICT, FAILED

    if failure is not None:
        raise failure
    conflicts = sum(report.count(CONFLICT) for report in reports)
    failed = sum(report.count(FAILED) for report in reports)
    if conflicts or failed:
        told = [counted(conflicts, "conflict")] * bool(conflicts) + [f"{counted(failed, 'item')} not taken"] * bool(
            failed
        )
        hint = "crm sync --prefer remote, or local, decides" if conflicts else None
        raise PartialError(", ".join(told), hint=hint)
