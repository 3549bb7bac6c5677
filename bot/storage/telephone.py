"""Patients' numbers with their consents, calls, and webhooks in SQL. No commit happens here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.conversation import new_id
from bot.services.telephone_ports import Address, Call, Consent, ConsentEntry
from bot.storage import tables as t
from bot.storage.sealing import Sealer


class SqlAddresses:
    """Patients' numbers in SQL: found by a keyed hash, sealed."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def find(self, number: str, clinic_number: str) -> Address | None:
        """By a patient's number and the clinic's that it talks to, both E.164."""
        a = t.addresses.c
        found = (a.number_hash == self._sealer.lookup(number), a.clinic_number == clinic_number)
        return self._one(sa.select(t.addresses).where(*found))

    def get(self, address_id: str) -> Address | None:
        """By id."""
        return self._one(sa.select(t.addresses).where(t.addresses.c.id == address_id))

    def of(self, conversation_id: str) -> Address | None:
        """Where a talk goes on by text: what joined it last; one that has stopped only if there is no other."""
        a = t.addresses.c
        query = sa.select(t.addresses).where(a.conversation_id == conversation_id)
        return self._one(query.order_by(a.stopped, a.joined_at.desc(), a.created_at.desc()).limit(1))

    def add(self, number: str, clinic_number: str, conversation_id: str, now: datetime) -> Address:
        """Store a number that is new. Raises Conflict (when the transaction ends in it) if another was first."""
        address = Address(new_id(), number, clinic_number, conversation_id, stopped=False, greeted=False)
        self._connection.execute(
            t.addresses.insert().values(
                id=address.id,
                number_hash=self._sealer.lookup(number),
                clinic_number=clinic_number,
                number=self._sealer.seal(number),
                conversation_id=conversation_id,
                stopped=False,
                greeted=False,
                joined_at=now,
                created_at=now,
            )
        )
        return address

    def join(self, address_id: str, conversation_id: str, now: datetime) -> None:
        """From now on it belongs to this conversation."""
        self._set(address_id, conversation_id=conversation_id, joined_at=now)

    def set_greeted(self, address_id: str) -> None:
        """It was told who we are."""
        self._set(address_id, greeted=True)

    def record(self, address_id: str, consent: Consent, how: str, words: str, now: datetime) -> None:
        """Append to its record of consents, and do as it says."""
        self._connection.execute(
            t.consents.insert().values(
                address_id=address_id, at=now, consent=consent, how=how, words=self._sealer.seal(words)
            )
        )
        self._set(address_id, stopped=consent is Consent.STOPPED)

    def record_of(self, address_id: str) -> tuple[ConsentEntry, ...]:
        """What was agreed to and taken back, oldest first."""
        c = t.consents.c
        rows = self._connection.execute(sa.select(t.consents).where(c.address_id == address_id).order_by(c.id))
        return tuple(ConsentEntry(row.at, Consent(row.consent), row.how, self._sealer.open(row.words)) for row in rows)

    def _set(self, address_id: str, **values: Any) -> None:
        self._connection.execute(t.addresses.update().where(t.addresses.c.id == address_id).values(**values))

    def _one(self, query: Any) -> Address | None:
        row = self._connection.execute(query).first()
        if row is None:
            return None
        number = self._sealer.open(row.number)
        return Address(row.id, number, row.clinic_number, row.conversation_id, row.stopped, row.greeted)


class SqlCalls:
    """Telephone calls in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, call_id: str) -> Call | None:
        """By the provider's id."""
        row = self._connection.execute(sa.select(t.calls).where(t.calls.c.id == call_id)).first()
        if row is None:
            return None
        state = self._sealer.open_json(row.state)
        return Call(row.id, row.conversation_id, row.address_id, state, row.ended_at is not None)

    def add(self, call_id: str, conversation_id: str, address_id: str | None, now: datetime) -> Call:
        """A call that has begun. Raises Conflict (when the transaction ends in it) if it is stored already."""
        self._connection.execute(
            t.calls.insert().values(
                id=call_id,
                conversation_id=conversation_id,
                address_id=address_id,
                state=self._sealer.seal_json({}),
                created_at=now,
                updated_at=now,
            )
        )
        return Call(call_id, conversation_id, address_id, {}, ended=False)

    def set_state(self, call_id: str, state: Mapping[str, Any], now: datetime) -> None:
        """Keep how far it has got."""
        self._connection.execute(
            t.calls.update()
            .where(t.calls.c.id == call_id)
            .values(state=self._sealer.seal_json(dict(state)), updated_at=now)
        )

    def end(self, call_id: str, now: datetime) -> bool:
        """It is over; False if that is no news."""
        c = t.calls.c
        result = self._connection.execute(
            t.calls.update().where(c.id == call_id, c.ended_at.is_(None)).values(ended_at=now, updated_at=now)
        )
        return bool(result.rowcount == 1)


class SqlWebhooks:
    """Webhook deliveries that were acted on, in SQL."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def answer(self, delivery: str) -> str | None:
        """What was answered to it; None if it was not acted on."""
        stored = self._connection.execute(
            sa.select(t.webhooks.c.answer).where(t.webhooks.c.id == delivery)
        ).scalar_one_or_none()
        return None if stored is None else self._sealer.open(stored)

    def keep(self, delivery: str, answer: str, now: datetime) -> None:
        """Remember the answer. Raises Conflict (when the transaction ends in it) if another acted on it first."""
        self._connection.execute(t.webhooks.insert().values(id=delivery, answer=self._sealer.seal(answer), at=now))

    def forget(self, before: datetime, limit: int) -> int:
        """Drop old ones, no more than `limit`; returns how many."""
        w = t.webhooks.c
        old = sa.select(w.id).where(w.at < before).order_by(w.at).limit(limit)
        return int(self._connection.execute(t.webhooks.delete().where(w.id.in_(old))).rowcount)
