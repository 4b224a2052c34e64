"""The entry point: prepares the process, runs one command, turns its outcome into an exit code.

The only place that maps errors to exit codes. Whatever a command does stands in its own module.
"""

import gc
import os
import sys

from crmcli.version import VERSION

_DAMAGED = "marshal data"  # in the words of Python for a compiled file that was cut off, as a full disk leaves it

TYPE_CHECKING = False  # importing typing would double what --version costs
if TYPE_CHECKING:
    from typing import NoReturn

    from crmcli.cli.session import Session


def main() -> None:
    """Run the command of ``sys.argv`` and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        _print_version()
        return
    gc.disable()  # a run is short and what it frees is freed by counting: collecting costs a write a fifth of its time
    try:
        _prepare_process()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the program was still being loaded; ``run`` answers it from then on
        from crmcli.cli.exits import INTERRUPTED

        code = INTERRUPTED
    except Exception as error:  # whatever a command does is told by ``run``: the program itself is broken
        code = _tell_damage(error)
    _leave(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are told on standard error, never raised."""
    from crmcli.cli.exits import INTERRUPTED
    from crmcli.cli.session import Session, start

    session = start(Session())
    session.arguments = arguments
    try:
        code = _dispatch(arguments)
        session.streams.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        code = _fail(error, arguments, session)
    finally:
        session.close()
    if any(context.posted for context in session.writing):
        _deliver(session)
    return code


def _deliver(session: "Session") -> None:
    """Send what the writes of a command left to be sent, now that they are stored and told; a failure is a warning."""
    from crmcli.cli.exits import as_crm_error
    from crmcli.cli.rule_runs import tell
    from crmcli.services.delivery.deliver import deliver_posted

    for context in session.writing:
        try:
            tell(deliver_posted(context))
        except KeyboardInterrupt:  # whoever does not want to wait leaves the rest to the scheduler
            return
        except Exception as error:
            session.streams.warn(f"what rules send waits for crm tick: {as_crm_error(error, session) or error}")


def _leave(code: int) -> "NoReturn":
    """End the process at once: nothing is open any more, and taking the interpreter apart costs a tenth of a run."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, or gone: the code tells already what can be told
            continue
    os._exit(code)


def _tell_damage(error: Exception) -> int:
    """Tell that a part of the program cannot be loaded, with nothing that would need another part."""
    compiled = sys.pycache_prefix or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - pathlib may be what is broken
    told = f"crm: the program is damaged: {type(error).__name__}: {error}".replace("\n", " ")
    hint = f"find {compiled} -name '*.pyc' -delete   and, if that does not help, install the program again"
    os.write(2, f"{told}\n  hint: {hint}\n".encode(errors="backslashreplace"))
    return 1


def _print_version() -> None:
    """Print the version without importing anything; a reader that went away is no failure."""
    try:
        os.write(1, f"crm {VERSION}\n".encode())
    except BrokenPipeError:
        return


def _dispatch(arguments: list[str]) -> int:
    import typer

    from crmcli.cli.entries import COMPLETE
    from crmcli.cli.exits import INTERRUPTED
    from crmcli.cli.lazy import Group
    from crmcli.cli.registry import ROOT

    root = Group(ROOT)
    if COMPLETE in os.environ:
        from crmcli.cli.completion import answer

        return answer(root, os.environ[COMPLETE])
    try:
        with root.make_context("crm", arguments) as context:
            root.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:  # Ctrl-C or the end of input at a prompt
        return INTERRUPTED
    return 0


def _fail(error: Exception, arguments: list[str], session: "Session") -> int:
    """Tell an error and return its exit code; keep the traceback of one that nobody expected."""
    from crmcli.cli.exits import as_crm_error
    from crmcli.cli.faults import record
    from crmcli.errors import CrmError

    if _DAMAGED in str(error):
        raise error
    known = as_crm_error(error, session)
    told = known or CrmError(f"unexpected: {type(error).__name__}: {error}", code="unexpected", hint="crm --debug ...")
    debug = session.debug or "--debug" in arguments  # parsing may not have come so far
    log = record(error, session) if debug or known is None else None
    if debug and log:
        told.hint = f"traceback in {log}"
    session.streams.fail(told, as_json=_asks_for_json(arguments))
    return told.exit_code


def _asks_for_json(arguments: list[str]) -> bool:
    """Say whether the output option asks for JSON, read by eye since parsing may be what failed."""
    from itertools import pairwise

    together = {"-ojson", "--output=json"}
    return not together.isdisjoint(arguments) or any(
        option in ("-o", "--output") and name == "json" for option, name in pairwise(arguments)
    )


def _prepare_process() -> None:
    """Make the process private and interruptible: files for the owner alone, no dumps, signals roll back."""
    import faulthandler
    import resource

    from crmcli import interrupts

    os.umask(0o077)
    faulthandler.disable()  # PYTHONFAULTHANDLER would print what is in memory
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    interrupts.install()
