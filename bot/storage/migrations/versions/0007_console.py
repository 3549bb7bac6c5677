"""Up to where staff have read, which questions they have seen to, and what the queue is found by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_index("ix_escalations_queue", "escalations", ["status", "tier", "opened_at"])
    op.create_index("ix_messages_topic", "messages", ["topic"])
    op.create_table(
        "talk_reads",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_talk_reads"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_talk_reads_conversation_id"),
    )
    op.create_table(
        "questions_done",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("done_by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_questions_done"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_questions_done_message_id"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("questions_done")
    op.drop_table("talk_reads")
    op.drop_index("ix_messages_topic", "messages")
    op.drop_index("ix_escalations_queue", "escalations")
