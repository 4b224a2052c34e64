"""The options that every command takes, before or after its name: parsed by the command's own parser.

So ``--note --debug`` is a note that says "--debug", and nothing needs to guess which words are values.
"""

from typing import Any

import typer
from typer._click.core import Context, Parameter
from typer.core import TyperOption

from crmcli import clock
from crmcli.cli.session import current
from crmcli.errors import UsageError


class GlobalOption(TyperOption):
    """An option of the program; the help of single commands leaves it out."""


def _keep(context: Context, parameter: Parameter, value: Any) -> None:
    if value and not context.resilient_parsing:
        setattr(current(), str(parameter.name), value)


def _keep_color(context: Context, parameter: Parameter, value: str | None) -> None:
    from crmcli.output.streams import COLORS

    if value and value not in COLORS:
        raise UsageError(f"--color takes {', '.join(COLORS)}, not {value!r}")
    _keep(context, parameter, value)


def _fix_clock(context: Context, parameter: Parameter, value: str | None) -> None:
    if value and not context.resilient_parsing:
        clock.fix(value)
        _keep(context, parameter, value)


def _show_help(context: Context, _parameter: Parameter, value: bool | None) -> None:
    if value and not context.resilient_parsing:
        current().streams.data(context.get_help())
        raise typer.Exit


def _show_version(context: Context, _parameter: Parameter, value: bool | None) -> None:
    if value and not context.resilient_parsing:
        from crmcli.version import VERSION

        current().streams.data(f"crm {VERSION}")
        raise typer.Exit


def _install_completion(context: Context, _parameter: Parameter, value: bool | None) -> None:
    if value and not context.resilient_parsing:
        from crmcli.cli.completion import install_script

        install_script(None)
        raise typer.Exit


def _option(*names: str, help: str, **details: Any) -> GlobalOption:
    details.setdefault("callback", _keep)
    return GlobalOption(param_decls=list(names), help=help, expose_value=False, **details)


GLOBAL_OPTIONS = (
    _option("--db", metavar="PATH", help="Use this store (also CRMCLI_DB)."),
    _option("--as-of", metavar="WHEN", callback=_fix_clock, help="Pretend that it is this moment (also CRMCLI_NOW)."),
    _option(
        "--color", metavar="WHEN", callback=_keep_color, help="auto, always or never (also NO_COLOR, FORCE_COLOR)."
    ),
    _option("--quiet", "-q", is_flag=True, help="Say nothing but results and errors."),
    _option("--verbose", "-v", count=True, type=int, help="Say more: effects of rules, timings."),
    _option("--debug", is_flag=True, help="Keep the traceback of a failure and say where."),
    _option("--no-pager", is_flag=True, help="Never open a pager."),
    _option("--plain", is_flag=True, help="Linear text: no boxes, no colour."),
    _option("--version", is_flag=True, is_eager=True, callback=_show_version, help="Print the version."),
    _option("--help", "-h", is_flag=True, is_eager=True, callback=_show_help, help="Explain the program or a command."),
)

ROOT_OPTIONS = (
    _option(
        "--install-completion",
        is_flag=True,
        is_eager=True,
        callback=_install_completion,
        help="Install completion for the current shell.",
    ),
)
