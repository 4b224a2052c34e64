"""Shell completion: the script of a shell, its installation, and the answers it asks for while a line is typed."""

import os
from collections.abc import Iterator
from typing import Annotated

import typer
from typer.core import TyperGroup

from crmcli.cli.entries import COMPLETE
from crmcli.cli.session import current
from crmcli.cli.shells import SCRIPTS, Offer
from crmcli.cli.shells import answer as answer_to
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)


def _shells(incomplete: str) -> list[str]:
    return [shell for shell in SCRIPTS if shell.startswith(incomplete)]


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish", autocompletion=_shells)],
    install: Annotated[bool, typer.Option("--install", help="Write it where the shell looks for it.")] = False,
) -> None:
    """Print or install the completion script of a shell.

    Examples:
        crm completion bash --install
        crm completion zsh > _crm
    """
    if shell not in SCRIPTS:
        raise UsageError(f"there is no completion for {shell!r}", hint=f"one of {', '.join(SCRIPTS)}")
    if install:
        install_script(shell)
        return
    current().streams.data(SCRIPTS[shell].rstrip())


def install_script(shell: str | None) -> None:
    """Install the script for a shell, by default the one this program was started from, and say where."""
    from typer._completion_shared import _get_shell_name
    from typer._completion_shared import install as install_for

    shell = shell or _get_shell_name()
    if shell not in SCRIPTS:
        raise UsageError("cannot tell which shell this is", hint="crm completion bash --install")
    _, path = install_for(shell=shell, prog_name="crm", complete_var=COMPLETE)  # where each shell looks for one
    path.write_text(SCRIPTS[shell], encoding="utf-8")
    current().streams.note(f"completion for {shell} installed in {path}; it works from the next shell on")


def answer(root: TyperGroup, shell: str) -> int:
    """Print what can stand at the cursor, as the shell's script expects it; nothing at all on any failure."""
    from typer._click.shell_completion import _resolve_context, _resolve_incomplete

    def offers(words: list[str], last: str) -> Iterator[Offer]:
        dangling = words and words[-1].startswith("-")  # an option without its value would spoil the parsing
        context = _resolve_context(root, {}, "crm", words[:-1] if dangling else words)
        asked, begun = _resolve_incomplete(context, words, last)
        for item in asked.shell_complete(context, begun):
            yield item.value, item.help or ""

    try:
        current().streams.write(answer_to(shell, os.environ, offers))
    except Exception:  # a shell in the middle of a line is no place for an error
        return 1
    return 0
