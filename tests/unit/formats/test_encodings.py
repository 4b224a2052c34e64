import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import RefusedError, UsageError
from crmcli.formats.encodings import decide

TEXT = "Nome;Città\nZoë;Forlì\nZoë;Forlì\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "utf-8"),
        (b"plain ascii\n", "utf-8"),
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_certain_encodings_need_no_notice(data: bytes, name: str) -> None:
    stream = io.BytesIO(data)
    assert decide(stream, "a.csv") == (name, "", "strict")
    assert stream.tell() == 0
    assert data.decode(name) in (TEXT, "", "plain ascii\n")


def test_the_fallback_is_told() -> None:
    found = decide(io.BytesIO(b"Nome\nAnna\nForl\xec\n"), "a.csv")
    assert found == ("cp1252", "a.csv: line 3 is not UTF-8; read as cp1252 (see --encoding)", "strict")


def test_a_table_with_a_broken_byte_is_not_read_as_something_else() -> None:
    data = TEXT.encode() + b"Anna;\xff\n"
    with pytest.raises(RefusedError, match=r"a\.csv: line 4 is not UTF-8, as the rest is") as refused:
        decide(io.BytesIO(data), "a.csv")
    assert "--encoding cp1252" in (refused.value.hint or "")
    assert decide(io.BytesIO(data), "a.csv", "cp1252").name == "cp1252"


def test_words_that_happen_to_be_utf8_do_not_make_a_table_so() -> None:
    text = "Ã© città perché più \n".encode("cp1252")
    assert decide(io.BytesIO(text), "a.csv").name == "cp1252"


def test_an_encoding_asked_for_is_taken_at_its_word() -> None:
    assert decide(io.BytesIO("Δοκιμή".encode("iso-8859-7")), "a.csv", "iso-8859-7").name == "iso8859-7"
    assert decide(io.BytesIO(codecs.BOM_UTF8 + b"x"), "a.csv", "UTF8").name == "utf-8-sig"


@pytest.mark.parametrize("asked", ["no-such", "base64", "rot13", "undefined", "é", "idna", "unicode_escape"])
def test_what_is_no_text_encoding_is_refused(asked: str) -> None:
    with pytest.raises(UsageError, match=f"no encoding '{asked}'"):
        decide(io.BytesIO(b"x"), "a.csv", asked)


@pytest.mark.parametrize(("asked", "line"), [("utf-8", 3), (None, 3), ("ascii", 3)])
def test_bytes_that_do_not_fit_are_refused_with_their_line(asked: str | None, line: int) -> None:
    with pytest.raises(RefusedError, match=f"a.csv: line {line} is not"):
        decide(io.BytesIO(b"a\nb\n\x81\x8d\nc\n"), "a.csv", asked)


@pytest.mark.parametrize("asked", ["utf-16", "utf-32"])
def test_text_without_the_mark_that_its_encoding_needs_is_refused(asked: str) -> None:
    with pytest.raises(RefusedError, match=f"a.csv: line 1 is not {asked} text"):
        decide(io.BytesIO(b"Name,Mail\nAnna,anna@example.com\n"), "a.csv", asked)


@given(st.integers(0, 200_000))
def test_the_line_is_right_wherever_the_chunk_ends(before: int) -> None:
    data = b"x\n" * before + b"\x81"
    with pytest.raises(RefusedError, match=f"line {before + 1} is not utf-8"):
        decide(io.BytesIO(data), "a.csv", "utf-8")
