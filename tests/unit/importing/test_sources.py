import io
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from crmcli.errors import CrmError
from crmcli.importing.sources import fingerprint, open_source, read_header


def test_standard_input_can_be_read_again_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Name\nRossi\n")))
    with open_source("-") as source:
        assert [read_header(source), read_header(source)] == [["Name"], ["Name"]]
        assert source.label == "standard input"
        assert source.path.stat().st_mode & 0o077 == 0
    assert not source.path.exists()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CrmError, match=r"none\.csv"), open_source(str(tmp_path / "none.csv")):
        pass


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Name\r\n")
    with open_source(str(path)) as source:
        assert fingerprint(source) == sha256(b"Name\r\n").hexdigest()
