"""Telephone numbers, consents, texts, calls; what patients write is encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TOPIC = {"sqlite": "json_extract(reply, '$.topic')", "postgresql": "reply ->> 'topic'"}


def upgrade() -> None:
    """Add tables and columns. What is stored already stays readable; `python -m bot keys rotate` encrypts it."""
    op.add_column("messages", sa.Column("topic", sa.Text))
    op.execute(f"UPDATE messages SET topic = {_TOPIC[_dialect()]} WHERE reply IS NOT NULL")  # noqa: S608 - a constant
    _callback_number(sa.Text())
    op.create_table(
        "addresses",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("clinic_number", sa.String(32), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("stopped", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("greeted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("joined_at", sa.DateTime, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_addresses_conversation_id"),
        sa.UniqueConstraint("number_hash", "clinic_number", name="uq_addresses_number_hash"),
    )
    op.create_index("ix_addresses_conversation_id", "addresses", ["conversation_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("address_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("how", sa.String(32), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name="fk_consents_address_id"),
    )
    op.create_index("ix_consents_address_id", "consents", ["address_id"])
    op.create_table(
        "texts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("address_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("provider_id", sa.String(64)),
        sa.Column("last_error", sa.String(200)),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_texts"),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name="fk_texts_address_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_texts_conversation_id"),
        sa.UniqueConstraint("key", "part", name="uq_texts_key"),
        sa.UniqueConstraint("address_id", "sequence", name="uq_texts_address_id"),
    )
    for column in ("conversation_id", "provider_id", "sent_at"):
        op.create_index(f"ix_texts_{column}", "texts", [column])
    op.create_index("ix_texts_state", "texts", ["state", "address_id", "sequence"])
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("address_id", sa.String(32)),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_calls_conversation_id"),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name="fk_calls_address_id"),
    )
    op.create_index("ix_calls_conversation_id", "calls", ["conversation_id"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_at", "webhooks", ["at"])
    unanswered = sa.text("author = 'patient' AND answered_at IS NULL")
    op.create_index(
        "ix_messages_unanswered", "messages", ["created_at"], sqlite_where=unanswered, postgresql_where=unanswered
    )
    op.create_table(
        "key_checks",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_key_checks"),
    )


def downgrade() -> None:
    """Drop them. The version before cannot read what was encrypted meanwhile."""
    op.execute("UPDATE conversations SET callback_number = NULL WHERE length(callback_number) > 32")
    _callback_number(sa.String(32))
    op.drop_index("ix_messages_unanswered", "messages")
    op.drop_column("messages", "topic")
    for table in ("key_checks", "webhooks", "calls", "texts", "consents", "addresses"):
        op.drop_table(table)


def _callback_number(kind: sa.types.TypeEngine) -> None:
    """Room for an encrypted number. SQLite changes no column; a batch would copy a table that others refer to."""
    if _dialect() != "sqlite":
        op.alter_column("conversations", "callback_number", type_=kind, existing_nullable=True)
        return
    op.add_column("conversations", sa.Column("new_number", kind))
    op.execute("UPDATE conversations SET new_number = callback_number")
    op.drop_column("conversations", "callback_number")
    op.execute("ALTER TABLE conversations RENAME COLUMN new_number TO callback_number")


def _dialect() -> str:
    return str(op.get_bind().dialect.name)
