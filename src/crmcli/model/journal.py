"""System tables: the journal behind audit and undo, the state log, import memory, idempotency keys."""

from sqlalchemy import Index, Text, column
from sqlmodel import Field, SQLModel

from crmcli.model.columns import instant, integer, json, money, percent, ref, text
from crmcli.model.record import COUNTED, STRICT, stored


@stored
class Operation(SQLModel, table=True):
    """One transaction of a command, import or undo; those of one batch are together one step that can be taken back."""

    __tablename__ = "operation"
    __table_args__ = (
        Index("ix_operation_batch_uid", "batch_uid", sqlite_where=column("batch_uid").is_not(None)),
        COUNTED,
    )
    id: int | None = Field(default=None, primary_key=True)
    uid: str = text("Identity", required=True)
    at: str = instant("When", required=True)
    actor_kind: str = text("Actor kind", required=True)
    actor_id: int | None = integer("Actor")
    kind: str = text("Kind", required=True)
    command: str = text("Command", required=True, long=True)
    reason: str | None = text("Reason", long=True)
    rules: str | None = text("Rules")
    undo_of_id: int | None = ref("Takes back", "operation")
    batch_uid: str | None = text("Batch")


@stored
class Change(SQLModel, table=True):
    """One changed record of an operation: the changed fields before and after, as JSON."""

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_operation", "operation_id", "seq"),
        Index("ix_change_record", "entity", "record_id"),
        STRICT,
    )
    id: int | None = Field(default=None, primary_key=True)
    operation_id: int = ref("Operation", "operation", required=True, index=False)
    seq: int = integer("Order", required=True)
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)
    action: str = text("Action", required=True)
    before: str | None = json("Before")
    after: str | None = json("After")
    cause: str = text("Cause", required=True)


@stored
class StateLog(SQLModel, table=True):
    """An interval that a record spent in a status, stage or phase."""

    __tablename__ = "state_log"
    __table_args__ = (
        Index("ix_state_log_record", "entity", "record_id", "field"),
        Index("ix_state_log_entered", "entity", "field", "entered_at"),
        STRICT,
    )
    id: int | None = Field(default=None, primary_key=True)
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)
    field: str = text("Field", required=True)
    from_value: str | None = text("From")
    to_value: str | None = text("To")
    from_kind: str | None = text("From kind")
    to_kind: str | None = text("To kind")
    entered_at: str = instant("Entered", required=True)
    left_at: str | None = instant("Left")
    seconds: int | None = integer("Seconds")
    amount_minor: int | None = money("Amount")
    probability_bp: int | None = percent("Probability")
    actor_id: int | None = integer("Actor")
    cause: str = text("Cause", required=True)
    reason: str | None = text("Reason", long=True)
    operation_id: int = ref("Operation", "operation", required=True)


@stored
class ImportJob(SQLModel, table=True):
    """An import, with its receipt."""

    __tablename__ = "import_job"
    __table_args__ = COUNTED
    id: int | None = Field(default=None, primary_key=True)
    uid: str = text("Identity", required=True)
    at: str = instant("When", required=True)
    source: str = text("Source", required=True)
    entity: str = text("Entity", required=True)
    file_name: str = text("File", required=True)
    file_sha256: str = text("Hash", required=True)
    mapping: str | None = json("Mapping")
    options: str | None = json("Options")
    counts: str | None = json("Counts")
    status: str = text("Status", required=True)
    last_row: int = integer("Last row", default=0)
    operation_id: int | None = ref("Operation", "operation")


@stored
class ImportRow(SQLModel, table=True):
    """What became of one row of an import."""

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_hash", "row_hash"), STRICT)
    job_id: int = Field(primary_key=True, foreign_key="import_job.id")
    row_no: int = Field(primary_key=True)
    row_hash: str = text("Hash", required=True)
    entity: str = text("Entity", required=True)
    record_id: int | None = integer("Record")
    action: str = text("Action", required=True)
    error: str | None = text("Error", long=True)


@stored
class IdempotencyKey(SQLModel, table=True):
    """A command that was done under a key: the same key answers with its first result."""

    __tablename__ = "idempotency_key"
    __table_args__ = STRICT
    key: str = Field(primary_key=True, sa_type=Text)
    arguments_sha256: str = text("Arguments", required=True)
    result: str = text("Result", required=True, long=True)
    at: str = instant("When", required=True)
    operation_id: int | None = ref("Operation", "operation", index=False)
