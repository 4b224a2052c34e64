import json
import re
import tracemalloc

import pytest

from crmcli.domain.lists import split
from crmcli.formats.vcard import HEADER
from tests.published import PUBLISHED, needs_published
from tests.unit.formats.readers import filled, vcards

SAMPLES = PUBLISHED / "vcard-samples"


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def read(*lines: str, version: str = "3.0") -> dict[str, str]:
    (found,) = filled(vcards(card(*lines, version=version)))
    return found


def test_a_card() -> None:
    found = read(
        "UID:1", "N:Rossi;Anna;Maria,Pia;Dott.;PhD", "FN:Anna Rossi", "ORG:Acme\\; Co.;Sales;North", "TITLE:CTO"
    )
    assert found == {
        "Kind": "individual", "UID": "1", "Full name": "Anna Rossi", "Prefix": "Dott.", "Given name": "Anna",
        "Additional names": "Maria Pia", "Family name": "Rossi", "Suffix": "PhD", "Organization": "Acme; Co.",
        "Department": "Sales / North", "Title": "CTO", "line": "1",
    }  # fmt: skip


def test_values_come_in_their_order_with_labels_beside_them_and_the_preferred_one_named() -> None:
    found = read(
        "TEL;TYPE=home,voice:02 1", "TEL;TYPE=CELL;TYPE=pref:333 1", "TEL;TYPE=WORK,FAX:02 2", "item1.TEL:02 3",
        "item1.X-ABLabel:_$!<Main>!$_", "item2.EMAIL:a@example.com", "item2.X-ABLabel:Club: chess",
        "EMAIL;PREF=2:b@example.com", "EMAIL;PREF=1:c@example.com", "EMAIL:b@example.com",
    )  # fmt: skip
    assert (found["Phone"], found["Phone labels"]) == ("02 1\n333 1\n02 2\n02 3", "home\nmobile\nfax\nmain")
    assert (found["E-mail"], found["E-mail labels"]) == (
        "a@example.com\nb@example.com\nc@example.com",
        "Club: chess\n-\n-",
    )
    assert (found["Main phone"], found["Main e-mail"]) == ("333 1", "c@example.com")


@pytest.mark.parametrize(
    ("line", "column", "cell"),
    [
        ("BDAY:1980-03-22", "Birthday", "1980-03-22"),
        ("BDAY:19800322", "Birthday", "1980-03-22"),
        ("BDAY:1980-03-22T10:00:00Z", "Birthday", "1980-03-22"),
        ("BDAY:--0203", "Birthday", "--02-03"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-03", "Birthday", "--02-03"),
        ("BDAY;VALUE=text:circa 1800", "Other properties", "BDAY;VALUE=text:circa 1800"),
        ("TEL;VALUE=uri:tel:+39-02-1;ext=7", "Phone", "+39-02-1 ext. 7"),
        ("TEL:02 1234,,7", "Phone", "02 1234 ext. 7"),
        ("URL:http\\://example.com", "Web", "http://example.com"),
        ("CATEGORIES:vip,big", "Categories", "vip\nbig"),
        ("CATEGORIES:vip,big\\, old", "Categories", '["vip", "big, old"]'),
        ("IMPP:xmpp:a@example.com", "Profiles", "a@example.com"),
        ("IMPP:xmpp:a@example.com", "Profile labels", "xmpp"),
        ("X-SOCIALPROFILE;TYPE=twitter:https://x.example/a,b", "Profiles", '["https://x.example/a,b"]'),
        ("X-SOCIALPROFILE;TYPE=twitter:https://x.example/a,b", "Profile labels", "twitter"),
        ("X-SKYPE-USERNAME:anna", "Profile labels", "skype"),
        ("X-UNKNOWN;A=b:c\\nd", "Other properties", "X-UNKNOWN;A=b:c\\nd"),
        ("KIND:org", "Kind", "org"),
        ("X-ABShowAs:COMPANY", "Kind", "org"),
        ("PHOTO:https://example.com/a.jpg", "Other properties", "PHOTO:https://example.com/a.jpg"),
    ],
)
def test_what_a_property_becomes(line: str, column: str, cell: str) -> None:
    assert read(line)[column] == cell


def test_the_preferred_address_is_taken_and_the_others_are_kept() -> None:
    found = read(
        "ADR;TYPE=work:;;Via 1;Lodi;LO;26900;IT",
        "item1.ADR;TYPE=pref:12;Piano 2;Via 2\\nScala B;Milano;MI;20100;IT",
        "item1.X-ABLabel:Club",
    )
    parts = ("P.O. box", "Street", "City", "Region", "Postal code", "Country")
    assert [found[part] for part in parts] == ["12", "Piano 2, Via 2\nScala B", "Milano", "MI", "20100", "IT"]
    assert found["Other properties"] == "ADR;TYPE=work:;;Via 1;Lodi;LO;26900;IT"


def test_a_card_without_a_structured_name_is_split() -> None:
    found = read("FN:Anna de Rossi", "N:;;;;")
    assert (found["Given name"], found["Family name"]) == ("Anna", "de Rossi")


def test_quoted_printable_with_soft_breaks_and_its_own_character_set() -> None:
    found = read(
        "NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Caff=E8=0D=0A=",
        "due=",
        " tre",
        "ORG;QUOTED-PRINTABLE:M=C3=BCller",
        version="2.1",
    )
    assert (found["Note"], found["Organization"]) == ("Caffè\ndue tre", "Müller")


def test_a_soft_break_does_not_swallow_the_end() -> None:
    found = filled(vcards(card("NOTE;ENCODING=QUOTED-PRINTABLE:a=") + card("FN:Anna")))
    assert [row.get("error") for row in found] == [None, None]


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_and_line_ends(newline: str, encoding: str) -> None:
    text = card("FN:Jörg Müller", "NOTE:long" + " line" * 20).replace("\r\n", newline)
    (found,) = filled(vcards(text.encode(encoding)))
    assert found["Full name"] == "Jörg Müller"


def test_folded_lines() -> None:
    assert read("NOTE:one", "  two", "\tthree", "FN:Anna")["Note"] == "one twothree"


def test_pictures_are_left_out_and_told() -> None:
    table = vcards(
        card("PHOTO;ENCODING=b;TYPE=JPEG:" + "QUJD" * 20, " " + "QUJD" * 20, "FN:Anna")
        + card("PHOTO;BASE64:", "QUJD" * 20, "QUJD", "", "FN:Bruno", version="2.1")
        + card("LOGO:data:image/png;base64," + "QUJD" * 20, "FN:Carla", version="4.0")
    )
    assert [set(row) for row in filled(table)] == [{"Kind", "Full name", "Family name", "line"}] * 3
    assert table.notices == ["a.vcf: pictures and keys inside of cards are left out (3)"]


def test_a_card_inside_a_card_is_kept_with_the_rest() -> None:
    (found,) = filled(
        vcards(card("FN:Anna", "AGENT:", "BEGIN:VCARD", "FN:Bruno", "END:VCARD", "TITLE:CTO", version="2.1"))
    )
    assert (found["Full name"], found["Title"]) == ("Anna", "CTO")
    assert found["Other properties"].splitlines() == ["BEGIN:VCARD", "FN:Bruno", "END:VCARD"]


def test_a_bad_card_harms_no_other() -> None:
    bad = ["BEGIN:VCARD\nFN:No end\n", "stray text\n", card("FN:Bruno", "no property"), "BEGIN:VCARD\nFN:Last"]
    rows = filled(vcards(card("FN:Anna") + bad[0] + card("FN:Carla") + bad[1] + bad[2] + bad[3]))
    assert [(row.get("Full name", ""), row["line"], row.get("error", "")) for row in rows] == [
        ("Anna", "1", ""),
        ("No end", "5", "no END:VCARD before line 7"),
        ("Carla", "7", ""),
        ("", "11", "stands outside of any record; line 11: 'stray text' is no property"),
        ("Bruno", "12", "line 15: 'no property' is no property"),
        ("Last", "17", "no END:VCARD before the end of the file"),
    ]
    assert rows[3]["Other properties"] == "stray text"


def test_a_property_that_is_too_long_costs_its_card_alone() -> None:
    rows = filled(vcards(card("NOTE:" + "x" * 1_100_000) + card("FN:Anna")))
    assert ["characters" in row.get("error", "") for row in rows] == [True, False]


def test_reading_streams() -> None:
    photo = ["PHOTO;ENCODING=b:" + "QUJD" * 16, *[" " + "QUJD" * 16] * 500]
    data = (card("FN:Anna", *photo) * 300).encode()
    tracemalloc.start()
    with vcards(data) as table:
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in table.rows) == 300
        assert tracemalloc.get_traced_memory()[1] - before < 1_000_000
    tracemalloc.stop()


def test_every_column_has_its_own_name() -> None:
    assert len(set(HEADER)) == len(HEADER)


@needs_published
@pytest.mark.parametrize(
    "name", ["EVOLUTION", "GMAIL", "LOTUS_NOTES", "MAC_ADDRESS_BOOK", "single", "single2", "2007", "example"]
)
def test_every_value_of_the_samples(name: str) -> None:
    (path,) = (SAMPLES / "ez-vcard").glob(f"*{name}.vcf")
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))["files"][f"ez-vcard/{path.name}"]
    rows = filled(vcards(path.read_bytes()))
    assert len(rows) == expected["begin_vcard"]
    assert not any("error" in row for row in rows)
    for row, wanted in zip(rows, expected.get("cards", ()), strict=False):
        assert row["Full name"].startswith(wanted["fn"][0])  # the reference ends one at a comma that is not escaped
        assert [(row["Family name"], row["Given name"])] == [(name["family"], name["given"]) for name in wanted["n"]]
        assert sorted(split(row["E-mail"])) == sorted(wanted["email"])
        assert sorted(split(row["Phone"])) == sorted(map(_number, wanted["tel"]))
        organization = ";".join(filter(None, [row["Organization"], row.get("Department", "").replace(" / ", ";")]))
        assert [organization] == wanted["org"]
        assert [row["Birthday"].replace("-", "")] == [day.replace("-", "") for day in wanted["bday"]]
        assert split(row.get("Categories") or "[]") == wanted["categories"]
        further = re.findall(r"^(?:item\d+\.)?ADR[;:]", row.get("Other properties", ""), re.MULTILINE)
        assert ("Street" in row) + len(further) == wanted["adr"]


def _number(uri: str) -> str:
    """Return a number as it is told: without the scheme, the extension in words."""
    return uri.removeprefix("tel:").replace(";ext=", " ext. ")


def test_one_broken_byte_spoils_no_other_character() -> None:
    data = card("FN:Zoë Città", "NOTE:a").encode() + card("FN:Perché").encode().replace(b"FN:", b"FN:\xe9\xff ")
    cards = vcards(data)
    assert [one["Full name"] for one in filled(cards)] == ["Zoë Città", "éÿ Perché"]
    assert cards.notices == ["a.vcf: line 8 is not UTF-8, as the rest is; what is wrong there is read as cp1252"]


def test_a_character_that_a_fold_cuts_is_whole() -> None:
    data = card("FN:Zoë").encode().replace("ë".encode(), b"\xc3\r\n \xab")
    (found,) = filled(vcards(data))
    assert found["Full name"] == "Zoë"


def test_a_marked_file_with_a_broken_byte_is_read() -> None:
    data = b"\xef\xbb\xbf" + card("FN:Zoë").encode().replace(b"FN:", b"FN:\xff ")
    (found,) = filled(vcards(data))
    assert found["Full name"] == "ÿ Zoë"
