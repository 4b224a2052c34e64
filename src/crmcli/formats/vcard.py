"""Reads address books of vCard 2.1, 3.0 and 4.0: every card is a row of the columns in ``HEADER``.

Each card stands for itself: one that cannot be read becomes a row with its error. The lines are taken apart here rather
than by a library, because the one there is stops at stray text and mistakes the soft breaks of 2.1. Properties without
a column of their own are kept as they are in the last one; what the columns become belongs to the import.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from typing import BinaryIO, Self

from crmcli.domain.lists import NOTHING, join
from crmcli.domain.names import split_name
from crmcli.formats.content_lines import MAX_VALUE, Line, Record, Splitter, parse_line, parts, told, unescaped
from crmcli.formats.encodings import decide
from crmcli.formats.tabular import Row
from crmcli.formats.vcard_files import OF_ORGANIZATION

HEADER = (
    "Kind", "UID", "Full name", "Prefix", "Given name", "Additional names", "Family name", "Suffix",
    "Organization", "Organization id", "Department", "Title", "E-mail", "E-mail labels", "Main e-mail", "Phone",
    "Phone labels", "Main phone", "Web", "Profiles", "Profile labels", "Main profile", "P.O. box", "Street", "City",
    "Region", "Postal code", "Country", "Birthday", "Language", "Categories", "Note", "Other properties",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(HEADER)}
_OTHER = "Other properties"
_LISTS = frozenset({"E-mail", "E-mail labels", "Phone", "Phone labels", "Profiles", "Profile labels", "Categories"})
_BESIDE = {  # the columns of the labels of values and of the preferred value
    "E-mail": ("E-mail labels", "Main e-mail"),
    "Phone": ("Phone labels", "Main phone"),
    "Profiles": ("Profile labels", "Main profile"),
}

_BOOKKEEPING = frozenset({"BEGIN", "END", "VERSION", "PRODID", "REV", "PROFILE"})
_PICTURES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_ONCE = {"UID": "UID", "FN": "Full name", "TITLE": "Title", "LANG": "Language"}
_NAME = ("Family name", "Given name", "Additional names", "Prefix", "Suffix")
_ADDRESS = ("P.O. box", "", "Street", "City", "Region", "Postal code", "Country")
_MESSENGERS = frozenset({"AIM", "GTALK", "ICQ", "JABBER", "MSN", "QQ", "SKYPE", "SKYPE-USERNAME", "TWITTER", "YAHOO"})
_LABELS = (  # the first that fits
    ("fax", "fax"), ("cell", "mobile"), ("iphone", "mobile"), ("mobile", "mobile"), ("pager", "pager"),
    ("work", "work"), ("home", "home"), ("main", "main"),
)  # fmt: skip
_GIVEN = "X-ABLABEL"  # the label that a user gave to the other property of a group
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_LAST = 101  # rank of what states no preference (1 to 100)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_YEARLESS = re.compile(r"--(\d{2})-?(\d{2})(?:T.*)?")
_EXTENSION = re.compile(r"(?:;ext=|[;,pPwW]+)(\d[\d -]*)")
_SCHEME = re.compile(r"(?:tel|mailto|sms):", re.IGNORECASE)


class VCards:
    """An open address book, to be used as a context manager; see ``tabular.Table``."""

    delimiter = ""
    header_line = 0

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None) -> None:
        codec, notice, errors = decide(stream, label, encoding, is_table=False)
        self.label = label
        self.encoding = codec.removesuffix("-sig")
        self.notices = [notice] if notice else []
        self.header = list(HEADER)
        self._text = TextIOWrapper(stream, encoding=codec, errors=errors)
        self.rows = self._rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def _rows(self) -> Iterator[Row]:
        splitter = Splitter(self._text, frozenset({"VCARD"}))
        for record in splitter.records():
            yield _read(record, self.encoding)
        if splitter.binaries:
            self.notices.append(f"{self.label}: pictures and keys inside of cards are left out ({splitter.binaries})")


def _read(record: Record, codec: str) -> Row:
    """Return the row of a card; a line that is no property makes it one with an error, and is kept with the rest."""
    card = _Card()
    problems = [record.problem] if record.problem else []
    lines: list[Line] = []
    own, inner = _without_inner(record.lines)
    for number, text in own:
        if "\0" in text:
            problems.append(f"line {number}: a NUL character")
        elif text.strip():
            try:
                lines.append(_decoded(parse_line(text), codec))
            except ValueError as problem:
                problems.append(f"line {number}: {problem}")
                card.others.append(text)
    labels = {line.group: _custom_label(line.value) for line in lines if line.group and line.name == _GIVEN}
    for line in sorted(lines, key=lambda line: 0 if line.name in _POINTS else _rank(line)):  # those keep their order
        card.take(line, labels.get(line.group, "") or _label(line))
    card.others += [text for _, text in inner]
    cells = card.cells(lines)
    if long := next((HEADER[place] for place, cell in enumerate(cells) if len(cell) > MAX_VALUE), ""):
        problems.append(f"{long}: more than {MAX_VALUE} characters")
    return Row(record.line, cells, told(problems))


def _without_inner(lines: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Part the lines of a card from those of cards inside it, the agents of 2.1."""
    own: list[tuple[int, str]] = []
    inner: list[tuple[int, str]] = []
    depth = 0
    for line in lines:
        edge = line[1].partition(":")[0].strip().upper()
        depth += edge == "BEGIN"
        (inner if depth else own).append(line)
        depth -= edge == "END" and depth > 0
    return own, inner


def _decoded(line: Line, codec: str) -> Line:
    """Return a line of 2.1 without its own encoding and character set; its text is what it would be without them."""
    charset = line.parameter("CHARSET")
    is_printable = "QUOTED-PRINTABLE" in (line.parameter("ENCODING").upper(), *map(str.upper, line.types()))
    if not is_printable and not (charset and codec == "cp1252"):
        return line
    from quopri import decodestring

    raw = line.value.encode(codec if codec == "cp1252" else "utf-8", errors="replace")
    raw = decodestring(raw) if is_printable else raw
    value = _text_of(raw, charset or "utf-8").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    kept = [(key, of) for key, of in line.parameters if key not in ("CHARSET", "ENCODING")]
    kept = [(key, of) for key, of in kept if of.upper() != "QUOTED-PRINTABLE"]
    head = "".join(f";{key}={of}" for key, of in kept)
    value = value.replace("\n", "\\n")
    named = f"{line.group}.{line.name}" if line.group else line.name
    return line._replace(parameters=tuple(kept), value=value, text=f"{named}{head}:{value}")


def _text_of(raw: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("cp1252", errors="replace")


def _rank(line: Line) -> int:
    preference = line.parameter("PREF")
    if preference.isdecimal() and len(preference) < 4:
        return int(preference)
    return 1 if "pref" in line.types() else _LAST


def _label(line: Line) -> str:
    types = line.types()
    return next((label for word, label in _LABELS if word in types), "")


def _custom_label(value: str) -> str:
    """Return the label that a user gave, or one of Apple's own such as ``_$!<Mobile>!$_``."""
    words = unescaped(value).strip()
    apple = _APPLE.fullmatch(words)
    return apple[1].lower() if apple else words


class _Card:
    """The columns of one card, filled line by line: of values that exclude each other the preferred ones first."""

    def __init__(self) -> None:
        self.others: list[str] = []
        self._columns: defaultdict[str, list[str]] = defaultdict(list)
        self._left: set[str] = set()  # texts of lines without a column
        self._reached: set[str] = set()  # e-mails and phones
        self._best: dict[str, int] = {}  # rank of what is preferred so far, by column

    def take(self, line: Line, label: str) -> None:
        name = line.name
        if name in _BOOKKEEPING or name == _GIVEN:
            return
        if not line.value.strip(" ;"):  # an empty property, or a picture whose data was dropped
            return
        way = _WAYS.get(name)
        if way is None and name.startswith("X-") and name.removeprefix("X-") in _MESSENGERS:
            label, way = name.removeprefix("X-").removesuffix("-USERNAME").lower(), _Card._profile
        if name in _PICTURES or way is None or not way(self, line, label):
            self._left.add(line.text)

    def cells(self, lines: list[Line]) -> list[str]:
        """Return the cells in the order of ``HEADER``; of the lines of the card those are kept that went nowhere."""
        columns = self._columns
        if not columns["Given name"] and not columns["Family name"] and columns["Full name"]:
            first, last = split_name(self._full_name())
            columns["Given name"], columns["Family name"] = [first or ""], [last or ""]
        groups = {line.group for line in lines if line.group and line.text in self._left}
        kept = (line for line in lines if line.text in self._left or (line.name == _GIVEN and line.group in groups))
        columns[_OTHER] = [*(line.text for line in kept), *self.others]
        columns["Kind"] = columns["Kind"] or ["individual"]
        cells = [""] * len(HEADER)
        for name, values in columns.items():
            cells[_PLACES[name]] = join(values, "\n") if name in _LISTS else "\n".join(values)
        return cells

    def _full_name(self) -> str:
        """Return the full name; one that only repeats an address is none."""
        named: str = self._columns["Full name"][0]
        return "" if named in self._reached else named

    def _once(self, line: Line, _label: str) -> bool:
        return self._fill(_ONCE[line.name], unescaped(line.value))

    def _fill(self, column: str, value: str) -> bool:
        """Put the only value of a column; say whether there was room for it."""
        is_free = not self._columns[column]
        if is_free:
            self._columns[column].append(value.strip())
        return is_free

    def _point(self, column: str, line: Line, value: str, label: str) -> bool:
        """Add an e-mail, phone or profile, each once, with its label; note the preferred one."""
        text = " ".join(value.split())
        labels, main = _BESIDE[column]
        if text not in self._columns[column]:
            self._columns[column].append(text)
            self._columns[labels].append(" ".join(label.split()) or NOTHING)
        if (rank := _rank(line)) < self._best.get(column, _LAST):
            self._best[column] = rank
            self._columns[main] = [text]
        return True

    def _kind(self, line: Line, _label: str) -> bool:
        is_company = line.name == "X-ABSHOWAS" and line.value.strip().upper() == "COMPANY"
        return self._fill("Kind", "org" if is_company else line.value.strip().lower())

    def _name(self, line: Line, _label: str) -> bool:
        if any(self._columns[column] for column in _NAME):
            return False
        for column, part in zip(_NAME, parts(line.value, ";"), strict=False):
            words = [unescaped(word).strip() for word in parts(part, ",")]
            if said := (", " if column == "Suffix" else " ").join(word for word in words if word):
                self._columns[column].append(said)
        return True

    def _organization(self, line: Line, _label: str) -> bool:
        company, *units = (unescaped(part).strip() for part in parts(line.value, ";"))
        if not self._fill("Organization", company):
            return False
        if line.parameter(OF_ORGANIZATION):
            self._columns["Organization id"].append(line.parameter(OF_ORGANIZATION))
        if units := [unit for unit in units if unit]:
            self._columns["Department"].append(" / ".join(units))
        return True

    def _address(self, line: Line, _label: str) -> bool:
        if any(self._columns[column] for column in _ADDRESS if column):
            return False
        found = [_lines(unescaped(part)) for part in parts(line.value, ";")]
        found += [""] * (len(_ADDRESS) - len(found))
        found[2] = ", ".join(part for part in found[1:3] if part)
        for column, part in zip(_ADDRESS, found, strict=False):
            if column and part:
                self._columns[column].append(part)
        return True

    def _email(self, line: Line, label: str) -> bool:
        address = _SCHEME.sub("", unescaped(line.value).strip(), count=1)
        self._reached.add(address)
        return self._point("E-mail", line, address, label)

    def _phone(self, line: Line, label: str) -> bool:
        number = _SCHEME.sub("", unescaped(line.value).strip(), count=1)
        self._reached.add(number)
        if line.parameter("VALUE").lower() == "text":
            return self._point("Phone", line, number, label)
        return self._point("Phone", line, _EXTENSION.sub(r" ext. \1", number, count=1).replace(";", " "), label)

    def _web(self, line: Line, _label: str) -> bool:
        return self._fill("Web", unescaped(line.value))

    def _profile(self, line: Line, label: str) -> bool:
        value = unescaped(line.value).strip()
        if line.name == "IMPP" and (scheme := re.match(r"([A-Za-z][\w+-]*):(?!//)", value)):
            label, value = scheme[1].lower(), value[scheme.end() :]
        elif line.name == "X-SOCIALPROFILE":
            label = next((word for word in line.types() if word != "pref"), label)
        return self._point("Profiles", line, value, label)

    def _birthday(self, line: Line, _label: str) -> bool:
        said = line.value.strip()
        if match := _YEARLESS.fullmatch(said):
            return self._fill("Birthday", f"--{match[1]}-{match[2]}")
        if match := _DAY.fullmatch(said):
            year = "-" if line.parameter("X-APPLE-OMIT-YEAR") == match[1] else match[1]
            return self._fill("Birthday", f"{year}-{match[2]}-{match[3]}")
        return False

    def _categories(self, line: Line, _label: str) -> bool:
        for category in parts(line.value, ","):
            if words := unescaped(category).split():
                self._columns["Categories"].append(" ".join(words))
        return True

    def _note(self, line: Line, _label: str) -> bool:
        self._columns["Note"] += [""] if self._columns["Note"] else []
        self._columns["Note"].append(unescaped(line.value).strip())
        return True


def _lines(text: str) -> str:
    """Return the part of an address without lines that say nothing."""
    return "\n".join(said for line in text.split("\n") if (said := line.strip(" \t")))


_WAYS: Mapping[str, Callable[[_Card, Line, str], bool]] = {
    **dict.fromkeys(_ONCE, _Card._once),
    "KIND": _Card._kind,
    "X-ABSHOWAS": _Card._kind,
    "N": _Card._name,
    "ORG": _Card._organization,
    "ADR": _Card._address,
    "EMAIL": _Card._email,
    "TEL": _Card._phone,
    "URL": _Card._web,
    "IMPP": _Card._profile,
    "X-SOCIALPROFILE": _Card._profile,
    "BDAY": _Card._birthday,
    "CATEGORIES": _Card._categories,
    "NOTE": _Card._note,
}
_POINTS = frozenset({"EMAIL", "TEL", "IMPP", "X-SOCIALPROFILE"})
