"""Consent: who somebody is, whatever records there are of them, and the ledger of what they granted and withdrew."""

from typing import ClassVar

from sqlalchemy import Index

from crmcli.model.columns import enum, instant, ref, text
from crmcli.model.record import COUNTED, Derived, Described, Input, Stored, stored


def _person(entity: str) -> Derived:
    """Return the oldest record of a kind about the person of a ledger entry."""
    sql = (
        f"(SELECT x.id FROM {entity} x WHERE x.subject_id = r.subject_id AND x.deleted_at IS NULL"
        " ORDER BY x.id LIMIT 1)"
    )
    return Derived(entity, "ref", entity.capitalize(), sql, ref=entity)


class SubjectBase(Input):
    """One identity for each person: the leads and contacts about somebody share it, and it alone has the ledger."""

    about: ClassVar[Described] = Described(
        "subject", "subject", "", "Subject", "subjects", "'subject ' || r.id", ("created_at",)
    )


@stored
class Subject(SubjectBase, Stored, table=True):
    """The stored identity."""

    __tablename__ = "subject"
    __table_args__ = COUNTED


class ConsentBase(Input):
    """One event of the ledger, which is only ever added to."""

    about: ClassVar[Described] = Described(
        "consent", "consent", "", "Consent", "consents", "r.action || COALESCE(' ' || r.purpose, '')",
        ("occurred_at", "contact", "lead", "purpose", "channel", "action", "basis", "origin", "notice_version"),
        (_person("contact"), _person("lead")),
    )  # fmt: skip

    subject_id: int = ref("Subject", "subject", required=True, index=False)
    purpose: str | None = enum("Purpose", "consent_purpose")
    channel: str = enum("Channel", "consent_channel", default="any")
    action: str = enum("Action", "consent_action", required=True)
    basis: str | None = enum("Basis", "consent_basis")
    origin: str | None = enum("Origin", "consent_origin")
    notice_version: str | None = text("Notice")
    text_shown: str | None = text("Text shown", long=True)
    occurred_at: str = instant("When", required=True)


@stored
class Consent(ConsentBase, Stored, table=True):
    """The stored event."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_subject", "subject_id", "purpose", "occurred_at"),
        COUNTED,
    )
