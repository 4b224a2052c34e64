"""Tables of the rules and of what goes out: runs, states, turns, outbox, and how far the jobs of the scheduler came."""

from sqlalchemy import Index, Text, UniqueConstraint, column
from sqlmodel import Field, SQLModel

from crmcli.model.columns import enum, instant, integer, json, ref, text
from crmcli.model.record import COUNTED, STRICT, stored

_ONCE = column("trigger_key").is_not(None)


@stored
class RuleRun(SQLModel, table=True):
    """A decision of a rule on a record. ``trigger_key`` is there where the rule may decide so only once."""

    __tablename__ = "rule_run"
    __table_args__ = (
        Index("ix_rule_run_record", "entity", "record_id"),
        Index("ix_rule_run_rule", "rule_id", "at"),
        Index(
            "ux_rule_run_trigger",
            "rule_id",
            "trigger_key",
            unique=True,
            sqlite_where=column("trigger_key").is_not(None),
        ),
        STRICT,
    )
    id: int | None = Field(default=None, primary_key=True)
    rule_id: str = text("Rule", required=True)
    rule_hash: str = text("Rule hash", required=True)
    event: str = text("Event", required=True)
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)
    operation_id: int | None = ref("Operation", "operation")
    depth: int = integer("Depth", default=0)
    at: str = instant("When", required=True)
    status: str = text("Status", required=True)
    reason: str | None = text("Reason", long=True)
    actions: str | None = json("Actions")
    trigger_key: str | None = text("Trigger")


@stored
class RuleState(SQLModel, table=True):
    """A rule that was switched off by hand or by its own excess; a rule without a row is as its file says."""

    __tablename__ = "rule_state"
    __table_args__ = STRICT
    rule_id: str = Field(primary_key=True, sa_type=Text)
    state: str = enum("State", "rule_state", required=True)
    at: str = instant("Since", required=True)
    reason: str | None = text("Reason", long=True)


@stored
class PoolTurn(SQLModel, table=True):
    """Whom the records of a pool went to last, so that the next one gets the next."""

    __tablename__ = "pool_turn"
    __table_args__ = STRICT
    pool: str = Field(primary_key=True, sa_type=Text)
    user_id: int = integer("Last", required=True)


@stored
class Outbox(SQLModel, table=True):
    """An outside effect, written with its cause and delivered after the commit.

    ``key`` stays the same however often it is delivered. While
    ``sending`` it belongs to its sender until ``lease_until``.
    """

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("key"), Index("ix_outbox_status", "status", "not_before"), COUNTED)
    id: int | None = Field(default=None, primary_key=True)
    operation_id: int = ref("Operation", "operation", required=True)
    rule_id: str | None = text("Rule")
    rule_hash: str | None = text("Rule hash")
    action_no: int | None = integer("Action")
    kind: str = text("Kind", required=True)
    payload: str = text("Payload", required=True, long=True)
    key: str = text("Key", required=True)
    status: str = text("Status", required=True)
    attempts: int = integer("Attempts", default=0)
    max_attempts: int = integer("Most attempts", default=3)
    not_before: str | None = instant("Not before")
    last_error: str | None = text("Last error", long=True)
    done_at: str | None = instant("Done")
    run_id: int | None = ref("Run", "rule_run")
    entity: str | None = text("Entity")
    record_id: int | None = integer("Record")
    created_at: str | None = instant("Created")
    lease_until: str | None = instant("Lease until")


@stored
class JobRun(SQLModel, table=True):
    """How far a job of the scheduler came: everything that fell due up to ``through`` is done."""

    __tablename__ = "job_run"
    __table_args__ = STRICT
    name: str = Field(primary_key=True, sa_type=Text)
    through: str = instant("Through", required=True)
    at: str = instant("When", required=True)


@stored
class Reminder(SQLModel, table=True):
    """What somebody was reminded of, so that it is not said again.

    ``audience`` is where it was said, ``occasion`` what for: a record has one for each date and each step of urgency.
    With a row of the outbox it was said when that row is delivered.
    """

    __tablename__ = "reminder"
    __table_args__ = STRICT
    audience: str = Field(primary_key=True, sa_type=Text)
    entity: str = Field(primary_key=True, sa_type=Text)
    record_id: int = Field(primary_key=True)
    occasion: str = Field(primary_key=True, sa_type=Text)
    at: str = instant("When", required=True)
    outbox_id: int | None = ref("Outbox", "outbox", index=False, constrained=False)
