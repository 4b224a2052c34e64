"""Folders of cards or calendar files, one for each item as vdirsyncer has them, read as if they were one file."""

from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from crmcli.errors import UsageError
from crmcli.formats.encodings import decide
from crmcli.formats.files import open_to_read

_SUFFIXES = (".ics", ".vcf")
_MOST = 64 << 20  # bytes of a file; its items have limits of their own


def files_of(folder: Path) -> list[Path]:
    """Return the cards or calendar files of a folder by name; UsageError for none, and for both in one folder."""
    found = {
        suffix: sorted(path for path in folder.iterdir() if _is_item(path, suffix) and path.is_file())
        for suffix in _SUFFIXES
    }
    filled = [suffix for suffix, paths in found.items() if paths]
    if len(filled) != 1:
        told = "holds both cards and calendar files" if filled else "holds neither cards (.vcf) nor calendars (.ics)"
        raise UsageError(f"{folder} {told}", hint=f"crm import auto {folder}", code="file.folder")
    return found[filled[0]]


def join(paths: Sequence[Path], to: IO[bytes], encoding: str | None = None) -> None:
    """Write the text of files after each other, as UTF-8."""
    for path in paths:
        with open_to_read(path) as stream:
            codec = decide(stream, str(path), encoding).name
            text = TextIOWrapper(stream, encoding=codec).read(_MOST)
        to.write(text.replace("\ufeff", "").encode() + b"\r\n")


def _is_item(path: Path, suffix: str) -> bool:
    return path.suffix.lower() == suffix and not path.name.startswith(".")
