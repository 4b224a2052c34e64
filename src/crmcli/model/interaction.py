"""Interaction: a contact that happened, with any number of records. A fact, so it has no status."""

from typing import ClassVar

from crmcli.model.columns import boolean, enum, instant, integer, ref, text
from crmcli.model.fragments import LINKS, REFERENCES, TAGS, linked_records
from crmcli.model.record import COUNTED, Derived, Described, Input, Owned, stored

_TITLE = "COALESCE(r.subject, substr(r.body, 1, 80), r.kind)"


class InteractionBase(Input):
    """What an interaction is made of."""

    about: ClassVar[Described] = Described(
        "interaction", "log", "A", "Interaction", "interactions", _TITLE,
        ("ref", "occurred_at", "kind", "direction", "outcome", "title", "main", "user"),
        (Derived("title", "text", "Title", _TITLE), *linked_records("interaction")),
        (TAGS, LINKS, REFERENCES),
    )  # fmt: skip

    kind: str = enum("Kind", "log_kind", required=True, index=True)
    direction: str | None = enum("Direction", "log_direction", option=True)
    outcome: str | None = enum("Outcome", "log_outcome", option=True)
    occurred_at: str = instant("When", required=True, index=True, aliases=("when",))
    duration_seconds: int | None = integer("Duration, seconds")
    subject: str | None = text("Subject", option=True)
    body: str | None = text("Text", long=True, option=True)
    quoted: str | None = text("Quoted history", long=True)
    signature: str | None = text("Signature", long=True)
    user_id: int | None = ref("User", "user", "app_user", option=True)
    account: str | None = text("Mail account", writable=False)
    thread_key: str | None = text("Thread", writable=False)
    message_id: str | None = text("Message id", index=True, writable=False)
    is_automatic: int = boolean("Automatic")
    pinned: int = boolean("Pinned")


@stored
class Interaction(InteractionBase, Owned, table=True):
    """The stored interaction."""

    __tablename__ = "interaction"
    __table_args__ = COUNTED
