"""What actions of rules mean, once understood: one class for each kind of deed, plain data.

How a deed is read from a rule file stands in ``reading_*``; what it does to the store is the business of the services.
"""

from typing import Any, NamedTuple, TypeAlias

from crmcli.domain.schema import Field
from crmcli.rules.durations import Due
from crmcli.rules.outside_deeds import Send
from crmcli.rules.templates import Template


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
    """Set fields of the record."""

    assignments: tuple[Assignment, ...]
    only_if_empty: bool


class Tagging(NamedTuple):
    """Put tags on the record, or take them off."""

    names: tuple[Template, ...]
    adds: bool


class MakeTask(NamedTuple):
    """Create a task that is linked to the record; with ``once`` not while an open one of this rule exists."""

    assignments: tuple[Assignment, ...]
    due: Due | None
    once: bool


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


Deed: TypeAlias = SetFields | Tagging | MakeTask | Send | Refuse | Warn | Stop
