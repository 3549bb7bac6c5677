"""What has changed, for whoever watches; who is writing; feedback on answers; talks that are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_table(
        "typing",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("staff_until", sa.DateTime),
        sa.Column("patient_until", sa.DateTime),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_typing"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_typing_conversation_id"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(32)),
        sa.Column("topic", sa.String(64)),
        sa.Column("version", sa.String(8)),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_feedback_message_id"),
        sa.UniqueConstraint("message_id", name="uq_feedback_message_id"),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.create_table(
        "forgettings",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("done_at", sa.DateTime),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_forgettings"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_forgettings_conversation_id"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("forgettings", "feedback", "typing", "changes"):
        op.drop_table(table)
