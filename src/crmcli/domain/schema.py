"""Shapes of the catalogue: what a field and an entity are. The data itself is generated into ``crmcli.catalogue``."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from crmcli.errors import UsageError

# Types of values that are numbers: those of fields, and what figures have besides, such as a fraction of 1.
NUMBERS = frozenset({"int", "decimal", "money", "percent", "rate", "ratio", "days", "hours", "number", "change"})


class Field(NamedTuple):
    """One field of an entity.

    ``type`` is one of: text, int, decimal, money, percent, rate, bool, date, instant, enum, ref, json, emails,
    phones, socials, tags, links, rows. ``sql`` is an expression over the record's row, aliased ``r``, that yields the
    stored value: money in minor units, percent in basis points, bool 0 or 1, instants and dates as text, a reference
    as an id. It is more than the column of the next contact, which holds the day that was chosen, if one was.
    Multi-valued types have no ``sql``; they live in child tables.
    """

    key: str
    type: str
    label: str
    column: str = ""  # stored column; empty for derived and multi-valued fields
    sql: str = ""
    shown: str = ""  # SQL expression for people and JSON where it differs from sql: a task due on a day
    enum: str = ""  # name in domain.enums
    ref: str = ""  # entity a reference points to
    required: bool = False
    writable: bool = True  # by --set, edit, import; false for derived and system fields
    option: bool = False  # is an option of `add` and `edit`, and not only reachable by --set
    tracked: bool = False  # each change is a row of the state log
    personal: bool = False  # masked in logs and in the command line kept by the journal
    aliases: tuple[str, ...] = ()
    form: str = ""  # name in domain.forms of what the text of a custom field must look like
    options: tuple[str, ...] = ()  # values of a custom choice, or of a list of such

    @property
    def multi(self) -> bool:
        """Whether the field holds several values."""
        return self.type in MULTI

    @property
    def derived(self) -> bool:
        """Whether the value is computed on reading and stored nowhere."""
        return not self.column and not self.multi


MULTI = frozenset({"emails", "phones", "socials", "tags", "links", "rows"})


class Entity(NamedTuple):
    """One kind of record: how it is named, stored and shown."""

    name: str  # in code, tables, conditions and JSON: "organization"
    noun: str  # on the command line: "org"
    table: str
    letter: str  # of the ref; empty for configuration records, which are named by their key
    label: str
    plural: str
    title: str  # SQL expression over alias r: how a person calls the record
    columns: tuple[str, ...]  # default columns of a list
    fields: Mapping[str, Field]

    def find(self, name: str) -> Field | None:
        """Return the field called so, by key or alias; None when there is none."""
        field = self.fields.get(name)
        if field is not None:
            return field
        return next((f for f in self.fields.values() if name in f.aliases), None)

    def field(self, name: str) -> Field:
        """Return the field called so, or raise a UsageError that names the nearest ones."""
        found = self.find(name)
        if found is None:
            known = f"crm field list {self.noun}" if self.letter else ", ".join(self.names())
            raise UsageError(
                f"{self.noun} has no field {name!r}",
                hint=did_you_mean(name, self.names()) or known,
                code="field.unknown",
            )
        return found

    def names(self) -> list[str]:
        """Return every name a field answers to, for completion and nearest-name hints."""
        return [name for field in self.fields.values() for name in (field.key, *field.aliases)]

    def ref(self, record_id: int) -> str:
        """Return the typable ref of a record, such as ``L12``."""
        return f"{self.letter}{record_id}"


_FARTHER = 0.08  # less like what was typed than the nearest word: not worth naming beside it


def did_you_mean(name: str, known: list[str]) -> str | None:
    """Return a hint with the nearest known names, or None when nothing is near."""
    from difflib import SequenceMatcher, get_close_matches  # only a mistake pays for this import

    others = [word for word in dict.fromkeys(known) if word != name]  # what was refused is not what was meant
    typed = name.casefold()
    near = get_close_matches(typed, others, n=3, cutoff=0.6)
    likeness = [SequenceMatcher(None, word, typed).ratio() for word in near]
    near = [word for word, ratio in zip(near, likeness, strict=True) if ratio > likeness[0] - _FARTHER]
    return f"did you mean {' or '.join(near)}?" if near else None


def near_or_all(name: str, known: Collection[str]) -> str | None:
    """Return a hint with the nearest known names, or with all when nothing is near; None where there are none."""
    if not known:
        return None
    return did_you_mean(name, [*known]) or f"there {'are' if len(known) > 1 else 'is only'} {', '.join(known)}"
