"""What a report is asked by a table of the settings, read as if it had been typed.

A table calls the options as the command line does, without the dashes in front, and with ``_`` or ``-`` between words;
an argument has the name of its parameter, such as ``noun``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from crmcli.cli.report_asked import Asked, Own, own_report
from crmcli.config.dashboard import SHARED as PANEL
from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError
from crmcli.reports.index import REPORTS, find_report

if TYPE_CHECKING:
    from typer._click.core import Command as AnyCommand
    from typer.models import CommandInfo

    from crmcli.cli.signatures import Command


_SHARED = tuple(name for name in Asked._fields if name != "own")


class _Form(NamedTuple):
    """The command of a report without the options of the whole program, and what its ``own`` parameters come to."""

    command: "AnyCommand"
    own: tuple[str, ...]
    ask: Callable[..., Own]


def asked_of(report: str, given: Mapping[str, Any]) -> Asked:
    """Return what a report is asked; UsageError for what it does not take, with the nearest name."""
    form = _form(report)
    found = _read(report, form, (*form.own, *_SHARED), given)
    shared = {name: found[name] for name in _SHARED if name in found}
    return Asked(**shared, own=form.ask(**{name: found[name] for name in form.own}))


def own_options(report: str, given: Mapping[str, Any]) -> Own:
    """Return what a report alone is asked by a panel, which has names of its own, too; UsageError as above."""
    if not given:
        return {}
    form = _form(report)
    found = _read(report, form, form.own, given, PANEL)
    return form.ask(**{name: found[name] for name in form.own})


def _form(report: str) -> _Form:
    from typer.main import get_command_from_info

    def made(info: "CommandInfo") -> "AnyCommand":
        return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)

    if report not in REPORTS and (mine := own_report(report)):
        info = import_module("crmcli.cli.report_own").find(report)
        return _Form(made(info), tuple(one.name for one in mine.parameters), dict)
    from crmcli.cli.lazy import name_of

    infos = import_module(f"crmcli.cli.report_{find_report(report).area}").app.registered_commands
    info = next(one for one in infos if name_of(one) == report)
    asks = cast("Callable[..., Own]", cast("Command", info.callback).asks)
    return _Form(made(info), tuple(signature(asks).parameters), asks)


def _read(
    report: str, form: _Form, names: Iterable[str], given: Mapping[str, Any], beside: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the parameters of a report as its command reads them; only some of them may be given.

    ``beside`` are names that the table has for other things, which may have been meant.
    """
    from typer import TyperException

    from crmcli.cli.exits import usage_error

    wanted = frozenset(names)
    known = {_called(one): one for one in form.command.params if one.name in wanted}
    asked = {key.replace("-", "_"): value for key, value in given.items()}
    if unknown := next((key for key in asked if key not in known), None):
        hint = did_you_mean(unknown, [*known, *beside]) or f"crm report {report} --help"
        raise UsageError(f"the report {report} takes no {unknown!r}", hint=hint)
    first = (word for key, value in asked.items() for word in _words(key, known[key], value))
    last = (_text(one) for key, value in asked.items() if _is_argument(known[key]) for one in _each(value))
    try:
        with form.command.make_context(f"crm report {report}", [*first, "--", *last]) as context:
            return dict(context.params)
    except TyperException as error:
        raise usage_error(error) from None


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _called(parameter: Any) -> str:
    """Return how a table calls an option or an argument."""
    if _is_argument(parameter):
        return str(parameter.name)
    return str(max(parameter.opts, key=len)).lstrip("-").replace("-", "_")


def _words(key: str, parameter: Any, value: Any) -> Iterator[str]:
    """Yield the value of an option as the words that say the same on the command line."""
    values = _each(value)
    if len(values) > 1 and not (getattr(parameter, "multiple", False) or parameter.nargs != 1):
        raise UsageError(f"{key} takes one value", hint=f'{key} = "..."')
    if _is_argument(parameter):
        return
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise UsageError(f"{key} is true or false, not {value!r}", hint=f"{key} = true")
        yield from (parameter.opts if value else parameter.secondary_opts)[:1]
    else:
        yield from (f"{max(parameter.opts, key=len)}={_text(one)}" for one in values)


def _each(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
