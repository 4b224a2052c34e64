"""Targets, exchange rates, forecasts as they were, further dates of events. Each part has a function of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_INSTANT = f"{_DAY}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"


def upgrade() -> None:
    """Bring a store of the fourth schema to this version."""
    _targets()
    _rates()
    _snapshots()
    _further_dates()


def _targets() -> None:
    """What is to be reached in a period."""
    _make(
        "target",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        _reference("target", "owner_id", "app_user"),
    )
    op.create_index("ix_target_metric", "target", ["metric"])


def _rates() -> None:
    """What currencies are worth, from which day on."""
    _make(
        "currency_rate",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Text(), nullable=False),
        _form("currency_rate", "on_date", _DAY),
    )
    op.create_index("ix_currency_rate_currency", "currency_rate", ["currency", "on_date"])


def _snapshots() -> None:
    """What the forecast was on a day."""
    op.create_table(
        "forecast_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("is_overdue", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("pipeline_id", "owner_id")),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("deals", "valued")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("amount", "weighted")),
        sa.CheckConstraint("is_overdue IN (0, 1)", name=op.f("ck_forecast_snapshot_is_overdue")),
        _form("forecast_snapshot", "day", _DAY),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_snapshot")),
        sqlite_strict=True,
    )
    op.create_index("ix_forecast_snapshot_day", "forecast_snapshot", ["day"])


def _further_dates() -> None:
    """Dates on which an event takes place beside those of its rule."""
    op.add_column("event", sa.Column("rdates", sa.Text(), nullable=True))


def _make(table: str, *own: sa.Column[object] | sa.Constraint) -> None:
    """Make a table of journalled records with its own columns and constraints."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        *own,
        *(_form(table, column, _INSTANT) for column in ("created_at", "deleted_at", "updated_at")),
        *(_reference(table, column, "app_user") for column in ("created_by_id", "updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(f"ix_{table}_uid", table, ["uid"])


def _form(table: str, column: str, form: str) -> sa.CheckConstraint:
    """Return that the text of a column has a form (GLOB)."""
    return sa.CheckConstraint(f"{column} GLOB '{form}'", name=op.f(f"ck_{table}_{column}"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), initially="DEFERRED", deferrable=True
    )
