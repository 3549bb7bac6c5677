"""The tables, as SQLAlchemy Core describes them; migrations create them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from bot.storage.sealing import is_sealed

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on every engine."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a naive datetime: it would be read back as some other time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Stored times are UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class SealedText(TypeDecorator[str]):
    """Text that is encrypted: see `bot.storage.sealing`. What is not sealed is refused, so that none slips in."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Let sealed text pass."""
        return _sealed(value)


class SealedJson(TypeDecorator[Any]):
    """A JSON column whose value is encrypted: a JSON string, or the plain value in a row of an earlier version."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Let sealed values pass."""
        return _sealed(value)


def _sealed(value: T | None) -> T | None:
    if value is None or is_sealed(value):
        return value
    raise ValueError("patient data must be sealed before it is stored")


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    # Set for channels of Rasa's own, which know the patient by a sender id: its keyed hash.
    sa.Column("sender_key", sa.String(255), unique=True),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    sa.Column("callback_number", SealedText),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

_UNANSWERED = "author = 'patient' AND answered_at IS NULL"

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    # "staff:" and a first name; SQLite does not look at lengths.
    sa.Column("author", sa.String(16).with_variant(sa.String(96), "postgresql"), nullable=False),
    sa.Column("text", SealedText, nullable=False),
    sa.Column("client_message_id", sa.String(128), index=True),
    sa.Column("in_reply_to", sa.ForeignKey("messages.id"), index=True),
    sa.Column("reply", SealedJson),
    # The topic of `reply`, which says nothing about the patient.
    sa.Column("topic", sa.Text),
    sa.Column("screening", SealedJson),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("conversation_id", "client_message_id"),
    sa.UniqueConstraint("conversation_id", "position", name="uq_messages_position"),
    # The few that nobody has answered yet.
    sa.Index(
        "ix_messages_unanswered",
        "created_at",
        sqlite_where=sa.text(_UNANSWERED),
        postgresql_where=sa.text(_UNANSWERED),
    ),
    # For the questions that nobody has answered.
    sa.Index("ix_messages_topic", "topic"),
    # For the overview of a span.
    sa.Index("ix_messages_said", "created_at", "author", "topic"),
)

escalations = sa.Table(
    "escalations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.String(8), nullable=False, unique=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    # The conversation's id while open, NULL once resolved: at most one open
    # escalation a conversation, held by the database on every engine.
    sa.Column("open_key", sa.String(32), unique=True),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    sa.Column("cycle", sa.Integer, nullable=False, server_default="0"),
    sa.Column("owner", sa.String(64)),
    sa.Column("outcome", sa.String(32)),
    sa.Column("canary", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    # For the queue of the console.
    sa.Index("ix_escalations_queue", "status", "tier", "opened_at"),
    sa.Index("ix_escalations_opened_at", "opened_at"),
)

escalation_messages = sa.Table(
    "escalation_messages",
    metadata,
    sa.Column("escalation_id", sa.ForeignKey("escalations.id"), primary_key=True),
    sa.Column("message_id", sa.String(128), primary_key=True),
)

escalation_events = sa.Table(
    "escalation_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("escalation_id", sa.ForeignKey("escalations.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("detail", SealedJson, nullable=False),
    # Hashes that hold the lines of a history together, and one of each field of `detail`; none in rows of earlier
    # versions.
    sa.Column("previous", sa.String(64)),
    sa.Column("fields", sa.JSON),
    sa.Column("hash", sa.String(64)),
)

# "Is this happening right now?": asked, and not answered yet or how it was.
safety_questions = sa.Table(
    "safety_questions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False),
    # The conversation's id while unanswered: one such question a conversation.
    sa.Column("open_key", sa.String(32), unique=True),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("chance", sa.Float, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("outcome", sa.String(16)),
    sa.Column("closed_at", UtcDateTime),
)

# Messages just below the line, for the staff to review the same day.
borderline = sa.Table(
    "borderline",
    metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("reference", sa.String(8), nullable=False, unique=True),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("chance", sa.Float, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("decision", sa.String(16)),
    sa.Column("decided_tier", sa.String(16)),
    sa.Column("decided_category", sa.String(64)),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("decided_at", UtcDateTime),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("escalation_id", sa.ForeignKey("escalations.id"), nullable=False),
    # Cycle, round and step of the ladder, person and which of their contacts.
    sa.Column("step", sa.String(128), nullable=False),
    sa.Column("person", sa.String(64), nullable=False, server_default=""),
    sa.Column("contact", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("last_error", sa.String(200)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # One page a step: asking twice makes one.
    sa.UniqueConstraint("escalation_id", "step"),
)

# What is due next for an escalation, by kind: see bot.services.ladder.
timers = sa.Table(
    "timers",
    metadata,
    sa.Column("escalation_id", sa.ForeignKey("escalations.id"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    # In the future: the clock was set back since.
    sa.Column("set_at", UtcDateTime, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, server_default="0"),
    sa.Column("step", sa.Integer, nullable=False, server_default="0"),
)

# When each background process was last at work.
heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Which conversation was changed, for whoever follows it.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

# Until when somebody is writing, as they say.
typing = sa.Table(
    "typing",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("staff_until", UtcDateTime),
    sa.Column("patient_until", UtcDateTime),
)

# What patients say of answers. Without a message: the talk was forgotten.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), unique=True),
    sa.Column("topic", sa.String(64)),
    sa.Column("version", sa.String(8)),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

# Talks that the patient wants forgotten; done when their content is gone.
forgettings = sa.Table(
    "forgettings",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
)

# Up to which message staff have seen a talk.
talk_reads = sa.Table(
    "talk_reads",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Questions without an answer that staff have seen to, by the patient's message.
questions_done = sa.Table(
    "questions_done",
    metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("how", sa.String(16), nullable=False),
    sa.Column("done_by", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# A patient's number beside the clinic's number that it talks to.
addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("number_hash", sa.String(64), nullable=False),
    sa.Column("clinic_number", sa.String(32), nullable=False),
    sa.Column("number", SealedText, nullable=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("stopped", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("greeted", sa.Boolean, nullable=False, server_default=sa.false()),
    # When it came to its present conversation.
    sa.Column("joined_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("number_hash", "clinic_number"),
)

# What patients agreed to and took back; lines are only ever added.
consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("address_id", sa.ForeignKey("addresses.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("consent", sa.String(16), nullable=False),
    sa.Column("how", sa.String(32), nullable=False),
    sa.Column("words", SealedText, nullable=False),
)

# The outbox of texts to patients.
texts = sa.Table(
    "texts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("address_id", sa.ForeignKey("addresses.id"), nullable=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    # What it is sent for: the same key twice is sent once.
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    # Its place among all that goes to this address.
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("body", SealedText, nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", UtcDateTime),
    sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("provider_id", sa.String(64), index=True),
    sa.Column("last_error", sa.String(200)),
    sa.Column("sent_at", UtcDateTime, index=True),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key", "part"),
    sa.UniqueConstraint("address_id", "sequence"),
    # For finding the first one of each address that is still to go.
    sa.Index("ix_texts_state", "state", "address_id", "sequence"),
    sa.Index("ix_texts_created_at", "created_at"),
)

# Telephone calls, by the provider's id.
calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("address_id", sa.ForeignKey("addresses.id")),
    sa.Column("state", SealedJson, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

# Deliveries of webhooks that were acted on, with what was answered.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("answer", SealedText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

# What tells at start whether the keys are those of this database: a word that
# each key has sealed, and one that was hashed for look-ups.
key_checks = sa.Table(
    "key_checks",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
