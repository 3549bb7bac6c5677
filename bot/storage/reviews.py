"""What the screen was unsure about, in SQL: questions asked back, and messages for review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import new_id
from bot.domain.escalation import Tier, new_reference
from bot.services.ports import Borderline, Decision, SafetyQuestion, StoredMessage
from bot.storage import tables as t
from bot.storage.sealing import Sealer


class SqlSafetyQuestions:
    """Questions asked back, at most one unanswered a conversation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(
        self, message: StoredMessage, tier: Tier, category: str, chance: float, now: datetime, due_at: datetime
    ) -> None:
        """Store that it was asked."""
        self._connection.execute(
            t.safety_questions.insert().values(
                id=new_id(),
                conversation_id=message.conversation_id,
                message_id=message.id,
                open_key=message.conversation_id,
                tier=tier,
                category=category,
                chance=chance,
                asked_at=now,
                due_at=due_at,
            )
        )

    def open_for(self, conversation_id: str) -> SafetyQuestion | None:
        """The conversation's unanswered question, if any."""
        query = sa.select(t.safety_questions).where(t.safety_questions.c.open_key == conversation_id)
        row = self._connection.execute(query).first()
        return _question(row) if row else None

    def due(self, now: datetime, limit: int) -> tuple[SafetyQuestion, ...]:
        """Unanswered for too long, oldest first."""
        self._keep_length(now)
        q = t.safety_questions.c
        rows = self._connection.execute(
            sa.select(t.safety_questions)
            .where(q.open_key.is_not(None), q.due_at <= now)
            .order_by(q.due_at)
            .limit(limit)
        )
        return tuple(_question(row) for row in rows)

    def _keep_length(self, now: datetime) -> None:
        """What was asked in the future is from before the clock was set back: the answer has as long as ever."""
        q = t.safety_questions.c
        asked = sa.select(q.id, q.asked_at, q.due_at).where(q.open_key.is_not(None), q.asked_at > now)
        for row in self._connection.execute(asked.with_for_update(skip_locked=True)).all():
            self._connection.execute(
                t.safety_questions.update()
                .where(q.id == row.id)
                .values(asked_at=now, due_at=row.due_at - (row.asked_at - now))
            )

    def close(self, question_id: str, outcome: str, now: datetime) -> bool:
        """Say how it ended; False if somebody else closed it first."""
        q = t.safety_questions.c
        result = self._connection.execute(
            t.safety_questions.update()
            .where(q.id == question_id, q.open_key.is_not(None))
            .values(open_key=None, outcome=outcome, closed_at=now)
        )
        return bool(result.rowcount == 1)


class SqlBorderlines:
    """Messages just below the line, and what the staff decided."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, message_id: str, tier: Tier, category: str, chance: float, now: datetime) -> None:
        """Keep a message for review."""
        self._connection.execute(
            t.borderline.insert().values(
                message_id=message_id,
                reference=new_reference(),
                tier=tier,
                category=category,
                chance=chance,
                created_at=now,
            )
        )

    def listing(self, include_decided: bool) -> tuple[Borderline, ...]:
        """Likeliest reports first."""
        query = _with_text().order_by(t.borderline.c.chance.desc())
        if not include_decided:
            query = query.where(t.borderline.c.decision.is_(None))
        return tuple(self._borderline(row) for row in self._connection.execute(query))

    def by_reference(self, reference: str) -> Borderline | None:
        """One of them."""
        row = self._connection.execute(_with_text().where(t.borderline.c.reference == reference)).first()
        return self._borderline(row) if row else None

    def decide(self, message_id: str, decision: Decision, now: datetime) -> bool:
        """Store a decision; False if there was one already."""
        b = t.borderline.c
        result = self._connection.execute(
            t.borderline.update()
            .where(b.message_id == message_id, b.decision.is_(None))
            .values(
                decision="report" if decision.tier else "not_a_report",
                decided_tier=decision.tier,
                decided_category=decision.category,
                decided_by=decision.by,
                decided_at=now,
            )
        )
        return bool(result.rowcount == 1)

    def _borderline(self, row: Any) -> Borderline:
        return Borderline(
            message_id=row.message_id,
            conversation_id=row.conversation_id,
            reference=row.reference,
            text=self._sealer.open(row.text),
            channel=row.channel,
            language=row.language,
            tier=Tier(row.tier),
            category=row.category,
            chance=row.chance,
            created_at=row.created_at,
            decision=row.decision,
        )


def _with_text() -> Any:
    m = t.messages.c
    columns = (m.text, m.conversation_id, t.conversations.c.channel, t.conversations.c.language)
    joined = t.borderline.join(t.messages, m.id == t.borderline.c.message_id).join(
        t.conversations, t.conversations.c.id == m.conversation_id
    )
    return sa.select(t.borderline, *columns).select_from(joined)


def _question(row: Any) -> SafetyQuestion:
    return SafetyQuestion(
        row.id, row.conversation_id, row.message_id, Tier(row.tier), row.category, row.chance, row.due_at
    )
