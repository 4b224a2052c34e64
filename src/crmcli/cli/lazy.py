"""Groups that import a command only when it is invoked; their help and completion come from the registry.

Importing every command, or turning each option of each verb into a parameter, would cost more than most commands do.
"""

from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer._click.core import Command as AnyCommand
from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer._click.shell_completion import CompletionItem
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_command_name
from typer.models import CommandInfo

from crmcli.cli.entries import ALIASES, Entry
from crmcli.cli.globals import GLOBAL_OPTIONS, ROOT_OPTIONS, GlobalOption
from crmcli.cli.session import current
from crmcli.errors import UsageError

_OWN_HELP_OPTION: dict[str, list[str]] = {"help_option_names": []}  # cli.globals has one that prints through output


class Command(TyperCommand):
    """A single command: examples in its docstring keep their lines, global options stay out of its help."""

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the docstring; a paragraph with indented lines is written as it stands."""
        with formatter.indentation():
            for paragraph in (self.help or "").split("\n\n"):
                formatter.write_paragraph()
                if "\n " in paragraph:
                    formatter.write("".join(f"  {line}\n" for line in paragraph.splitlines()))
                else:
                    formatter.write_text(paragraph)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write arguments, then options; global ones are told by ``crm --help``."""
        own = [parameter for parameter in self.get_params(ctx) if not isinstance(parameter, GlobalOption)]
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            records = (p.get_help_record(ctx) for p in own if p.param_type_name == kind)
            if rows := [record for record in records if record]:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Group(TyperGroup):
    """A group of the registry. Without a verb it prints its help."""

    def __init__(self, entry: Entry) -> None:
        options = GLOBAL_OPTIONS if entry.module else GLOBAL_OPTIONS + ROOT_OPTIONS
        super().__init__(
            name=entry.name,
            help=entry.summary,
            params=[*options],
            context_settings=_OWN_HELP_OPTION,
            subcommand_metavar="COMMAND ...",
            rich_markup_mode=None,
        )
        self.entry = entry

    def verbs(self) -> tuple[Entry, ...]:
        """Return the verbs, those of the user's own too, for which their files are read."""
        return (
            (*self.entry.verbs, *import_module(f"crmcli.cli.{self.entry.own}").entries())
            if self.entry.own
            else (self.entry.verbs)
        )

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of the verbs."""
        return [verb.name for verb in self.verbs()]

    def get_command(self, ctx: Context, cmd_name: str) -> AnyCommand | None:
        """Return the verb called so, imported now; None when there is none."""
        verb = self.entry.find(cmd_name)
        if verb is None and self.entry.own:
            info: CommandInfo | None = import_module(f"crmcli.cli.{self.entry.own}").find(cmd_name)
            return None if info is None else _made(info)
        return None if verb is None else load(verb)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read the options of the group; words that name no verb are for the usual one, if there is one."""
        options = {name for option in self.get_params(ctx) for name in option.opts}
        if self.entry.usual and args and args[0] not in options and not self.entry.find(args[0]):
            args = [self.entry.usual, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, AnyCommand | None, list[str]]:
        """Return name, command and its arguments; UsageError with the nearest names when there is no such command."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            from crmcli.domain.schema import did_you_mean

            near = did_you_mean(args[0], [*self.list_commands(ctx), *(ALIASES if self.entry.find("list") else ())])
            root = ctx.find_root()
            if isinstance(root.command, Group) and root.command.entry.find(args[0]):
                near = f"{root.command_path} {args[0]}"  # a command of its own, not of this group
            raise UsageError(
                f"{ctx.command_path} has no command {args[0]!r}", hint=near or f"{ctx.command_path} --help"
            )
        return (command.name if command else None), command, args[1:]

    def invoke(self, ctx: Context) -> Any:
        """Invoke the verb, or print the help where none is named."""
        if ctx._protected_args:
            return super().invoke(ctx)
        current().streams.data(ctx.get_help())
        return None

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the verbs under the headings of the registry, importing none."""
        verbs = self.verbs()
        width = max(len(verb.name) for verb in verbs)
        for panel in dict.fromkeys(verb.panel for verb in verbs):
            with formatter.section(panel or "Commands"):
                rows = [(verb.name.ljust(width), verb.summary) for verb in verbs if verb.panel == panel]
                formatter.write_dl(rows)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the verbs; the options of the program only in its own help."""
        self.format_commands(ctx, formatter)
        if not self.entry.module:
            records = (parameter.get_help_record(ctx) for parameter in self.get_params(ctx))
            with formatter.section("Options, before or after a command"):
                formatter.write_dl([record for record in records if record])

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Return the verbs that begin so, from the registry, and the options where one was begun."""
        if ctx._protected_args:  # a word that is no command
            return []
        verbs = [
            CompletionItem(verb.name, help=verb.summary) for verb in self.verbs() if verb.name.startswith(incomplete)
        ]
        return verbs + super(TyperGroup, self).shell_complete(ctx, incomplete)


@cache
def load(entry: Entry) -> AnyCommand:
    """Return the command of an entry: a group that imports nothing yet, or the one command out of its module.

    It is made once: a process that runs many commands would spend a tenth of its time on making them again.
    """
    if entry.verbs:
        return Group(entry)
    app: typer.Typer = import_module(f"crmcli.cli.{entry.module}").app
    info = next(info for info in app.registered_commands if name_of(info) == entry.name)
    return _made(info)


def _made(info: CommandInfo) -> AnyCommand:
    info.cls = Command
    command = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    command.params.extend(GLOBAL_OPTIONS)
    return command


def name_of(info: CommandInfo) -> str:
    """Return the name that a registered function has on the command line."""
    return info.name or get_command_name(getattr(info.callback, "__name__", ""))
