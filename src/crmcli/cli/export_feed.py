"""``crm export ics``: what other calendars may show of the store, as a feed file or a folder of files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.completing import choices
from crmcli.cli.export import content_writer, target
from crmcli.cli.session import current
from crmcli.domain.plurals import counted, listed
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.services.calendars.items import Wanted

app = typer.Typer(add_completion=False)
_KINDS = ("events", "tasks", "closes")


@app.command()
def ics(
    to: Annotated[
        str | None, typer.Option(metavar="FILE|FOLDER/", help="Write there, for your eyes only; a folder ends with /.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="KINDS", help=f"Some of {', '.join(_KINDS)}.", autocompletion=choices(_KINDS)),
    ] = None,
) -> None:
    """Export events, tasks and expected closes as one calendar.

    For other programs to show: each item keeps its identity, and the same store gives the same bytes. In a folder each
    item is a file, as vdirsyncer has it; files that say the same are not touched, those of other programs are left
    alone, and none is removed.

    Examples:
        crm export ics --to feed.ics
        crm export ics --only events,closes --to feed.ics
        crm export ics --to calendar/
    """
    from crmcli.services.calendars.items import write_feed

    wanted = _wanted(only)
    session = current()
    if to is not None and (to.endswith("/") or Path(to).is_dir()):
        _write_folder(Path(to), wanted)
        return
    path = None if to in (None, "-") else Path(str(to))
    with target(path) as streams:
        count = write_feed(session.reader(), wanted, content_writer(path, streams))
    if path is not None:
        session.streams.note(f"{counted(count, 'item')} written to {path}")


def _wanted(only: str | None) -> "Wanted":
    from crmcli.cli.inputs import split_list
    from crmcli.domain.schema import did_you_mean
    from crmcli.services.calendars.items import OPEN_CLOSES

    everything: Wanted = {"event": None, "task": None, "deal": OPEN_CLOSES}
    chosen = split_list(only) or _KINDS
    for name in chosen:
        if name not in _KINDS:
            hint = did_you_mean(name, list(_KINDS)) or f"some of {', '.join(_KINDS)}"
            raise UsageError(f"--only: a calendar holds no {name!r}", hint=hint)
    return {entity: of for kind, (entity, of) in zip(_KINDS, everything.items(), strict=True) if kind in chosen}


def _write_folder(folder: Path, wanted: "Wanted") -> None:
    from crmcli.services.calendars.folder import write_folder
    from crmcli.services.calendars.items import read_items

    session = current()
    done = write_folder(folder, read_items(session.reader(), wanted))
    session.streams.note(f"{counted(done.items, 'item')} in {folder}, {counted(done.changed, 'file')} written")
    if done.foreign:
        told = "of other programs, left as they are" if len(done.foreign) > 1 else "of another program, left as it is"
        session.streams.warn(f"{counted(len(done.foreign), 'file')} {told}: {listed(done.foreign)}")
    if done.left:
        session.streams.note(f"no longer in the store, and not removed: {listed(done.left)}")
