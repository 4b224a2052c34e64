"""The first schema: records, links, journal and search."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEARCH = """CREATE VIRTUAL TABLE search_index USING fts5(
  name, keys, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"""


def upgrade() -> None:
    """Bring an empty file to this version."""
    op.create_table(
        "activity_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_entity", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("is_main", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_main IN (0, 1)", name=op.f("ck_activity_link_is_main")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_link")),
        sa.UniqueConstraint(
            "activity_entity", "activity_id", "entity", "record_id", name=op.f("uq_activity_link_activity_entity")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity_link", schema=None) as batch_op:
        batch_op.create_index("ix_activity_link_record", ["entity", "record_id", "activity_entity"], unique=False)

    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_app_user_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_app_user_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_app_user_updated_at"),
        ),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_app_user_is_active")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_app_user_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_app_user_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_app_user_email"), ["email"], unique=False, sqlite_where=sa.text("email IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_app_user_handle"), ["handle"], unique=False)
        batch_op.create_index(batch_op.f("ix_app_user_uid"), ["uid"], unique=False)

    op.create_table(
        "contact_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("value_norm", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind = 'email' OR kind = 'phone' OR kind = 'social'", name=op.f("ck_contact_point_kind")),
        sa.CheckConstraint("is_primary IN (0, 1)", name=op.f("ck_contact_point_is_primary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("entity", "record_id", "kind", "value_norm", name=op.f("uq_contact_point_entity")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index("ix_contact_point_value_norm", ["value_norm", "kind"], unique=False)

    op.create_table(
        "distinction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_entity", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinction")),
        sa.UniqueConstraint(
            "owner_entity", "owner_id", "entity", "record_id", name=op.f("uq_distinction_owner_entity")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "external_ref",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "last_seen_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_external_ref_last_seen_at"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_ref")),
        sa.UniqueConstraint("system", "entity", "external_id", name=op.f("uq_external_ref_system")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("external_ref", schema=None) as batch_op:
        batch_op.create_index("ix_external_ref_record", ["entity", "record_id"], unique=False)

    op.create_table(
        "operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rules", sa.Text(), nullable=True),
        sa.Column("undo_of_id", sa.Integer(), nullable=True),
        sa.Column("batch_uid", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_operation_at"),
        ),
        sa.ForeignKeyConstraint(
            ["undo_of_id"],
            ["operation.id"],
            name=op.f("fk_operation_undo_of_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_batch_uid", ["batch_uid"], unique=False, sqlite_where=sa.text("batch_uid IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_operation_undo_of_id"),
            ["undo_of_id"],
            unique=False,
            sqlite_where=sa.text("undo_of_id IS NOT NULL"),
        )

    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_change_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_operation", ["operation_id", "seq"], unique=False)
        batch_op.create_index("ix_change_record", ["entity", "record_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("salutation", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("birthdate", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("po_box", sa.Text(), nullable=True),
        sa.Column("reports_to_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_detail", sa.Text(), nullable=True),
        sa.Column("referred_by_id", sa.Integer(), nullable=True),
        sa.Column("do_not_call", sa.Integer(), nullable=False),
        sa.Column("do_not_email", sa.Integer(), nullable=False),
        sa.Column("email_status", sa.Text(), nullable=True),
        sa.Column("lifecycle_stage", sa.Text(), nullable=True),
        sa.Column("lifecycle_phase", sa.Text(), nullable=True),
        sa.Column("loyalty_card", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("next_contact_on", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_contact_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_contact_deleted_at"),
        ),
        sa.CheckConstraint(
            "next_contact_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", name=op.f("ck_contact_next_contact_on")
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_contact_updated_at"),
        ),
        sa.CheckConstraint("do_not_call IN (0, 1)", name=op.f("ck_contact_do_not_call")),
        sa.CheckConstraint("do_not_email IN (0, 1)", name=op.f("ck_contact_do_not_email")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_contact_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_contact_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["referred_by_id"],
            ["contact.id"],
            name=op.f("fk_contact_referred_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reports_to_id"],
            ["contact.id"],
            name=op.f("fk_contact_reports_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_contact_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_contact_referred_by_id"),
            ["referred_by_id"],
            unique=False,
            sqlite_where=sa.text("referred_by_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_contact_reports_to_id"),
            ["reports_to_id"],
            unique=False,
            sqlite_where=sa.text("reports_to_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_contact_uid"), ["uid"], unique=False)

    op.create_table(
        "custom_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("default_value", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=True),
        sa.Column("is_unique", sa.Integer(), nullable=False),
        sa.Column("is_personal", sa.Integer(), nullable=False),
        sa.Column("help", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_custom_field_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_custom_field_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_custom_field_updated_at"),
        ),
        sa.CheckConstraint("is_personal IN (0, 1)", name=op.f("ck_custom_field_is_personal")),
        sa.CheckConstraint("is_unique IN (0, 1)", name=op.f("ck_custom_field_is_unique")),
        sa.CheckConstraint("required IN (0, 1)", name=op.f("ck_custom_field_required")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_custom_field_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_custom_field_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custom_field_uid"), ["uid"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start_at", sa.Text(), nullable=False),
        sa.Column("start_wall", sa.Text(), nullable=False),
        sa.Column("end_at", sa.Text(), nullable=False),
        sa.Column("end_wall", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("all_day", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("join_url", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("ical_uid", sa.Text(), nullable=True),
        sa.Column("sequence_no", sa.Integer(), nullable=False),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column("exdates", sa.Text(), nullable=True),
        sa.Column("recurrence_id", sa.Text(), nullable=True),
        sa.Column("reminders", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_event_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_event_deleted_at"),
        ),
        sa.CheckConstraint(
            "end_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_event_end_at"),
        ),
        sa.CheckConstraint(
            "start_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_event_start_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_event_updated_at"),
        ),
        sa.CheckConstraint("all_day IN (0, 1)", name=op.f("ck_event_all_day")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_event_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["app_user.id"], name=op.f("fk_event_organiser_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_event_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_event_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_event_ical_uid"), ["ical_uid"], unique=False, sqlite_where=sa.text("ical_uid IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_event_organiser_id"),
            ["organiser_id"],
            unique=False,
            sqlite_where=sa.text("organiser_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_event_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_event_start_at"), ["start_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_uid"), ["uid"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arguments_sha256", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_idempotency_key_at"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_idempotency_key_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "import_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_import_job_at"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_import_job_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_job_operation_id"),
            ["operation_id"],
            unique=False,
            sqlite_where=sa.text("operation_id IS NOT NULL"),
        )

    op.create_table(
        "interaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("thread_key", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("is_automatic", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_interaction_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_interaction_deleted_at"),
        ),
        sa.CheckConstraint(
            "occurred_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_interaction_occurred_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_interaction_updated_at"),
        ),
        sa.CheckConstraint("is_automatic IN (0, 1)", name=op.f("ck_interaction_is_automatic")),
        sa.CheckConstraint("pinned IN (0, 1)", name=op.f("ck_interaction_pinned")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_interaction_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_interaction_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_interaction_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_interaction_user_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interaction_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_interaction_message_id"),
            ["message_id"],
            unique=False,
            sqlite_where=sa.text("message_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_interaction_occurred_at"), ["occurred_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_interaction_owner_id"),
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_interaction_uid"), ["uid"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_interaction_user_id"), ["user_id"], unique=False, sqlite_where=sa.text("user_id IS NOT NULL")
        )

    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("vat_id", sa.Text(), nullable=True),
        sa.Column("tax_code", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("employees_band", sa.Text(), nullable=True),
        sa.Column("annual_revenue_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("billing_street", sa.Text(), nullable=True),
        sa.Column("billing_city", sa.Text(), nullable=True),
        sa.Column("billing_region", sa.Text(), nullable=True),
        sa.Column("billing_postal_code", sa.Text(), nullable=True),
        sa.Column("billing_country", sa.Text(), nullable=True),
        sa.Column("billing_po_box", sa.Text(), nullable=True),
        sa.Column("shipping_street", sa.Text(), nullable=True),
        sa.Column("shipping_city", sa.Text(), nullable=True),
        sa.Column("shipping_region", sa.Text(), nullable=True),
        sa.Column("shipping_postal_code", sa.Text(), nullable=True),
        sa.Column("shipping_country", sa.Text(), nullable=True),
        sa.Column("shipping_po_box", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_detail", sa.Text(), nullable=True),
        sa.Column("lifecycle_stage", sa.Text(), nullable=True),
        sa.Column("lifecycle_phase", sa.Text(), nullable=True),
        sa.Column("trial_purchase_at", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_organization_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_organization_deleted_at"),
        ),
        sa.CheckConstraint(
            "trial_purchase_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_organization_trial_purchase_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_organization_updated_at"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_organization_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_organization_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organization.id"],
            name=op.f("fk_organization_parent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_organization_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organization_domain"), ["domain"], unique=False, sqlite_where=sa.text("domain IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_organization_name_key"),
            ["name_key"],
            unique=False,
            sqlite_where=sa.text("name_key IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_organization_owner_id"),
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_organization_parent_id"),
            ["parent_id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_organization_uid"), ["uid"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organization_vat_id"), ["vat_id"], unique=False, sqlite_where=sa.text("vat_id IS NOT NULL")
        )

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
        sa.Column("not_before", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "done_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_outbox_done_at"),
        ),
        sa.CheckConstraint(
            "not_before GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_outbox_not_before"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_outbox_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_operation_id"), ["operation_id"], unique=False)

    op.create_table(
        "pipeline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("is_default", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rotting_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_pipeline_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_pipeline_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_pipeline_updated_at"),
        ),
        sa.CheckConstraint("is_default IN (0, 1)", name=op.f("ck_pipeline_is_default")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_pipeline_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_pipeline_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("pipeline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pipeline_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_pipeline_uid"), ["uid"], unique=False)

    op.create_table(
        "rule_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_hash", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_rule_run_at"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_rule_run_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_run")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("rule_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rule_run_operation_id"),
            ["operation_id"],
            unique=False,
            sqlite_where=sa.text("operation_id IS NOT NULL"),
        )
        batch_op.create_index("ix_rule_run_record", ["entity", "record_id"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("columns", sa.Text(), nullable=True),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("group_by", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("shared_with", sa.Text(), nullable=True),
        sa.Column("pinned", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_saved_view_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_saved_view_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_saved_view_updated_at"),
        ),
        sa.CheckConstraint("pinned IN (0, 1)", name=op.f("ck_saved_view_pinned")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_saved_view_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_saved_view_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_saved_view_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_key"), ["key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_saved_view_owner_id"),
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_saved_view_uid"), ["uid"], unique=False)

    op.create_table(
        "state_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("from_value", sa.Text(), nullable=True),
        sa.Column("to_value", sa.Text(), nullable=True),
        sa.Column("from_kind", sa.Text(), nullable=True),
        sa.Column("to_kind", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=False),
        sa.Column("left_at", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=True),
        sa.Column("probability_bp", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "entered_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_state_log_entered_at"),
        ),
        sa.CheckConstraint(
            "left_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_state_log_left_at"),
        ),
        sa.CheckConstraint("probability_bp BETWEEN 0 AND 10000", name=op.f("ck_state_log_probability_bp")),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_state_log_operation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_log")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("state_log", schema=None) as batch_op:
        batch_op.create_index("ix_state_log_entered", ["entity", "field", "entered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_state_log_operation_id"), ["operation_id"], unique=False)
        batch_op.create_index("ix_state_log_record", ["entity", "record_id", "field"], unique=False)

    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_tag_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_tag_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_tag_updated_at"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["app_user.id"], name=op.f("fk_tag_created_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["app_user.id"], name=op.f("fk_tag_updated_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_tag_uid"), ["uid"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Text(), nullable=True),
        sa.Column("due_at", sa.Text(), nullable=True),
        sa.Column("due_is_date", sa.Integer(), nullable=False),
        sa.Column("due_wall", sa.Text(), nullable=True),
        sa.Column("due_zone", sa.Text(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("completed_at", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reminders", sa.Text(), nullable=True),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column("recur_mode", sa.Text(), nullable=True),
        sa.Column("series_uid", sa.Text(), nullable=True),
        sa.Column("occurrence_key", sa.Text(), nullable=True),
        sa.Column("missed_count", sa.Integer(), nullable=False),
        sa.Column("estimate_minutes", sa.Integer(), nullable=True),
        sa.Column("spent_minutes", sa.Integer(), nullable=True),
        sa.Column("created_by_rule", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'done') = (completed_at IS NOT NULL)", name=op.f("ck_task_completion")),
        sa.CheckConstraint(
            "completed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_task_completed_at"),
        ),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_task_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_task_deleted_at"),
        ),
        sa.CheckConstraint(
            "due_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_task_due_at"),
        ),
        sa.CheckConstraint("start_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", name=op.f("ck_task_start_on")),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_task_updated_at"),
        ),
        sa.CheckConstraint("due_is_date IN (0, 1)", name=op.f("ck_task_due_is_date")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["app_user.id"], name=op.f("fk_task_assignee_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_task_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_task_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_task_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_assignee_id"),
            ["assignee_id"],
            unique=False,
            sqlite_where=sa.text("assignee_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_task_completed_at"),
            ["completed_at"],
            unique=False,
            sqlite_where=sa.text("completed_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_task_due_at"), ["due_at"], unique=False, sqlite_where=sa.text("due_at IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_task_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_task_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_uid"), ["uid"], unique=False)

    op.create_table(
        "attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_attendee_event_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("attendee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendee_event_id"), ["event_id"], unique=False)

    op.create_table(
        "contact_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("remind", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("remind IN (0, 1)", name=op.f("ck_contact_date_remind")),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_date_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_date")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("contact_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_date_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_row_job_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("job_id", "row_no", name=op.f("pk_import_row")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_hash", ["row_hash"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("salutation", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("po_box", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_detail", sa.Text(), nullable=True),
        sa.Column("referred_by_id", sa.Integer(), nullable=True),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("score_updated_at", sa.Text(), nullable=True),
        sa.Column("lifecycle_stage", sa.Text(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("expected_amount_minor", sa.Integer(), nullable=True),
        sa.Column("do_not_call", sa.Integer(), nullable=False),
        sa.Column("do_not_email", sa.Integer(), nullable=False),
        sa.Column("converted_at", sa.Text(), nullable=True),
        sa.Column("converted_by_id", sa.Integer(), nullable=True),
        sa.Column("converted_organization_id", sa.Integer(), nullable=True),
        sa.Column("converted_contact_id", sa.Integer(), nullable=True),
        sa.Column("converted_deal_id", sa.Integer(), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("lost_note", sa.Text(), nullable=True),
        sa.Column("lost_at", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_due", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'converted') = (converted_at IS NOT NULL)", name=op.f("ck_lead_conversion")),
        sa.CheckConstraint(
            "converted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_converted_at"),
        ),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_deleted_at"),
        ),
        sa.CheckConstraint(
            "lost_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_lost_at"),
        ),
        sa.CheckConstraint(
            "next_step_due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", name=op.f("ck_lead_next_step_due")
        ),
        sa.CheckConstraint(
            "score_updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_score_updated_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_lead_updated_at"),
        ),
        sa.CheckConstraint("do_not_call IN (0, 1)", name=op.f("ck_lead_do_not_call")),
        sa.CheckConstraint("do_not_email IN (0, 1)", name=op.f("ck_lead_do_not_email")),
        sa.CheckConstraint("fit IN (0, 1)", name=op.f("ck_lead_fit")),
        sa.ForeignKeyConstraint(
            ["converted_by_id"],
            ["app_user.id"],
            name=op.f("fk_lead_converted_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["converted_contact_id"],
            ["contact.id"],
            name=op.f("fk_lead_converted_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["converted_organization_id"],
            ["organization.id"],
            name=op.f("fk_lead_converted_organization_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_lead_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_lead_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["referred_by_id"],
            ["contact.id"],
            name=op.f("fk_lead_referred_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_lead_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lead_converted_at"),
            ["converted_at"],
            unique=False,
            sqlite_where=sa.text("converted_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_lead_converted_contact_id"),
            ["converted_contact_id"],
            unique=False,
            sqlite_where=sa.text("converted_contact_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_lead_converted_deal_id"),
            ["converted_deal_id"],
            unique=False,
            sqlite_where=sa.text("converted_deal_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_lead_converted_organization_id"),
            ["converted_organization_id"],
            unique=False,
            sqlite_where=sa.text("converted_organization_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_lead_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_lead_referred_by_id"),
            ["referred_by_id"],
            unique=False,
            sqlite_where=sa.text("referred_by_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_lead_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_uid"), ["uid"], unique=False)

    op.create_table(
        "organization_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_organization_contact_is_active")),
        sa.CheckConstraint("is_primary IN (0, 1)", name=op.f("ck_organization_contact_is_primary")),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_organization_contact_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_contact_organization_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_contact")),
        sa.UniqueConstraint("contact_id", "organization_id", name=op.f("uq_organization_contact_contact_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("organization_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_contact_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("probability_bp", sa.Integer(), nullable=False),
        sa.Column("forecast_category", sa.Text(), nullable=True),
        sa.Column("rotting_days", sa.Integer(), nullable=True),
        sa.Column("exit_criteria", sa.Text(), nullable=True),
        sa.Column("required_fields", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_stage_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_stage_deleted_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_stage_updated_at"),
        ),
        sa.CheckConstraint("probability_bp BETWEEN 0 AND 10000", name=op.f("ck_stage_probability_bp")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_stage_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_stage_pipeline_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_stage_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_pipeline_id"), ["pipeline_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stage_uid"), ["uid"], unique=False)

    op.create_table(
        "tagging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_tagging_tag_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tagging")),
        sa.UniqueConstraint("entity", "record_id", "tag_id", name=op.f("uq_tagging_entity")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("tagging", schema=None) as batch_op:
        batch_op.create_index("ix_tagging_tag_id", ["tag_id", "entity"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("sla", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.Text(), nullable=True),
        sa.Column("first_resolved_at", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("first_response_at", sa.Text(), nullable=True),
        sa.Column("first_response_due", sa.Text(), nullable=True),
        sa.Column("resolution_due", sa.Text(), nullable=True),
        sa.Column("next_response_due", sa.Text(), nullable=True),
        sa.Column("response_used_s", sa.Integer(), nullable=False),
        sa.Column("resolution_used_s", sa.Integer(), nullable=False),
        sa.Column("clock_at", sa.Text(), nullable=True),
        sa.Column("paused_at", sa.Text(), nullable=True),
        sa.Column("paused_business_s", sa.Integer(), nullable=False),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.Column("last_reopened_at", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolution_code", sa.Text(), nullable=True),
        sa.Column("csat_score", sa.Integer(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("follow_up_of_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "clock_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_clock_at"),
        ),
        sa.CheckConstraint(
            "closed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_closed_at"),
        ),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_deleted_at"),
        ),
        sa.CheckConstraint(
            "first_resolved_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_first_resolved_at"),
        ),
        sa.CheckConstraint(
            "first_response_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_first_response_at"),
        ),
        sa.CheckConstraint(
            "first_response_due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_first_response_due"),
        ),
        sa.CheckConstraint(
            "last_reopened_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_last_reopened_at"),
        ),
        sa.CheckConstraint(
            "next_response_due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_next_response_due"),
        ),
        sa.CheckConstraint(
            "opened_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_opened_at"),
        ),
        sa.CheckConstraint(
            "paused_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_paused_at"),
        ),
        sa.CheckConstraint(
            "resolution_due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_resolution_due"),
        ),
        sa.CheckConstraint(
            "resolved_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_resolved_at"),
        ),
        sa.CheckConstraint("status <> 'closed' OR resolved_at IS NOT NULL", name=op.f("ck_ticket_closing")),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_updated_at"),
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["app_user.id"], name=op.f("fk_ticket_assignee_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_ticket_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_duplicate_of_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_of_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_follow_up_of_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_ticket_organization_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_ticket_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_ticket_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ticket_assignee_id"),
            ["assignee_id"],
            unique=False,
            sqlite_where=sa.text("assignee_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_closed_at"),
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_contact_id"),
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("contact_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_duplicate_of_id"),
            ["duplicate_of_id"],
            unique=False,
            sqlite_where=sa.text("duplicate_of_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_follow_up_of_id"),
            ["follow_up_of_id"],
            unique=False,
            sqlite_where=sa.text("follow_up_of_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_organization_id"),
            ["organization_id"],
            unique=False,
            sqlite_where=sa.text("organization_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_ticket_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_uid"), ["uid"], unique=False)

    op.create_table(
        "deal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("recurring_amount_minor", sa.Integer(), nullable=True),
        sa.Column("recurring_period", sa.Text(), nullable=True),
        sa.Column("exchange_rate", sa.Text(), nullable=True),
        sa.Column("probability_bp", sa.Integer(), nullable=False),
        sa.Column("probability_source", sa.Text(), nullable=False),
        sa.Column("forecast_category", sa.Text(), nullable=True),
        sa.Column("expected_close", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("lost_note", sa.Text(), nullable=True),
        sa.Column("competitor_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_detail", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_due", sa.Text(), nullable=True),
        sa.Column("stage_entered_at", sa.Text(), nullable=True),
        sa.Column("last_open_stage_id", sa.Integer(), nullable=True),
        sa.Column("push_count", sa.Integer(), nullable=False),
        sa.Column("first_responded_at", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint("(outcome = 'open') = (closed_at IS NULL)", name=op.f("ck_deal_closing")),
        sa.CheckConstraint(
            "closed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_closed_at"),
        ),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_deleted_at"),
        ),
        sa.CheckConstraint(
            "expected_close GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", name=op.f("ck_deal_expected_close")
        ),
        sa.CheckConstraint(
            "first_responded_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_first_responded_at"),
        ),
        sa.CheckConstraint(
            "next_step_due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", name=op.f("ck_deal_next_step_due")
        ),
        sa.CheckConstraint(
            "outcome <> 'lost' OR (probability_bp = 0 AND lost_reason IS NOT NULL)", name=op.f("ck_deal_lost_reason")
        ),
        sa.CheckConstraint("outcome <> 'won' OR probability_bp = 10000", name=op.f("ck_deal_won_probability")),
        sa.CheckConstraint(
            "stage_entered_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_stage_entered_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_deal_updated_at"),
        ),
        sa.CheckConstraint("probability_bp BETWEEN 0 AND 10000", name=op.f("ck_deal_probability_bp")),
        sa.ForeignKeyConstraint(
            ["competitor_id"],
            ["organization.id"],
            name=op.f("fk_deal_competitor_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_deal_contact_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_deal_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["last_open_stage_id"],
            ["stage.id"],
            name=op.f("fk_deal_last_open_stage_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_deal_lead_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_deal_organization_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_deal_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_deal_pipeline_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_deal_stage_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_deal_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deal_closed_at"), ["closed_at"], unique=False, sqlite_where=sa.text("closed_at IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_deal_competitor_id"),
            ["competitor_id"],
            unique=False,
            sqlite_where=sa.text("competitor_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_deal_contact_id"),
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("contact_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_deal_expected_close"),
            ["expected_close"],
            unique=False,
            sqlite_where=sa.text("expected_close IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_deal_last_open_stage_id"),
            ["last_open_stage_id"],
            unique=False,
            sqlite_where=sa.text("last_open_stage_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_deal_lead_id"), ["lead_id"], unique=False, sqlite_where=sa.text("lead_id IS NOT NULL")
        )
        batch_op.create_index(
            batch_op.f("ix_deal_organization_id"),
            ["organization_id"],
            unique=False,
            sqlite_where=sa.text("organization_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_deal_outcome"), ["outcome"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_deal_owner_id"), ["owner_id"], unique=False, sqlite_where=sa.text("owner_id IS NOT NULL")
        )
        batch_op.create_index(batch_op.f("ix_deal_pipeline_id"), ["pipeline_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_stage_id"), ["stage_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_uid"), ["uid"], unique=False)

    op.create_table(
        "ticket_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.Text(), nullable=False),
        sa.Column("is_automatic", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_comment_created_at"),
        ),
        sa.CheckConstraint(
            "deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_comment_deleted_at"),
        ),
        sa.CheckConstraint(
            "occurred_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_comment_occurred_at"),
        ),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_ticket_comment_updated_at"),
        ),
        sa.CheckConstraint("is_automatic IN (0, 1)", name=op.f("ck_ticket_comment_is_automatic")),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["app_user.id"],
            name=op.f("fk_ticket_comment_author_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_ticket_comment_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["app_user.id"],
            name=op.f("fk_ticket_comment_created_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_comment_ticket_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["app_user.id"],
            name=op.f("fk_ticket_comment_updated_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_comment")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    with op.batch_alter_table("ticket_comment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ticket_comment_author_id"),
            ["author_id"],
            unique=False,
            sqlite_where=sa.text("author_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_comment_contact_id"),
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("contact_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_comment_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_comment_uid"), ["uid"], unique=False)

    op.create_table(
        "deal_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_deal_contact_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deal.id"], name=op.f("fk_deal_contact_deal_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_contact")),
        sa.UniqueConstraint("deal_id", "contact_id", name=op.f("uq_deal_contact_deal_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("deal_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deal_contact_contact_id"), ["contact_id"], unique=False)

    op.execute(_SEARCH)
    for table in ("operation", "change"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
