"""What actions of rules mean, once understood: one class for each kind of deed, plain data.

How a deed is read from a rule file stands in ``data_actions``, ``progress_actions`` and ``record_actions``; what it
does to the store is the business of the services.
"""

from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

from crmcli.domain.schema import Field
from crmcli.rules.durations import Due
from crmcli.rules.outside_deeds import Send
from crmcli.rules.templates import Template, Variable


class Assignment(NamedTuple):
    """A field and what it shall be: a typed ``value``, or a ``template`` whose text is typed when it is rendered.

    ``text`` is what stands in the file, for people.
    """

    key: str  # canonical: a field key or ``custom.KEY``
    field: Field
    text: str
    value: Any = None
    template: Template | None = None


class SetFields(NamedTuple):
    """Set fields of the record; what is set to nothing is emptied."""

    assignments: tuple[Assignment, ...]
    only_if_empty: bool = False


class Increment(NamedTuple):
    """Add to a number of the record, or take away; nothing counts as 0. ``present`` is its value as it is."""

    key: str
    field: Field
    by: Decimal
    present: Variable


class Tagging(NamedTuple):
    """Put tags on the record, or take them off."""

    names: tuple[Template, ...]
    adds: bool


class AddPoints(NamedTuple):
    """Add points to the score of the lead."""

    points: int
    reason: Template | None


class Pool(NamedTuple):
    """Users, by id in the order of their turns, of whom a strategy chooses one. ``name`` is what turns are kept by."""

    name: str
    members: tuple[int, ...]
    strategy: str


class Assign(NamedTuple):
    """Give the record to a user: to one who is named, or to one of a pool. ``key`` is the field that holds them."""

    key: str
    to: Assignment | Pool
    only_if_empty: bool


class Move(NamedTuple):
    """Move the deal to a stage of its pipeline, which is known only then."""

    stage: Template
    reason: Assignment | None
    note: Template | None


class ChangeStatus(NamedTuple):
    """Take the record to a status, with what is said about it: reason, note, code."""

    to: Assignment
    said: tuple[Assignment, ...]


class Convert(NamedTuple):
    """Convert the lead. ``values`` are those of the deal; organization and contact say whom the lead is about.

    They are a record, ``new``, or None for whom the keys of the lead lead to; there may be ``none`` of the first.
    """

    organization: Assignment | str | None
    contact: Assignment | str | None
    with_deal: bool
    values: tuple[Assignment, ...]
    stage: Template | None
    activities: Literal["move", "link"]


class Create(NamedTuple):
    """Create a record, linked to the one of the rule where ``link`` says so.

    ``times`` are fields that are counted from when the rule runs, or from ``delay`` after that, before which the new
    one need not be begun. With ``once`` it is not created while an open one of this rule exists.
    """

    entity: str
    assignments: tuple[Assignment, ...]
    times: tuple[tuple[str, Due], ...] = ()
    delay: Due | None = None
    once: bool = False
    link: bool = True


class Refuse(NamedTuple):
    """Abort the write."""

    message: Template
    field: str


class Warn(NamedTuple):
    """Tell the user."""

    message: Template


class Stop(NamedTuple):
    """End the rule; with ``all`` also the later rules for the change."""

    all: bool


Deed: TypeAlias = (
    SetFields | Increment | Tagging | AddPoints | Assign | Move | ChangeStatus | Convert | Create
    | Send | Refuse | Warn | Stop
)  # fmt: skip
