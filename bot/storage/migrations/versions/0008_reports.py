"""What the overview of a span is counted by."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indices."""
    op.create_index("ix_messages_said", "messages", ["created_at", "author", "topic"])
    op.create_index("ix_escalations_opened_at", "escalations", ["opened_at"])
    op.create_index("ix_texts_created_at", "texts", ["created_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_texts_created_at", "texts")
    op.drop_index("ix_escalations_opened_at", "escalations")
    op.drop_index("ix_messages_said", "messages")
