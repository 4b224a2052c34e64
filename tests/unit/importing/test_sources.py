import io
import os
import sys
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest

from crmcli.errors import CrmError, UsageError
from crmcli.importing.sources import fingerprint, open_source, read_header


def test_standard_input_can_be_read_again_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Name\nRossi\n")))
    with open_source("-") as source:
        assert [read_header(source), read_header(source)] == [["Name"], ["Name"]]
        assert source.label == "standard input"
        assert source.path.stat().st_mode & 0o077 == 0
    assert not source.path.exists()


def test_a_pipe_can_be_read_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(b"Name\nRossi\n",))
    writer.start()
    with open_source(str(pipe)) as source:
        assert [read_header(source), read_header(source)] == [["Name"], ["Name"]]
        assert source.label == str(pipe)
    writer.join()


def test_what_is_no_file_is_told() -> None:
    with pytest.raises(CrmError, match="/dev/zero: not a regular file"), open_source("/dev/zero"):
        pass


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stdin", stream)
    with pytest.raises(UsageError, match="'-' reads a file from standard input, which is closed"), open_source("-"):
        pass


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CrmError, match=r"none\.csv"), open_source(str(tmp_path / "none.csv")):
        pass


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Name\r\n")
    with open_source(str(path)) as source:
        assert fingerprint(source) == sha256(b"Name\r\n").hexdigest()
