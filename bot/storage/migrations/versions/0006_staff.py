"""Staff accounts, sessions, and the hash-chained audit."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_START = "0" * 64
_TABLES = (
    "audit_head",
    "audit",
    "used_page_links",
    "sign_in_attempts",
    "staff_sessions",
    "staff_links",
    "staff_recovery_codes",
    "staff",
)


def upgrade() -> None:
    """Add the tables, and room for the chain of each history; its lines so far stay as they are."""
    _accounts()
    _sessions()
    op.create_table(
        "used_page_links",
        sa.Column("page_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("page_id", name="pk_used_page_links"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_used_page_links_page_id"),
    )
    op.add_column("escalation_events", sa.Column("previous", sa.String(64)))
    op.add_column("escalation_events", sa.Column("fields", sa.JSON))
    op.add_column("escalation_events", sa.Column("hash", sa.String(64)))
    _audit()


def _accounts() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("person", sa.String(64)),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("password_changed_at", sa.DateTime),
        sa.Column("totp_secret", sa.Text),
        sa.Column("totp_step", sa.Integer, nullable=False, server_default="0"),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("last_sign_in", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("user_name", name="uq_staff_user_name"),
        sa.UniqueConstraint("person", name="uq_staff_person"),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name="pk_staff_recovery_codes"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_recovery_codes_staff_id"),
    )
    op.create_table(
        "staff_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(32)),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime),
        sa.PrimaryKeyConstraint("token_hash", name="pk_staff_links"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_links_staff_id"),
    )
    op.create_index("ix_staff_links_staff_id", "staff_links", ["staff_id"])


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("agent", sa.String(128), nullable=False),
        sa.Column("offered", sa.Text),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_seen", sa.DateTime, nullable=False),
        sa.Column("proved_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("end_reason", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_staff_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_staff_sessions_token_hash"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_sessions_staff_id"),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime, nullable=False),
        sa.Column("locked_until", sa.DateTime),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_last_at", "sign_in_attempts", ["last_at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    for column in ("at", "actor", "action", "subject"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("unchained_events", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.execute(
        "INSERT INTO audit_head (id, number, hash, unchained_events) "  # noqa: S608 - a constant
        f"SELECT 1, 0, '{_START}', COALESCE(MAX(id), 0) FROM escalation_events"
    )


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        op.drop_table(table)
    for column in ("hash", "fields", "previous"):
        op.drop_column("escalation_events", column)
