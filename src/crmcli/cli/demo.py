"""``crm demo``: a workspace of its own, full of invented people, and a first look at it."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.session import current
from crmcli.errors import ConflictError

app = typer.Typer(add_completion=False)

_SHOWN = ("status", "report pipeline", "report kpi --period 365d")
_NEXT = """\
Next, type:
  export CRMCLI_HOME={home}
  crm status
  crm deal list --where "outcome = open" --sort -amount
  crm show O1
  crm task due --within 7d
  crm report pipeline
  crm undo --list"""


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Where; a new folder by default.")] = None,
) -> None:
    """Build a sample workspace and show it.

    Nothing of yours is touched: it is a folder with a configuration and a store of its own. Off a terminal only the
    folder is printed.

    Examples:
        crm demo
        crm demo ~/crm-demo
    """
    home = _home(folder)
    session = current()
    session.db = None
    session.environ = {**session.environ, "CRMCLI_HOME": str(home), "CRMCLI_DB": ""}
    if session.store_path.exists():
        raise ConflictError(f"{session.store_path} is there already", hint="crm demo OTHER_DIR", code="store.exists")
    counts = _build()
    streams = session.streams
    if not streams.is_terminal:
        streams.data(str(home))
        streams.note(f"built a sample workspace of {counts} records in {home}")
        return
    streams.data(f"A sample workspace of {counts} records, in {home}\n")
    _show()
    streams.data("\n" + _NEXT.format(home=home))


def _home(folder: Path | None) -> Path:
    if folder is not None:
        return folder.expanduser().absolute()
    from tempfile import mkdtemp

    return Path(mkdtemp(prefix="crm-demo-"))


def _build() -> int:
    """Make the store, the configuration and the records; return how many records there are."""
    from crmcli.cli.init import write_configuration
    from crmcli.services.results import Command, Context
    from crmcli.services.samples.workspace import fill
    from crmcli.services.setup import create_store

    session = current()
    create_store(session.store_path, session.settings)
    write_configuration()
    result = fill(Context(session.store_path, session.settings, Command("crm demo")))
    return result.counts["create"]


def _show() -> None:
    """Show the day, the pipeline and the figures of the year by the commands that a person would type."""
    from crmcli.cli.lazy import Group
    from crmcli.cli.registry import ROOT

    current().no_pager = True
    root = Group(ROOT)
    for number, words in enumerate(_SHOWN):
        if number:
            current().streams.data("")
        with root.make_context("crm", words.split()) as context:
            root.invoke(context)
