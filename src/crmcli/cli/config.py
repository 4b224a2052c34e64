"""``crm config``: where everything lies, and the settings of the user."""

from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs, OutputFormat
from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import ConfigError, UsageError

app = typer.Typer(add_completion=False)

_PLACES = {
    "config": "config_file",
    "rules": "rules",
    "hooks": "hooks",
    "templates": "templates",
    "data": "data",
    "state": "state",
    "cache": "cache",
    "store": "store",
}


def _places(incomplete: str) -> list[str]:
    return [place for place in _PLACES if place.startswith(incomplete)]


def _keys(incomplete: str) -> list[str]:
    from crmcli.config.settings import SETTINGS

    return [key for key in SETTINGS if key.startswith(incomplete)]


Place = Annotated[str | None, typer.Argument(metavar="[PLACE]", help=", ".join(_PLACES), autocompletion=_places)]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Name of the setting.", autocompletion=_keys)]
AnyKey = Annotated[str | None, typer.Argument(metavar="[KEY]", help="Name of the setting.", autocompletion=_keys)]


@app.command()
def path(place: Place = None, output: FormatWithoutRefs = None) -> None:
    """Print where files and folders lie.

    Examples:
        crm config path
        cp hot-leads.toml "$(crm config path rules)"
    """
    session = current()
    where = {name: str(getattr(session.paths, attribute)) for name, attribute in _PLACES.items()}
    if place is None:
        _write_rows(("place", "path"), [{"place": name, "path": text} for name, text in where.items()], output)
    elif place in where:
        session.streams.data(where[place])
    else:
        raise UsageError(f"there is no place {place!r}", hint=f"one of {', '.join(where)}")


@app.command()
def get(key: AnyKey = None, output: OutputFormat = None) -> None:
    """Print settings and where they come from.

    Examples:
        crm config get
        crm config get currency
    """
    from crmcli.config.settings import SETTINGS, find

    session = current()
    settings = session.settings
    if key is not None:
        session.streams.data(_shown(getattr(settings, find(key).key)))
        return
    rows = [
        {"key": name, "value": _shown(getattr(settings, name)), "origin": settings.origins[name]} for name in SETTINGS
    ]
    _write_rows(("key", "value", "origin"), rows, output)


@app.command("set")
def set_(
    key: Key,
    value: Annotated[str | None, typer.Argument(metavar="[VALUE]", help="What it shall be.")] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Put it back to its default.")] = False,
) -> None:
    """Set a setting, or put it back to its default.

    Examples:
        crm config set currency USD
        crm config set currency --unset
    """
    from crmcli.config.edit import with_value, without_value
    from crmcli.config.settings import read_value

    if unset == (value is not None):
        raise UsageError("give either a value or --unset", hint=f"crm config set {key} VALUE")
    text = _text_of_file()
    text = without_value(text, key) if value is None else with_value(text, key, read_value(key, value))
    _write_file(text)
    current().streams.note(f"{key} is back to its default" if value is None else f"{key} = {value}")


@app.command()
def edit() -> None:
    """Open the configuration in your editor.

    What you wrote takes effect when it is free of mistakes; until then it is kept and opened again next time.

    Examples:
        crm config edit
    """
    from crmcli.cli.editor import open_in_editor
    from crmcli.config.paths import ensure
    from crmcli.config.settings import parse
    from crmcli.formats.files import write_text

    session = current()
    file = session.paths.config_file
    draft = file.with_suffix(".draft.toml")
    before = _text_of_file(valid=False)
    if not draft.exists():
        ensure(draft.parent)
        write_text(draft, before)
    open_in_editor(draft, session.environ)
    after = draft.read_text(encoding="utf-8", errors="replace")
    try:
        parse(after, str(draft))
    except ConfigError as error:
        raise ConfigError(error.message, hint="crm config edit opens it again; nothing is in force yet") from None
    if after != before:
        _write_file(after)
    draft.unlink()
    session.streams.note("configuration changed" if after != before else "nothing changed")


@app.command()
def check() -> None:
    """Check the configuration.

    Examples:
        crm config check
    """
    from crmcli.cli.reporting import check_panels
    from crmcli.config.settings import read_file

    session = current()
    check_panels()
    file = session.paths.config_file
    if session.settings.reports:
        from crmcli.cli.report_scheduled import check_schedules

        check_schedules(session.settings.reports)
    session.streams.note(
        f"{file}: {counted(len(read_file(file)), 'setting')}, no mistakes"
        if file.exists()
        else f"no {file}: all defaults"
    )


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_of_file(*, valid: bool = True) -> str:
    """Return the text of the configuration file, or the template where there is none; by default refuse mistakes."""
    from crmcli.config.settings import read_file, text_of
    from crmcli.config.template import template

    file = current().paths.config_file
    if valid:
        read_file(file)
    text = text_of(file, errors="replace")
    return template() if text is None else text


def _write_file(text: str) -> None:
    from crmcli.config.paths import ensure
    from crmcli.formats.files import write_text

    file = current().paths.config_file
    ensure(file.parent)
    write_text(file, text)


def _write_rows(keys: tuple[str, ...], rows: list[dict[str, str]], output: str | None) -> None:
    from crmcli.output.tables import Column, Table, write_table

    columns = tuple(Column(key, key.capitalize()) for key in keys)
    write_table(Table(columns, rows, total=len(rows), noun="lines"), current().streams, output)
