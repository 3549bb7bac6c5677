"""Rows in, domain objects out. One class a port; no commit happens here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import Mode, new_id
from bot.domain.escalation import Escalation, Outcome, Status, Tier
from bot.domain.language import Language
from bot.domain.messages import Reply
from bot.services.ports import Conversation, HistoryEntry, StoredMessage, TalkEntry, Turn
from bot.storage import tables as t
from bot.storage.audit import EventChain
from bot.storage.changes import SqlChanges
from bot.storage.sealing import Sealer


class SqlConversations:
    """Conversations in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer, changes: SqlChanges) -> None:
        self._connection = connection
        self._sealer = sealer
        self._changes = changes

    def add(
        self, channel: str, now: datetime, conversation_id: str | None = None, sender_key: str | None = None
    ) -> Conversation:
        """A new conversation, in the bot's hands."""
        conversation = Conversation(conversation_id or new_id(), channel, Mode.BOT, Language.ENGLISH)
        self._connection.execute(
            t.conversations.insert().values(
                **asdict(conversation),
                sender_key=sender_key and self._sealer.lookup(sender_key),
                created_at=now,
                updated_at=now,
            )
        )
        return conversation

    def get(self, conversation_id: str) -> Conversation | None:
        """By internal id."""
        return self._one(t.conversations.c.id == conversation_id)

    def lock(self, conversation_id: str) -> None:
        """Whoever else wants to change anything of this conversation waits until this transaction ends.

        Everything that changes one takes this lock first, so that nobody waits
        in a circle. SQLite has one writer at a time as it is.
        """
        c = t.conversations.c
        query = sa.select(c.id).where(c.id == conversation_id).with_for_update(key_share=True)
        self._connection.execute(query)

    def by_sender(self, sender_key: str) -> Conversation | None:
        """By the key of a channel of Rasa's own."""
        # Earlier versions stored it as it is.
        return self._one(t.conversations.c.sender_key.in_((self._sealer.lookup(sender_key), sender_key)))

    def set_mode(self, conversation_id: str, mode: Mode, now: datetime) -> None:
        """Say who answers from now on."""
        self._changes.note(conversation_id)
        self._connection.execute(
            t.conversations.update().where(t.conversations.c.id == conversation_id).values(mode=mode, updated_at=now)
        )

    def set_callback_number(self, conversation_id: str, number: str, now: datetime) -> None:
        """Keep where the patient can be called back, as E.164."""
        self._connection.execute(
            t.conversations.update()
            .where(t.conversations.c.id == conversation_id)
            .values(callback_number=self._sealer.seal(number), updated_at=now)
        )

    def set_language(self, conversation_id: str, language: Language, now: datetime) -> None:
        """Say what the patient writes."""
        self._connection.execute(
            t.conversations.update()
            .where(t.conversations.c.id == conversation_id)
            .values(language=language, updated_at=now)
        )

    def _one(self, condition: Any) -> Conversation | None:
        row = self._connection.execute(sa.select(t.conversations).where(condition)).first()
        if row is None:
            return None
        number = row.callback_number and self._sealer.open(row.callback_number)
        return Conversation(row.id, row.channel, Mode(row.mode), Language(row.language), number)


class SqlMessages:
    """Messages in SQL, numbered within their conversation."""

    def __init__(self, connection: Connection, sealer: Sealer, changes: SqlChanges) -> None:
        self._connection = connection
        self._sealer = sealer
        self._changes = changes

    def add_inbound(
        self, conversation_id: str, client_message_id: str, text: str, screening: Mapping[str, Any], now: datetime
    ) -> StoredMessage:
        """Store what a patient wrote, with what the screen made of it."""
        message_id, _ = self._insert(
            conversation_id,
            author="patient",
            text=self._sealer.seal(text),
            client_message_id=client_message_id,
            screening=self._sealer.seal_json(dict(screening)),
            created_at=now,
        )
        return StoredMessage(message_id, conversation_id, client_message_id, text, False, now)

    def find(self, conversation_id: str, client_message_id: str) -> StoredMessage | None:
        """The message that this sender already sent in this conversation."""
        m = t.messages.c
        return self._one(
            sa.select(t.messages).where(m.conversation_id == conversation_id, m.client_message_id == client_message_id)
        )

    def first_with(self, channel: str, client_message_id: str, since: datetime) -> StoredMessage | None:
        """A first message of a talk with this id: a reply that got lost is asked for again."""
        m = t.messages.c
        return self._one(
            sa.select(t.messages)
            .join(t.conversations)
            .where(
                t.conversations.c.channel == channel,
                m.client_message_id == client_message_id,
                m.position == 1,
                m.created_at >= since,
            )
        )

    def add_replies(self, inbound: StoredMessage, replies: Sequence[Reply], now: datetime) -> tuple[Reply, ...]:
        """Store what was said to `inbound` and that it is answered; returns the replies with their positions."""
        placed = tuple(self._add_reply(inbound, reply, now) for reply in replies)
        self._connection.execute(t.messages.update().where(t.messages.c.id == inbound.id).values(answered_at=now))
        self._changes.note(inbound.conversation_id)
        return placed

    def _add_reply(self, inbound: StoredMessage, reply: Reply, now: datetime) -> Reply:
        _, position = self._insert(
            inbound.conversation_id,
            author="bot",
            in_reply_to=inbound.id,
            **self._said(reply),
            created_at=now,
        )
        return replace(reply, position=position)

    def add_notice(self, conversation_id: str, key: str, author: str, reply: Reply, now: datetime) -> Reply | None:
        """Say something that no message asked for; None if it was said before under this key."""
        m = t.messages.c
        known = sa.select(m.id).where(m.conversation_id == conversation_id, m.client_message_id == key)
        if self._connection.execute(known).first():
            return None
        _, position = self._insert(
            conversation_id,
            author=author,
            client_message_id=key,
            **self._said(reply),
            created_at=now,
        )
        return replace(reply, position=position)

    def _said(self, reply: Reply) -> dict[str, str | None]:
        return {
            "text": self._sealer.seal(reply.text),
            "reply": self._sealer.seal_json(reply.to_dict()),
            "topic": reply.topic,
        }

    def talk(self, conversation_id: str, after: int, limit: int) -> tuple[TalkEntry, ...]:
        """The whole talk after a position, in order."""
        m, asked, f = t.messages.c, t.messages.alias("asked"), t.feedback
        rows = self._connection.execute(
            sa.select(t.messages, asked.c.client_message_id.label("reply_to"), f.c.helpful)
            .select_from(t.messages.outerjoin(asked, asked.c.id == m.in_reply_to).outerjoin(f, f.c.message_id == m.id))
            .where(m.conversation_id == conversation_id, m.position > after)
            .order_by(m.position)
            .limit(limit)
        )
        return tuple(self._entry(row) for row in rows)

    def _entry(self, row: Any) -> TalkEntry:
        by_patient = row.author == "patient"
        return TalkEntry(
            position=row.position,
            author=row.author,
            text=self._sealer.open(row.text),
            at=row.created_at,
            reply=self._sealer.open_json(row.reply),
            message_id=row.client_message_id if by_patient else None,
            answered=row.answered_at is not None if by_patient else None,
            in_reply_to=row.reply_to,
            helpful=row.helpful,
        )

    def told_at(self, conversation_id: str, key: str) -> datetime | None:
        """When the notice with this key was said; None if it was not."""
        m = t.messages.c
        query = sa.select(m.created_at).where(m.conversation_id == conversation_id, m.client_message_id == key)
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def replies_to(self, message_id: str) -> tuple[Reply, ...]:
        """What was said to a message, in order."""
        m = t.messages.c
        rows = self._connection.execute(
            sa.select(m.reply, m.position).where(m.in_reply_to == message_id).order_by(m.position)
        )
        replies = ((Reply.from_dict(self._sealer.open_json(row.reply)), row.position) for row in rows)
        return tuple(replace(reply, position=position) for reply, position in replies)

    def last_replies(self, conversation_id: str) -> tuple[Reply, ...]:
        """What was said to the newest message that something was said to, in order."""
        m = t.messages.c
        query = sa.select(m.in_reply_to).where(m.conversation_id == conversation_id, m.author == "bot")
        message_id: str | None = self._connection.execute(query.order_by(m.position.desc()).limit(1)).scalar()
        return self.replies_to(message_id) if message_id is not None else ()

    def unanswered(self, channel: str, before: datetime, limit: int) -> tuple[StoredMessage, ...]:
        """Messages of a provider's webhooks that nobody has answered since; oldest first."""
        m, w = t.messages.c, t.webhooks.c
        rows = self._connection.execute(
            sa.select(t.messages)
            .join(t.webhooks, w.id == sa.literal(f"{channel}:") + m.client_message_id)
            .where(m.author == "patient", m.answered_at.is_(None), m.created_at < before)
            .order_by(m.created_at)
            .limit(limit)
        )
        return tuple(self._message(row) for row in rows)

    def last_topic(self, conversation_id: str) -> str | None:
        """The topic of what was said last to the patient."""
        m = t.messages.c
        query = sa.select(m.topic).where(m.conversation_id == conversation_id, m.author == "bot")
        topic: str | None = self._connection.execute(query.order_by(m.position.desc()).limit(1)).scalar()
        return topic

    def patient_turns(self, conversation_id: str, limit: int) -> tuple[Turn, ...]:
        """The patient's latest messages, oldest first."""
        m = t.messages.c
        rows = self._connection.execute(
            sa.select(m.text, m.created_at, m.screening)
            .where(m.conversation_id == conversation_id, m.author == "patient")
            .order_by(m.position.desc())
            .limit(limit)
        ).all()
        return tuple(self._turn(row) for row in reversed(rows))

    def _turn(self, row: Any) -> Turn:
        screening = self._sealer.open_json(row.screening) or {}
        evidence, bare_answer = (bool(screening.get(key)) for key in ("evidence", "bare_answer"))
        asked_back = bool((screening.get("doubt") or {}).get("ask_back"))
        return Turn(self._sealer.open(row.text), row.created_at, evidence, bare_answer, asked_back)

    def _insert(self, conversation_id: str, **values: Any) -> tuple[str, int]:
        """Id and position of the new message."""
        self._changes.note(conversation_id)
        message_id = new_id()
        last = self._connection.execute(
            sa.select(sa.func.max(t.messages.c.position)).where(t.messages.c.conversation_id == conversation_id)
        ).scalar()
        position = (last or 0) + 1
        self._connection.execute(
            t.messages.insert().values(id=message_id, conversation_id=conversation_id, position=position, **values)
        )
        return message_id, position

    def _one(self, query: Any) -> StoredMessage | None:
        row = self._connection.execute(query).first()
        return self._message(row) if row else None

    def _message(self, row: Any) -> StoredMessage:
        text = self._sealer.open(row.text)
        return StoredMessage(
            row.id, row.conversation_id, row.client_message_id, text, row.answered_at is not None, row.created_at
        )


class SqlEscalations:
    """Escalations and their append-only history in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer, changes: SqlChanges) -> None:
        self._connection = connection
        self._sealer = sealer
        self._changes = changes
        self._chain = EventChain(connection, sealer)

    def open_for(self, conversation_id: str) -> Escalation | None:
        """The conversation's open escalation, if any."""
        return self._one(t.escalations.c.open_key == conversation_id)

    def latest_for(self, conversation_id: str) -> Escalation | None:
        """The conversation's newest escalation, resolved or not."""
        e = t.escalations.c
        query = sa.select(t.escalations).where(e.conversation_id == conversation_id).order_by(e.opened_at.desc())
        row = self._connection.execute(query.limit(1)).first()
        return escalation_of(row) if row else None

    def get(self, escalation_id: str) -> Escalation | None:
        """By id."""
        return self._one(t.escalations.c.id == escalation_id)

    def hold(self, escalation_id: str) -> Escalation | None:
        """By id, for changing it: with the lock of its conversation."""
        lock = (
            sa.select(t.conversations.c.id)
            .join(t.escalations, t.escalations.c.conversation_id == t.conversations.c.id)
            .where(t.escalations.c.id == escalation_id)
            .with_for_update(of=t.conversations, key_share=True)
        )
        self._connection.execute(lock)
        return self.get(escalation_id)

    def by_reference(self, reference: str) -> Escalation | None:
        """By what people call it."""
        return self._one(t.escalations.c.reference == reference)

    def _one(self, condition: Any) -> Escalation | None:
        row = self._connection.execute(sa.select(t.escalations).where(condition)).first()
        return escalation_of(row) if row else None

    def add(self, escalation: Escalation) -> None:
        """Store a new open escalation."""
        self._changes.note(escalation.conversation_id)
        self._connection.execute(
            t.escalations.insert().values(
                **{**asdict(escalation), "categories": list(escalation.categories)},
                open_key=escalation.conversation_id,
            )
        )

    def update(self, escalation: Escalation, seen: Status | None = None) -> bool:
        """Store a changed escalation; resolved ones stop being the conversation's open one.

        With `seen`, only while its status is still that; False if it is not.
        """
        self._changes.note(escalation.conversation_id)
        e = t.escalations.c
        unchanged = sa.true() if seen is None else e.status == seen
        result = self._connection.execute(
            t.escalations.update()
            .where(e.id == escalation.id, unchanged)
            .values(
                tier=escalation.tier,
                categories=list(escalation.categories),
                status=escalation.status,
                reason=escalation.reason,
                language=escalation.language,
                cycle=escalation.cycle,
                owner=escalation.owner,
                outcome=escalation.outcome,
                updated_at=escalation.updated_at,
                open_key=None if escalation.status is Status.RESOLVED else escalation.conversation_id,
            )
        )
        return bool(result.rowcount == 1)

    def history(self, escalation_id: str) -> tuple[HistoryEntry, ...]:
        """Who did what, oldest first."""
        h = t.escalation_events.c
        rows = self._connection.execute(
            sa.select(t.escalation_events).where(h.escalation_id == escalation_id).order_by(h.id)
        )
        return tuple(HistoryEntry(row.at, row.actor, row.event, self._sealer.open_json(row.detail)) for row in rows)

    def last(self, escalation_id: str, events: Collection[str]) -> datetime | None:
        """When one of these was recorded last; None if none was."""
        h = t.escalation_events.c
        query = sa.select(h.at).where(h.escalation_id == escalation_id, h.event.in_(list(events)))
        found: datetime | None = self._connection.execute(query.order_by(h.id.desc()).limit(1)).scalar()
        return found

    def attach(self, escalation_id: str, message_id: str) -> bool:
        """Add a message to an escalation; False if it was there already."""
        link = t.escalation_messages
        known = self._connection.execute(
            sa.select(link.c.message_id).where(link.c.escalation_id == escalation_id, link.c.message_id == message_id)
        ).first()
        if known:
            return False
        self._connection.execute(link.insert().values(escalation_id=escalation_id, message_id=message_id))
        return True

    def record(self, escalation_id: str, actor: str, event: str, detail: Mapping[str, Any], now: datetime) -> None:
        """Append to the history, chained to the line before."""
        links = self._chain.links(escalation_id, actor, event, detail, now)
        self._changes.note_escalation(escalation_id)
        self._connection.execute(
            t.escalation_events.insert().values(
                escalation_id=escalation_id,
                at=now,
                actor=actor,
                event=event,
                detail=self._sealer.seal_json(dict(detail)),
                **links,
            )
        )

    def listing(self, include_resolved: bool, canaries: bool = False) -> tuple[Escalation, ...]:
        """Most serious first, then longest waiting; synthetic ones only when asked for."""
        query = sa.select(t.escalations).order_by(t.escalations.c.opened_at)
        if not canaries:
            query = query.where(t.escalations.c.canary.is_(sa.false()))
        if not include_resolved:
            query = query.where(t.escalations.c.open_key.is_not(None))
        found = [escalation_of(row) for row in self._connection.execute(query)]
        return tuple(sorted(found, key=lambda e: e.tier.rank))


def escalation_of(row: Any) -> Escalation:
    """A row of the table of escalations as the domain has it."""
    return Escalation(
        id=row.id,
        reference=row.reference,
        conversation_id=row.conversation_id,
        tier=Tier(row.tier),
        categories=tuple(row.categories),
        status=Status(row.status),
        reason=row.reason,
        language=row.language,
        cycle=row.cycle,
        owner=row.owner,
        outcome=Outcome(row.outcome) if row.outcome else None,
        canary=row.canary,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
    )
