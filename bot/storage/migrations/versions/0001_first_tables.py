"""First tables: conversations, messages, escalations with history, pages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("sender_key", sa.String(255)),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("sender_key", name="uq_conversations_sender_key"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("client_message_id", sa.String(128)),
        sa.Column("in_reply_to", sa.String(32)),
        sa.Column("reply", sa.JSON),
        sa.Column("screening", sa.JSON),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id"),
        sa.ForeignKeyConstraint(["in_reply_to"], ["messages.id"], name="fk_messages_in_reply_to"),
        sa.UniqueConstraint("conversation_id", "client_message_id", name="uq_messages_conversation_id"),
        sa.UniqueConstraint("conversation_id", "position", name="uq_messages_position"),
    )
    for column in ("conversation_id", "client_message_id", "in_reply_to"):
        op.create_index(f"ix_messages_{column}", "messages", [column])
    op.create_table(
        "escalations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("open_key", sa.String(32)),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("categories", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_escalations_conversation_id"),
        sa.UniqueConstraint("reference", name="uq_escalations_reference"),
        sa.UniqueConstraint("open_key", name="uq_escalations_open_key"),
    )
    op.create_index("ix_escalations_conversation_id", "escalations", ["conversation_id"])
    op.create_table(
        "escalation_messages",
        sa.Column("escalation_id", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("escalation_id", "message_id", name="pk_escalation_messages"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name="fk_escalation_messages_escalation_id"),
    )
    op.create_table(
        "escalation_events",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("escalation_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_events"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name="fk_escalation_events_escalation_id"),
    )
    op.create_index("ix_escalation_events_escalation_id", "escalation_events", ["escalation_id"])
    op.create_table(
        "pages",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("escalation_id", sa.String(32), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("last_error", sa.String(200)),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name="fk_pages_escalation_id"),
        sa.UniqueConstraint("escalation_id", "step", name="uq_pages_escalation_id"),
    )
    op.create_index("ix_pages_due_at", "pages", ["due_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("pages", "escalation_events", "escalation_messages", "escalations", "messages", "conversations"):
        op.drop_table(table)
