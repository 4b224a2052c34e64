"""Shell completion: the script of a shell, its installation, and the answers it asks for while a line is typed."""

from typing import Annotated

import typer
from typer.core import TyperGroup

from crmcli.cli.registry import COMPLETE
from crmcli.cli.session import current
from crmcli.errors import UsageError

SHELLS = ("bash", "zsh", "fish")

app = typer.Typer(add_completion=False)


def _shells(incomplete: str) -> list[str]:
    return [shell for shell in SHELLS if shell.startswith(incomplete)]


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish", autocompletion=_shells)],
    install: Annotated[bool, typer.Option("--install", help="Write it where the shell looks for it.")] = False,
) -> None:
    """Print or install the completion script of a shell.

    Examples:
        crm completion bash > ~/.local/share/bash-completion/completions/crm
        crm completion zsh --install
    """
    if shell not in SHELLS:
        raise UsageError(f"there is no completion for {shell!r}", hint=f"one of {', '.join(SHELLS)}")
    if install:
        install_script(shell)
        return
    from typer._completion_shared import get_completion_script

    current().streams.data(get_completion_script(prog_name="crm", complete_var=COMPLETE, shell=shell))


def install_script(shell: str | None) -> None:
    """Install the script for a shell, by default the one this program was started from, and say where."""
    from typer._completion_shared import _get_shell_name
    from typer._completion_shared import install as install_for

    shell = shell or _get_shell_name()
    if shell not in SHELLS:
        raise UsageError("cannot tell which shell this is", hint="crm completion bash --install")
    _, path = install_for(shell=shell, prog_name="crm", complete_var=COMPLETE)
    current().streams.note(f"completion for {shell} installed in {path}; it works from the next shell on")


def answer(root: TyperGroup, instruction: str) -> int:
    """Print what can stand at the cursor, as the shell's script expects it; nothing at all on any failure."""
    from typer import _completion_classes
    from typer.completion import shell_complete

    _completion_classes._sanitize_help_text = _as_it_is
    _completion_classes.completion_init()
    try:
        return shell_complete(root, {}, "crm", COMPLETE, instruction)
    except Exception:  # a shell in the middle of a line is no place for an error
        return 1


def _as_it_is(text: str) -> str:
    """Return a help text unchanged: Typer would import rich to strip a markup that ours does not have."""
    return text
