import os
import stat
from pathlib import Path

import pytest

from crmcli.errors import CrmError, NotFoundError, UsageError
from crmcli.formats.files import open_to_read, replacing, write_text


def test_the_new_content_takes_the_place_of_the_old_privately(tmp_path: Path) -> None:
    target = tmp_path / "config.toml"
    target.write_text("old")
    target.chmod(0o644)
    write_text(target, "new € \udc80\n")
    assert target.read_text(encoding="utf-8") == "new € \\udc80\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_content_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "config.toml"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as stream:
        stream.write("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/folder/file", "folder"])
def test_a_refusal_names_the_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CrmError, match=name) as refused:
        write_text(tmp_path / name, "x")
    assert refused.value.exit_code == 1


def test_a_full_device_is_a_refusal() -> None:
    with pytest.raises(CrmError, match="/dev/full: No space left"):
        write_text(Path("/dev/full"), "x")


def test_a_missing_file_to_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CrmError, match=r"no file .*nothing\.csv"):
        open_to_read(tmp_path / "nothing.csv")


def test_the_nearest_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").touch()
    with pytest.raises(NotFoundError) as near:
        open_to_read(tmp_path / "contatcs.csv")
    assert (near.value.exit_code, near.value.hint) == (3, "did you mean contacts.csv?")
    with pytest.raises(NotFoundError) as far:
        open_to_read(tmp_path / "contacts.csv" / "none" / "x.csv")
    assert far.value.hint == f"ls {tmp_path}"


def test_a_folder_is_imported_otherwise(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder") as folder:
        open_to_read(tmp_path)
    assert folder.value.hint == f"crm import auto {tmp_path}"


def test_what_cannot_be_read_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(CrmError, match="cannot read") as long:
        open_to_read(tmp_path / ("x" * 300))
    assert (long.value.exit_code, str(long.value.hint)[:6]) == (1, "ls -l ")
