"""Items as others or we ourselves wrote them, read as an import reads files: components with the fields they speak of.

What has no field here stays in the text alone: it is neither put below a description nor lost (see ``formats.items``).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import CrmError
from crmcli.formats.items import Document, Lines, joined, split, zones_of
from crmcli.importing.options import Options
from crmcli.importing.presets import Kind, load_presets
from crmcli.importing.rows import Draft, Rejected, Skipped, prepare, read_rows
from crmcli.importing.sources import Source

_PRESETS = {"calendar": "icalendar", "contacts": "vcard"}
_GROUP = re.compile(r"(?:X-ADDRESSBOOKSERVER-)?KIND:(?:GROUP|LOCATION)")
_LEFT_OUT = frozenset({"description+"})  # targets
_TIMES = "times"
_GROUPS = dict.fromkeys(
    ("start_at", "end_at", "rrule", "exdates", "rdates", "due_at", "start_on"), _TIMES
) | dict.fromkeys(("first_name", "last_name", "salutation"), "name")
_OF_NO_MATTER = frozenset({"ical_uid", "recurrence_id", "sequence_no", "emails_primary"})

Fields = Mapping[str, Any]


class Component(NamedTuple):
    """One component of an item. ``draft`` is None where it cannot be read, and ``problem`` says why."""

    key: str
    lines: Lines
    draft: Draft | None
    problem: str = ""

    @property
    def fields(self) -> Fields:
        """What it says, by field; links to other records as the keys they are found by."""
        if self.draft is None:
            return {}
        said = {key: value for key, value in self.draft.values.items() if key not in _OF_NO_MATTER}
        return said | {f"{name}.link": links for name, links in self.draft.links.items()}


class Version(NamedTuple):
    """An item as it is or was somewhere: the file taken apart, its components by key."""

    document: Document
    components: Mapping[str, Component]

    @property
    def is_foreign(self) -> bool:
        """Whether it is nothing to be kept in step: a journal, or the card of a company or of a group of people."""
        lines = (line.strip().upper() for one in self.components.values() for line in one.lines)
        return self.entity == "organization" or not self.components or any(_GROUP.fullmatch(line) for line in lines)

    @property
    def problem(self) -> str:
        """Why it cannot be read, empty when it can."""
        return next((one.problem for one in self.components.values() if one.problem), "")

    @property
    def entity(self) -> str:
        """What its records are."""
        return next((one.draft.entity for one in self.components.values() if one.draft), "")


class Reader:
    """Reads items of one kind, ``calendar`` or ``contacts``."""

    def __init__(self, kind: str, options: Options) -> None:
        preset = load_presets()[_PRESETS[kind]]
        self.kind = _without(next(iter(preset.kinds.values())))
        self.system = self.kind.system
        self._options = options
        self._zones: dict[str, Lines] = {}

    def read(self, texts: Sequence[str]) -> list[Version]:
        """Return each text as a version, in order."""
        documents = [split(text) for text in texts]
        for document in documents:
            self._zones |= zones_of(document.head)
        drafts = iter(self.drafts([lines for document in documents for lines in document.components]))
        return [_version(document, [next(drafts) for _ in document.components]) for document in documents]

    def drafts(self, components: Sequence[Lines]) -> list[Draft | Rejected | Skipped]:
        """Return what each component says; the zones are those of the items read so far."""
        if not components:
            return []
        from tempfile import NamedTemporaryFile

        with NamedTemporaryFile(prefix="crm-sync-") as file:
            file.write(joined([*self._zones.values(), *components]).encode(errors="replace"))
            file.flush()
            source = Source(Path(file.name), "item", "utf-8")
            found = list(read_rows(prepare(source, self.kind, self._options)))
        if len(found) != len(components):  # a component that hides another one
            raise CrmError("items that cannot be told from each other", code="sync.unreadable")
        return found


def changed_fields(before: Fields, after: Fields) -> frozenset[str]:
    """Return the fields in which two versions differ."""
    return frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def overlapping(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    """Return the fields of the first set that cannot be changed apart from those of the second."""
    groups = {_GROUPS.get(key, key) for key in second}
    return frozenset(key for key in first if _GROUPS.get(key, key) in groups)


def _version(document: Document, drafts: Sequence[Draft | Rejected | Skipped]) -> Version:
    components: dict[str, Component] = {}
    for lines, draft in zip(document.components, drafts, strict=True):
        if isinstance(draft, Draft):
            component = Component(draft.values.get("recurrence_id") or "", lines, draft)
        else:
            component = Component(f"?{len(components)}", lines, None, draft.reason)
        if component.key in components:
            component = component._replace(key=f"?{len(components)}", problem="two components say the same")
        components[component.key] = component
    return Version(document, components)


def _without(kind: Kind) -> Kind:
    """Return how files are read, without what an import puts into a field that is not its own."""
    shapes = {
        value: shape._replace(columns={key: names for key, names in shape.columns.items() if key not in _LEFT_OUT})
        for value, shape in kind.shapes.items()
    }
    return kind._replace(shapes=shapes)
