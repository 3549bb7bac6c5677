"""The queue of escalations, and what the page of one of them shows, in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.escalation import Escalation, Status, Tier
from bot.services.queue_ports import Counts, LastPage, MarkedWords, QueueFilter, QueueRow, Shown
from bot.storage import tables as t
from bot.storage.repositories import escalation_of
from bot.storage.sealing import Sealer

# The longest way first: what a text of several parts has still before it.
_WORST_FIRST = ("failed", "refused", "pending", "in_answer", "sent", "delivered")


class SqlQueue:
    """Reads plain columns for the list; what is sealed is opened for one escalation alone."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def rows(self, wanted: QueueFilter, limit: int, offset: int) -> tuple[QueueRow, ...]:
        """Most serious first, then longest waiting; closed ones latest first."""
        e, c = t.escalations.c, t.conversations.c
        query = (
            sa.select(t.escalations, c.channel, c.language.label("spoken"))
            .select_from(t.escalations.join(t.conversations, c.id == e.conversation_id))
            .where(e.canary.is_(sa.false()), *_conditions(wanted))
            .order_by(*_order(wanted))
            .limit(limit)
            .offset(offset)
        )
        found = self._connection.execute(query).all()
        ids = [row.id for row in found]
        unread = self._unread([row.conversation_id for row in found])
        pages, paging = self._last_pages(ids), self._paging(ids)
        return tuple(
            QueueRow(
                escalation_of(row),
                row.channel,
                row.spoken,
                unread.get(row.conversation_id, 0),
                pages.get(row.id),
                row.id in paging,
            )
            for row in found
        )

    def counts(self) -> Counts:
        """Of those that are not closed."""
        e = t.escalations.c
        query = (
            sa.select(e.tier, e.status, sa.func.count())
            .where(e.status != Status.RESOLVED, e.canary.is_(sa.false()))
            .group_by(e.tier, e.status)
        )
        return {(Tier(tier), Status(status)): count for tier, status, count in self._connection.execute(query)}

    def unclaimed(self, tier: Tier, limit: int) -> tuple[str, ...]:
        """References of a tier that nobody has, longest waiting first."""
        e = t.escalations.c
        query = (
            sa.select(e.reference)
            .where(e.status == Status.OPEN, e.tier == tier, e.canary.is_(sa.false()))
            .order_by(e.opened_at)
            .limit(limit)
        )
        return tuple(self._connection.execute(query).scalars())

    def of_conversation(self, conversation_id: str) -> tuple[Escalation, ...]:
        """All of a talk, newest first."""
        e = t.escalations.c
        query = sa.select(t.escalations).where(e.conversation_id == conversation_id).order_by(e.opened_at.desc())
        return tuple(escalation_of(row) for row in self._connection.execute(query))

    def sent_pages(self, escalation_id: str, limit: int) -> tuple[LastPage, ...]:
        """Those that left, latest first."""
        p = t.pages.c
        query = (
            sa.select(p.person, p.contact, p.sent_at)
            .where(p.escalation_id == escalation_id, p.sent_at.is_not(None))
            .order_by(p.sent_at.desc())
            .limit(limit)
        )
        return tuple(LastPage(*row) for row in self._connection.execute(query))

    def last_position(self, conversation_id: str) -> int:
        """Of the newest message of a talk; 0 where there is none."""
        m = t.messages.c
        query = sa.select(sa.func.max(m.position)).where(m.conversation_id == conversation_id)
        return self._connection.execute(query).scalar() or 0

    def marks(self, conversation_id: str, positions: Collection[int]) -> Mapping[int, Sequence[MarkedWords]]:
        """What the screen found in some of the patient's messages."""
        m = t.messages.c
        query = sa.select(m.position, m.screening).where(
            m.conversation_id == conversation_id, m.position.in_(sorted(positions)), m.screening.is_not(None)
        )
        found = {row.position: self._sealer.open_json(row.screening) or {} for row in self._connection.execute(query)}
        return {position: _marks(screening) for position, screening in found.items()}

    def text_states(self, conversation_id: str) -> Mapping[int, str]:
        """How far each message got that left as a text, by its position in the talk."""
        x = t.texts.c
        states: dict[int, str] = {}
        for row in self._connection.execute(sa.select(x.key, x.state).where(x.conversation_id == conversation_id)):
            number = row.key.rpartition("/")[2]
            if number.isdecimal():
                position = int(number)
                states[position] = min(states.get(position, row.state), row.state, key=_WORST_FIRST.index)
        return states

    def read_up_to(self, conversation_id: str, position: int, now: datetime) -> None:
        """Staff have seen the talk up to there; it never goes back."""
        r = t.talk_reads
        mine = r.c.conversation_id == conversation_id
        further = r.update().where(mine, r.c.position < position).values(position=position, at=now)
        if self._connection.execute(further).rowcount:
            return
        if self._connection.execute(sa.select(r.c.position).where(mine)).first() is None:
            self._connection.execute(r.insert().values(conversation_id=conversation_id, position=position, at=now))

    # -- of the rows that are shown ----------------------------------------------

    def _unread(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        m, r = t.messages.c, t.talk_reads.c
        query = (
            sa.select(m.conversation_id, sa.func.count())
            .select_from(t.messages.outerjoin(t.talk_reads, r.conversation_id == m.conversation_id))
            .where(
                m.conversation_id.in_(conversation_ids),
                m.author == "patient",
                m.position > sa.func.coalesce(r.position, 0),
            )
            .group_by(m.conversation_id)
        )
        return {conversation_id: count for conversation_id, count in self._connection.execute(query)}

    def _last_pages(self, ids: Sequence[str]) -> dict[str, LastPage]:
        p = t.pages.c
        newest = (
            sa.select(p.escalation_id, sa.func.max(p.sent_at).label("at"))
            .where(p.escalation_id.in_(ids), p.sent_at.is_not(None))
            .group_by(p.escalation_id)
            .subquery()
        )
        joined = t.pages.join(newest, sa.and_(newest.c.escalation_id == p.escalation_id, newest.c.at == p.sent_at))
        query = sa.select(p.escalation_id, p.person, p.contact, p.sent_at).select_from(joined)
        return {row.escalation_id: LastPage(*row[1:]) for row in self._connection.execute(query)}

    def _paging(self, ids: Sequence[str]) -> frozenset[str]:
        p = t.pages.c
        query = sa.select(p.escalation_id).distinct().where(p.escalation_id.in_(ids), p.state == "pending")
        return frozenset(self._connection.execute(query).scalars())


def _conditions(wanted: QueueFilter) -> list[Any]:
    e, c = t.escalations.c, t.conversations.c
    shown = e.status != Status.RESOLVED if wanted.shown is Shown.WAITING else e.status == str(wanted.shown)
    same = ((e.tier, wanted.tier), (e.owner, wanted.owner), (c.channel, wanted.channel))
    conditions = [shown, *(column == value for column, value in same if value is not None)]
    if wanted.reference:
        conditions.append(e.reference.startswith(wanted.reference, autoescape=True))
    return conditions


def _order(wanted: QueueFilter) -> tuple[Any, ...]:
    e = t.escalations.c
    if wanted.shown is Shown.RESOLVED:
        return (e.updated_at.desc(), e.id)
    ranks = [(e.tier == str(tier), tier.rank) for tier in Tier]
    return (sa.case(*ranks, else_=len(ranks)), e.opened_at, e.id)


def _marks(screening: Mapping[str, Any]) -> tuple[MarkedWords, ...]:
    """Without those of earlier messages, which have no place here."""
    evidence = screening.get("evidence")
    found = evidence if isinstance(evidence, list) else []
    return tuple(MarkedWords(e["start"], e["words"], e["category"], Tier(e["tier"])) for e in found)
