import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.errors import CrmError, NotFoundError, Problem, RefusedError, UsageError
from crmcli.output.streams import Streams
from tests.unit.output.capture import CapturedStreams, Screen
from tests.unit.output.hostile import FORBIDDEN, HOSTILE

SOURCE = str(Path(__file__).parents[3] / "src")


@pytest.mark.parametrize(
    ("asked", "terminal", "environ", "colored"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours(asked: str, terminal: bool, environ: dict[str, str], colored: bool) -> None:
    streams = CapturedStreams(terminal=terminal, color=asked, environ=environ)
    assert streams.color is streams.err_color is colored


def test_an_unknown_colour_mode_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="sometimes"):
        CapturedStreams(color="sometimes")


def test_size_from_the_environment_or_the_usual_one() -> None:
    assert CapturedStreams(columns=132).width == 132
    bare = Streams(Screen(True), Screen(True), environ={"COLUMNS": "wide", "LINES": "0"})
    assert (bare.width, bare.height) == (80, 24)


def test_narration_goes_to_standard_error_and_can_be_silenced() -> None:
    loud, quiet = CapturedStreams(), CapturedStreams(quiet=True)
    for streams in (loud, quiet):
        streams.data("L1")
        streams.note("saved")
        streams.warn("careful")
    assert (loud.stdout, loud.stderr) == ("L1\n", "saved\nwarning: careful\n")
    assert (quiet.stdout, quiet.stderr) == ("L1\n", "warning: careful\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_out(text: str) -> None:
    streams = CapturedStreams(terminal=True)
    streams.data(text)
    streams.note(text)
    streams.warn(text)
    streams.fail(CrmError(text, hint=text))
    streams.fail(CrmError(text, hint=text, details={text: [text]}), as_json=True)
    assert not FORBIDDEN.search(streams.stdout + streams.stderr)


def test_an_error_for_people() -> None:
    streams = CapturedStreams()
    streams.fail(NotFoundError("deal", "D9", hint="crm deal list"))
    assert streams.stderr == "crm: no deal 'D9'\n  hint: crm deal list\n"
    assert streams.stdout == ""


def test_what_is_told_is_one_line_and_not_endless() -> None:
    streams = CapturedStreams()
    streams.note("one\ntwo")
    streams.warn("one\ntwo")
    streams.fail(CrmError(f"no file {'x' * 65_536}\n: it is missing", hint="one\ntwo"))
    note, warning, error, hint = streams.stderr.splitlines()
    assert (note, warning, hint) == ("one⏎two", "warning: one⏎two", "  hint: one⏎two")
    assert error.startswith("crm: no file xxx")
    assert error.endswith("xxx⏎: it is missing")
    assert len(error) < 1_100


def test_an_error_for_machines() -> None:
    streams = CapturedStreams()
    streams.fail(RefusedError("deal D9 refused", [Problem("amount", "is missing")]), as_json=True)
    assert json.loads(streams.stderr) == {
        "error": {
            "code": "refused",
            "message": "deal D9 refused: amount: is missing",
            "hint": None,
            "details": {"problems": [{"field": "amount", "reason": "is missing"}]},
        }
    }


def test_data_written_first_is_seen_first() -> None:
    class Shared(io.StringIO):
        pass

    both = Shared()
    streams = Streams(both, both, environ={})
    streams.data("one")
    streams.note("two")
    assert both.getvalue() == "one\ntwo\n"


def test_a_full_disk_is_an_error_and_a_closed_pipe_is_not() -> None:
    class Broken(io.StringIO):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def write(self, text: str) -> int:
            raise OSError(self.number, os.strerror(self.number))

    with pytest.raises(CrmError, match="No space left"):
        Streams(Broken(errno.ENOSPC), Screen(False), environ={}).data("x")
    with pytest.raises(SystemExit) as ended:
        Streams(Broken(errno.EPIPE), Screen(False), environ={}).data("x")
    assert ended.value.code == 0
    Streams(Screen(False), Broken(errno.EPIPE), environ={}).warn("nobody listens")


def run(program: str, *, shell_tail: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    script = "from crmcli.output.streams import Streams\nstreams = Streams.system()\n" + program
    command = f'"$PYTHON" -c "$SCRIPT" {shell_tail}'
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": SOURCE, "PYTHON": sys.executable, "SCRIPT": script, **environ}
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], env=settings, capture_output=True, check=False)


def test_a_reader_that_leaves_early_ends_the_command_quietly() -> None:
    done = run("for n in range(200000): streams.data(f'L{n}')\nstreams.flush()", shell_tail="| head -1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"L0\n", b"")


def test_a_full_device_ends_with_a_reason() -> None:
    done = run("streams.data('x')\nstreams.flush()", shell_tail="> /dev/full")
    assert b"the answer could not be written: No space left on device" in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_closed_streams_are_no_accident() -> None:
    done = run("streams.data('x'); streams.warn('y'); streams.flush()", shell_tail=">&- 2>&-")
    assert done.returncode == 0


def test_letters_the_encoding_lacks_become_escapes() -> None:
    done = run("streams.data('Zoë 東 \\udc80'); streams.flush()", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stdout) == (0, b"Zo\xeb \\u6771 \\udc80\n")
