"""Items of calendars and address books as text that others write too: taken apart, changed in places, joined again.

What is not known here stays as it is, property by property, pictures included. What properties mean belongs to ``ical``
and ``vcard``; which of two versions counts is decided elsewhere.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crmcli.formats.content_writing import folded

COMPONENTS = frozenset({"VEVENT", "VTODO", "VCARD"})
Lines = tuple[str, ...]  # unfolded, without their ends
_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_-]+)")
_BOOKKEEPING = frozenset({"UID", "RECURRENCE-ID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "REV", "PRODID",
                          "VERSION"})  # fmt: skip
_TAKEN_OVER = ("DTSTAMP", "LAST-MODIFIED", "REV")  # where something else is changed
_TIMES = frozenset({"DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "EXDATE", "RDATE"})
_TOGETHER = (frozenset({"DTSTART", "DTEND", "DUE", "DURATION"}), frozenset({"N", "FN"}))  # said anew as one
_ALARM = re.compile(r"BEGIN:VALARM\s*$", re.IGNORECASE)
_LABEL = "X-ABLABEL"
_GROUPED = re.compile(r"^[A-Za-z0-9_-]+\.(?=[A-Za-z])")
_ITEM = re.compile(r"^item(?=\d+\.)")


class Document(NamedTuple):
    """A file: the lines before its components, each of these by its place, and the lines after them."""

    head: Lines
    components: tuple[Lines, ...]
    tail: Lines

    def text(self) -> str:
        """Return it as it is written to a file."""
        inside = (line for component in self.components for line in component)
        return "".join(f"{folded(line)}\r\n" for line in (*self.head, *inside, *self.tail))


def split(text: str) -> Document:
    """Return a file taken apart; lines with their folds joined, components with their edges."""
    head: list[str] = []
    tail: list[str] = []
    components: list[Lines] = []
    inside: list[str] = []
    depth = 0
    for line in _FOLD.sub("", text).splitlines():
        edge, _, name = line.strip().upper().partition(":")
        if depth or (edge == "BEGIN" and name in COMPONENTS):
            inside.append(line)
            depth += {"BEGIN": 1, "END": -1}.get(edge, 0)
            if not depth:
                components.append(tuple(inside))
                inside = []
        elif line.strip():
            (tail if components else head).append(line)
    return Document(tuple(head), tuple(components), tuple(tail))


def zones_of(head: Sequence[str]) -> dict[str, Lines]:
    """Return the definitions of zones among the lines before the components, by name."""
    found: dict[str, Lines] = {}
    begin = 0
    for place, line in enumerate(head):
        word = line.strip().upper()
        if word == "BEGIN:VTIMEZONE":
            begin = place
        elif word == "END:VTIMEZONE":
            block = tuple(head[begin : place + 1])
            name = next((one.partition(":")[2].strip() for one in block if one.upper().startswith("TZID")), "")
            found[name] = block
    return found


def changed(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return the names of the properties in which two versions of a component differ, bookkeeping left aside."""
    old, new = _blocks(before), _blocks(after)
    names = {name for name in old.keys() | new.keys() if _said(old.get(name, ())) != _said(new.get(name, ()))}
    return frozenset(names - _BOOKKEEPING)


def _said(blocks: Iterable[Lines]) -> list[list[str]]:
    """Return what properties say, whatever their groups are called and in whatever order they stand.

    An alarm says when it rings: its text is that of the item.
    """
    return sorted(
        [_GROUPED.sub("", line) for line in block if not (_ALARM.match(block[0]) and _name(line) != "TRIGGER")]
        for block in blocks
    )


def patched(theirs: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Lines:
    """Return a component of others with what was changed between two versions of ours; all else stays as it is."""
    names = changed(before, after)
    if not names:
        return tuple(theirs)
    for together in _TOGETHER:
        names |= together if names & together else frozenset()
    ours = _converted(_blocks(after), theirs)
    stamped = frozenset(name for name in _TAKEN_OVER if name in ours)
    kept = [
        line
        for name, blocks in _blocks(theirs).items()
        if name not in names and name not in stamped and name != "SEQUENCE"
        for block in blocks
        for line in block
    ]
    fresh = [line for name in ours if name in names or name in stamped for block in ours[name] for line in block]
    return (theirs[0], *kept, *_sequence(theirs, is_moved=bool(names & _TIMES)), *fresh, theirs[-1])


def dropping(component: Sequence[str], names: frozenset[str]) -> Lines:
    """Return a component without some properties."""
    return tuple(line for line in component if _name(line) not in names)


def without(ours: Sequence[str], theirs: Sequence[str]) -> Lines:
    """Return a component of ours without the properties in which it differs from that of others: as if not yet said."""
    names = changed(theirs, ours)
    kept = [line for name, blocks in _blocks(ours).items() if name not in names for block in blocks for line in block]
    return (ours[0], *kept, ours[-1])


def _sequence(theirs: Sequence[str], *, is_moved: bool) -> list[str]:
    """Return the revision of a component (RFC 5545, 3.8.7.4), which rises when its times change."""
    said = [line for block in _blocks(theirs).get("SEQUENCE", ()) for line in block][:1]
    number = said[0].partition(":")[2].strip() if said else ""
    if not is_moved or theirs[0].strip().upper() == "BEGIN:VCARD":
        return said
    return [f"SEQUENCE:{int(number) + 1 if number.isdecimal() and len(number) < 9 else 1}"]


def as_version_3(card: Sequence[str]) -> Lines:
    """Return a card of ours in vCard 3.0 (RFC 2426), which every server of address books takes."""
    names = {_NAME.match(line)[2].upper() for line in card if _NAME.match(line)}  # type: ignore[index]  # it matched
    lines = [("VERSION:3.0" if line.upper().startswith("VERSION:") else _in_version_3(line)) for line in card]
    return (*lines[:-1], *([] if "N" in names else ["N:;;;;"]), lines[-1])


def _in_version_3(line: str) -> str:
    head, colon, value = line.partition(":")
    head = head.replace(";VALUE=text", "").replace(";PREF=1", ";TYPE=pref")
    if head == "BDAY" and value.startswith("--"):  # 3.0 has no birthday without a year; so Apple says it
        return f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{value[2:4]}-{value[4:6]}"
    return f"{head}{colon}{value}"


def _converted(ours: Mapping[str, list[Lines]], theirs: Sequence[str]) -> dict[str, list[Lines]]:
    """Return our properties in the version of a card of others, and with groups that are not theirs."""
    is_old = any(line.strip().upper() == "VERSION:3.0" for line in theirs)
    return {
        name: [tuple(_ITEM.sub("crm", _in_version_3(line) if is_old else line) for line in block) for block in blocks]
        for name, blocks in ours.items()
    }


def _blocks(component: Sequence[str]) -> dict[str, list[Lines]]:
    """Return the properties of a component by name: lines, with the label of the same group, or inner components."""
    labels = {group: line for line in component if (group := _group(line)) and _name(line) == _LABEL}
    found: dict[str, list[Lines]] = {}
    inner: list[str] = []
    depth = 0
    for line in component[1:-1]:
        edge, _, name = line.strip().upper().partition(":")
        depth += edge == "BEGIN"
        if depth:
            inner.append(line)
            depth -= edge == "END"
            if not depth:
                found.setdefault(inner[0].strip().upper().partition(":")[2], []).append(tuple(inner))
                inner = []
            continue
        name = _name(line)
        label = labels.get(_group(line))
        if name != _LABEL:
            found.setdefault(name, []).append((line, label) if label else (line,))
    return found


def _name(line: str) -> str:
    match = _NAME.match(line)
    return match[2].upper() if match else ""


def _group(line: str) -> str:
    match = _NAME.match(line)
    return (match[1] or "").upper() if match else ""


def joined(parts: Iterable[Lines]) -> str:
    """Return components one after the other as text, to be read again."""
    return "".join(f"{folded(line)}\r\n" for lines in parts for line in lines)
