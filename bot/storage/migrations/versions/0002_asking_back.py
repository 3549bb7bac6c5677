"""Asking back, borderline messages, and the language that a patient writes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; what is stored already is English."""
    for table in ("conversations", "escalations"):
        op.add_column(table, sa.Column("language", sa.String(8), nullable=False, server_default="en"))
    op.create_table(
        "safety_questions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("open_key", sa.String(32)),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("chance", sa.Float, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("closed_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_safety_questions"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_safety_questions_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_safety_questions_message_id"),
        sa.UniqueConstraint("open_key", name="uq_safety_questions_open_key"),
    )
    op.create_index("ix_safety_questions_conversation_id", "safety_questions", ["conversation_id"])
    op.create_index("ix_safety_questions_due_at", "safety_questions", ["due_at"])
    op.create_table(
        "borderline",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("chance", sa.Float, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("decided_tier", sa.String(16)),
        sa.Column("decided_category", sa.String(64)),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("decided_at", sa.DateTime),
        sa.PrimaryKeyConstraint("message_id", name="pk_borderline"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_borderline_message_id"),
        sa.UniqueConstraint("reference", name="uq_borderline_reference"),
    )
    op.create_index("ix_borderline_created_at", "borderline", ["created_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("borderline", "safety_questions"):
        op.drop_table(table)
    for table in ("escalations", "conversations"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("language")
