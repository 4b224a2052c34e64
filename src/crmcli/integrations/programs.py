"""Runs a program of the hooks folder: by name and list of arguments, never by a shell, fenced in on every side.

It gets data on standard input, nothing of the environment that could be a secret, a session of its own that is killed
with all that it left behind, and may say so much and no more.
"""

import os
import select
import signal
import stat
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic

from crmcli.integrations.sent import DONE, Sent

MOST_BYTES = 65536  # of output
_PATH = "/usr/local/bin:/usr/bin:/bin"
_KEPT = ("HOME", "LOGNAME", "USER", "TZ", "CRMCLI_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
_PAUSE_S = 0.05  # between two looks at whether the program has ended
_TOLD = 200  # characters of what a program said that an error repeats


def run_hook(hooks: Path, folder: Path, argv: Sequence[str], data: bytes, deadline: float) -> Sent:
    """Run a program of the hooks folder in another folder until it ends, or until a moment of ``time.monotonic``."""
    try:
        program = find_hook(hooks, argv[0])
    except ValueError as error:
        return Sent("blocked", str(error))
    return run_program([str(program), *argv[1:]], folder, data, deadline)


def find_hook(hooks: Path, name: str) -> Path:
    """Return the program of the hooks folder called so; ValueError when there is none, or it is not to be trusted."""
    if not name or name.startswith(("/", ".")) or "\0" in name:
        raise ValueError(f"{name!r} is no name of a program in the hooks folder")
    try:
        program = (hooks / name).resolve(strict=True)
        info = program.stat()
    except OSError:
        raise ValueError(f"there is no program {name!r} in the hooks folder") from None
    if not program.is_relative_to(hooks.resolve()):
        raise ValueError(f"{name!r} leads out of the hooks folder")
    if not stat.S_ISREG(info.st_mode) or not os.access(program, os.X_OK):
        raise ValueError(f"{name!r} of the hooks folder cannot be executed: chmod u+x")
    if info.st_uid not in (os.getuid(), 0) or info.st_mode & 0o022:
        raise ValueError(f"{name!r} of the hooks folder could be changed by others: chmod go-w")
    return program


def run_program(argv: Sequence[str], folder: Path, data: bytes, deadline: float, *, kept: Collection[str] = ()) -> Sent:
    """Run a program with a clean environment; exit code 0 is done, any other one a failure that may pass.

    ``kept`` are further variables of the environment that it may know.
    """
    try:
        with TemporaryFile() as given:  # nameless, so that nobody has to feed a pipe while reading another
            given.write(data)
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603 - a list of words and no shell; who may be run is the caller's check
                argv,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=clean_environment(os.environ, kept),
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        return Sent("permanent", f"cannot be run: {getattr(error, 'strerror', None) or error}")
    with process:
        said, stopped = _listen(process, deadline)
    if stopped:
        return stopped
    return DONE if process.returncode == 0 else Sent("temporary", _told(process.returncode, said))


def clean_environment(environ: Mapping[str, str], kept: Collection[str] = ()) -> dict[str, str]:
    """Return what a program may know of an environment: where home and workspace are, no secrets."""
    return {"PATH": _PATH, "LANG": "C.UTF-8", **{name: environ[name] for name in (*_KEPT, *kept) if name in environ}}


def _listen(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[bytes, Sent | None]:
    """Read the output until the program ends or must be stopped; nothing of its session is left afterwards."""
    pipe = process.stdout.fileno() if process.stdout else -1
    said, open_pipes, stopped = b"", [pipe], None
    try:
        while not (ended := _has_ended(process)) or open_pipes:
            left = deadline - monotonic()
            readable, _, _ = select.select(open_pipes, [], [], 0 if ended else min(max(left, 0), _PAUSE_S))
            part = os.read(pipe, MOST_BYTES) if readable else b""
            said += part
            if len(said) > MOST_BYTES:
                stopped = Sent("permanent", f"wrote more than {MOST_BYTES} bytes")
            elif left <= 0 and not ended:
                stopped = Sent("temporary", "did not end in time")
            if stopped or (ended and not part):
                break
            if readable and not part:
                open_pipes = []  # it closed its output and goes on
    finally:
        with suppress(ProcessLookupError):  # before it is waited for, so that its number is still its own
            os.killpg(process.pid, signal.SIGKILL)
    return said, stopped


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _told(code: int, said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    what = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"{what}: {lines[-1][:_TOLD]}" if lines else what
