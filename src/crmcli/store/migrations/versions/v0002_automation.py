"""Automation: what acts once, states and turns of rules, leases of what goes out, the scheduler, teams, score lines."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = "{} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'"


def upgrade() -> None:
    """Bring a store of the first schema to this version."""
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        *_instants("job_run", "at", "through"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
        sqlite_strict=True,
    )
    op.create_table(
        "pool_turn",
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pool", name=op.f("pk_pool_turn")),
        sqlite_strict=True,
    )
    op.create_table(
        "rule_state",
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *_instants("rule_state", "at"),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_rule_state")),
        sqlite_strict=True,
    )
    op.add_column("app_user", sa.Column("team", sa.Text(), nullable=True))
    op.create_index("ix_app_user_team", "app_user", ["team"], sqlite_where=sa.text("team IS NOT NULL"))
    op.add_column("rule_run", sa.Column("trigger_key", sa.Text(), nullable=True))
    op.create_index(
        "ux_rule_run_trigger",
        "rule_run",
        ["rule_id", "trigger_key"],
        unique=True,
        sqlite_where=sa.text("trigger_key IS NOT NULL"),
    )
    op.add_column("lead", sa.Column("score_lines", sa.Text(), nullable=True))
    op.create_index("ix_rule_run_rule", "rule_run", ["rule_id", "at"])
    _make_outbox()


def _make_outbox() -> None:
    """Make the outbox anew: in stores of the first schema nothing was ever put into it."""
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("rule_hash", sa.Text(), nullable=True),
        sa.Column("action_no", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        *_instants("outbox", "created_at", "done_at", "lease_until", "not_before"),
        _reference("outbox", "operation_id", "operation"),
        _reference("outbox", "run_id", "rule_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_operation_id", "outbox", ["operation_id"])
    op.create_index("ix_outbox_run_id", "outbox", ["run_id"], sqlite_where=sa.text("run_id IS NOT NULL"))
    op.create_index("ix_outbox_status", "outbox", ["status", "not_before"])


def _instants(table: str, *columns: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(_INSTANT.format(column), name=op.f(f"ck_{table}_{column}")) for column in columns]


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), initially="DEFERRED", deferrable=True
    )
