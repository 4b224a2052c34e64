"""What the actions mean that act outside: plain data, to be rendered in the transaction and sent after it.

A template of these may name variables of the environment, which are put in when it is sent and not before.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from crmcli.rules.durations import Due
from crmcli.rules.templates import Template

Shape: TypeAlias = Template | int | float | bool | Sequence["Shape"] | Mapping[str, "Shape"]  # JSON of templates


class Webhook(NamedTuple):
    """Post JSON to a web address; without a body of one's own, the record."""

    url: Template
    body: Shape | None


class RunHook(NamedTuple):
    """Run a program of the hooks folder, with data on its standard input; without a shape of one's own, the record."""

    argv: tuple[Template, ...]
    stdin: Shape | None


class CallFunction(NamedTuple):
    """Call a Python function that an installed package offers by name."""

    name: str


class Notify(NamedTuple):
    """Tell a user or a team; a ``digest`` waits for the scheduler, which tells all at once, once a day."""

    to: Template
    text: Template
    digest: bool


class LetterTemplate(NamedTuple):
    """What to write: the subject, which a text message does not need, the text, and the same as HTML if any."""

    subject: Template | None
    text: Template
    html: Template | None


class Message(NamedTuple):
    """Write an ``email`` or an ``sms`` to somebody for a purpose; an empty one is the usual one of whom it goes to."""

    kind: str
    to: Template
    purpose: str
    letter: LetterTemplate


Outside: TypeAlias = Message | Webhook | RunHook | CallFunction | Notify


class Send(NamedTuple):
    """Do something outside: within so many seconds, after a delay if any, and again when it fails if ``retries``."""

    what: Outside
    limit_s: int
    delay: Due | None
    retries: bool
