from pathlib import Path

import pytest

from crmcli.output.pager import show
from tests.unit.output.capture import CapturedStreams

LINES = [f"line {number}" for number in range(30)]
TEXT = "".join(f"{line}\n" for line in LINES)


def screen(pager: str, *, terminal: bool = True, plain: bool = False, height: int = 10) -> CapturedStreams:
    environ = {"LINES": str(height), "PAGER": "false", "CRMCLI_PAGER": pager, "PATH": "/usr/bin:/bin"}
    return CapturedStreams(terminal=terminal, plain=plain, environ=environ)


def test_long_output_goes_through_the_pager(tmp_path: Path) -> None:
    streams = screen(f"tee '{tmp_path / 'a file'}'")
    show(LINES, streams)
    assert streams.stdout == ""
    assert (tmp_path / "a file").read_text() == TEXT


@pytest.mark.parametrize(
    "streams",
    [
        screen("false", terminal=False),
        screen("false", plain=True),
        screen("false", height=31),
        screen(""),
        screen("cat"),
    ],
)
def test_anything_else_is_written_directly(streams: CapturedStreams) -> None:
    show(LINES, streams)
    assert (streams.stdout, streams.stderr) == (TEXT, "")


def test_the_option_turns_it_off() -> None:
    streams = screen("false")
    show(LINES, streams, wanted=False)
    assert streams.stdout == TEXT


@pytest.mark.parametrize("pager", ["no-such-pager -x", "less 'unclosed"])
def test_a_pager_that_does_not_work_loses_nothing(pager: str) -> None:
    streams = screen(pager)
    show(LINES, streams)
    assert streams.stdout == TEXT
    assert streams.stderr.startswith("warning: the pager ")


def test_no_shell_reads_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    show(LINES, screen("tee '$HOME; touch x'"))
    assert [path.name for path in tmp_path.iterdir()] == ["$HOME; touch x"]


def test_a_pager_left_early_is_no_error() -> None:
    streams = screen("true")
    show(["x" * 1000] * 5000, streams)
    assert streams.stderr == ""
