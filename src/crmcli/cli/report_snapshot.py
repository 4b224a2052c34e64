"""``crm report snapshot``: keeps what the forecast is today, for ``crm report forecast-accuracy``."""

import typer

from crmcli.cli.signatures import Asked, writes

app = typer.Typer(add_completion=False)


@app.command()
@writes
def snapshot(asked: Asked) -> None:
    """Keep what the forecast is today.

    Once a day is enough: with the setting `snapshots` crm tick does it, and what is kept already stays as it is.

    Examples:
        crm report snapshot
        crm config set snapshots true
    """
    from crmcli.cli.answers import context
    from crmcli.cli.session import current
    from crmcli.errors import RefusedError
    from crmcli.services.snapshots import is_kept, is_past, keep

    found = context(asked)
    kept = keep(found)
    streams = current().streams
    if kept:
        streams.note(f"the forecast of today {'would be' if asked.dry_run else 'is'} kept")
    elif is_kept(found):
        streams.note("the forecast of today is kept already")
    elif is_past(found):
        told = "what was forecast on a day of the past is not known any more"
        raise RefusedError(told, hint="crm config set snapshots true   keeps it each day", code="snapshot.past")
    else:
        streams.note("there is no deal to keep a forecast of")
