"""The ladder: timers, pages by person and contact, owners and outcomes, heartbeats."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what following an escalation to its end needs; what is stored keeps its meaning."""
    op.add_column("conversations", sa.Column("callback_number", sa.String(32)))
    _author_length(96)
    op.add_column("escalations", sa.Column("cycle", sa.Integer, nullable=False, server_default="0"))
    op.add_column("escalations", sa.Column("owner", sa.String(64)))
    op.add_column("escalations", sa.Column("outcome", sa.String(32)))
    op.add_column("escalations", sa.Column("canary", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("pages") as batch:
        batch.alter_column("step", type_=sa.String(128), existing_type=sa.String(32), existing_nullable=False)
        batch.add_column(sa.Column("person", sa.String(64), nullable=False, server_default=""))
        batch.add_column(sa.Column("contact", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "timers",
        sa.Column("escalation_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("set_at", sa.DateTime, nullable=False),
        sa.Column("round", sa.Integer, nullable=False, server_default="0"),
        sa.Column("step", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("escalation_id", "kind", name="pk_timers"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name="fk_timers_escalation_id"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    _follow_what_is_open()


def _follow_what_is_open() -> None:
    """Cases that wait for somebody begin their ladder; their pages of before name nobody."""
    op.execute("UPDATE pages SET state = 'cancelled' WHERE state = 'pending'")
    for kind in ("ladder", "answer"):
        op.execute(
            "INSERT INTO timers (escalation_id, kind, due_at, set_at, round, step) "  # noqa: S608 - two constants
            f"SELECT id, '{kind}', updated_at, updated_at, 0, 0 FROM escalations "
            "WHERE status = 'open' AND tier IN ('emergency', 'urgent')"
        )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("heartbeats")
    op.drop_table("timers")
    with op.batch_alter_table("pages") as batch:
        batch.drop_column("contact")
        batch.drop_column("person")
        batch.alter_column("step", type_=sa.String(32), existing_type=sa.String(128), existing_nullable=False)
    # Not in a batch: that drops and copies a table which others refer to.
    for column in ("canary", "outcome", "owner", "cycle"):
        op.drop_column("escalations", column)
    op.drop_column("conversations", "callback_number")
    _author_length(16)


def _author_length(length: int) -> None:
    """Room for the name of who writes. SQLite does not look at lengths, and would have to copy every message."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("messages", "author", type_=sa.String(length), existing_nullable=False)
