import io

import pytest

from crmcli.errors import RefusedError
from crmcli.formats.recognition import recognise_format


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        ("Name,Mail\n", "a.csv", "csv"),
        ("Name\tMail\n", "a.txt", "csv"),
        ("", "a", "csv"),
        ('[{"a": 1}]', "a.csv", "json"),
        ('\n  {"a": 1}', "standard input", "json"),
        ("[]", "a.json", "json"),
        ("[a],b\n1,2\n", "a.csv", "csv"),
        ("{id},b\n1,2\n", "a.csv", "csv"),
        ("begin:vcard\r\nVERSION:3.0\r\n", "a", "vcard"),
        ("BEGIN:VCALENDAR\n", "a.txt", "calendar"),
        ("BEGIN:VEVENT\n", "a", "calendar"),
        ("From ann@example.com Sat Jan  3 01:05:34 2026\nSubject: x\n", "a", "mail"),
        ("From Anna,2026\nx,y\n", "a.csv", "csv"),
        ("Return-Path: <a@example.com>\n", "a", "mail"),
        ("Subject: x\n\nHello\n", "a.eml", "mail"),
        ("", "a.vcf", "vcard"),
        ("", "A.ICS", "calendar"),
        ("", "a.ndjson", "json"),
        ("nonsense", "a.xlsx", "xlsx"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_content_comes_before_the_name(content: str, name: str, found: str, encoding: str) -> None:
    stream = io.BytesIO(content.encode(encoding))
    assert recognise_format(stream, name) == found
    assert stream.tell() == 0


def test_packed_files_are_workbooks_or_refused() -> None:
    assert recognise_format(io.BytesIO(b"PK\x03\x04...[Content_Types].xml"), "a") == "xlsx"
    with pytest.raises(RefusedError, match="packed"):
        recognise_format(io.BytesIO(b"PK\x03\x04...notes.txt"), "a.zip")
    with pytest.raises(RefusedError, match="old or encrypted"):
        recognise_format(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a.xls")
