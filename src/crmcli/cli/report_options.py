"""The options that one report alone takes, given in a table of the settings, read as if they had been typed.

A table calls them as the command line does, without the dashes in front and with ``_`` between words; an argument has
the name of its parameter, such as ``noun``.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from crmcli.config.dashboard import SHARED
from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError
from crmcli.reports.index import REPORTS

if TYPE_CHECKING:
    from typer._click.core import Command as AnyCommand

    from crmcli.cli.signatures import Command


def own_options(report: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a report alone is asked; UsageError for what it does not take, with the nearest name."""
    if not given:
        return {}
    from typer import TyperException

    from crmcli.cli.exits import usage_error

    command, ask = _command(report)
    names = [*signature(ask).parameters]
    known = {_called(one): one for one in command.params if one.name in names}
    if unknown := next((key for key in given if key not in known), None):
        hint = did_you_mean(unknown, [*known, *SHARED]) or f"crm report {report} --help"
        raise UsageError(f"the report {report} takes no {unknown!r}", hint=hint)
    words = [word for key, value in given.items() for word in _words(key, known[key], value)]
    try:
        with command.make_context(f"crm report {report}", words) as context:
            return ask(**{name: context.params[name] for name in names})
    except TyperException as error:
        raise usage_error(error) from None


def _command(report: str) -> "tuple[AnyCommand, Callable[..., Mapping[str, Any]]]":
    """Return the command of a report without the options of the whole program, and what its own parameters come to."""
    from typer.main import get_command_from_info

    from crmcli.cli.lazy import name_of

    infos = import_module(f"crmcli.cli.report_{REPORTS[report].area}").app.registered_commands
    info = next(one for one in infos if name_of(one) == report)
    found = cast("Command", info.callback)
    made = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    return made, cast("Callable[..., Mapping[str, Any]]", found.asks)


def _called(parameter: Any) -> str:
    """Return how a table calls an option or an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.name)
    return str(parameter.opts[0]).lstrip("-").replace("-", "_")


def _words(key: str, parameter: Any, value: Any) -> Iterator[str]:
    """Yield a value as the words that say the same on the command line."""
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise UsageError(f"{key} is true or false, not {value!r}", hint=f"{key} = true")
        if value:
            yield parameter.opts[0]
        return
    values = value if isinstance(value, list) else [value]
    if len(values) > 1 and not parameter.multiple:
        raise UsageError(f"{key} takes one value", hint=f'{key} = "..."')
    for one in values:
        yield str(one) if parameter.param_type_name == "argument" else f"{parameter.opts[0]}={one}"
