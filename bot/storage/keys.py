"""Whether the keys are those of the database, and sealing anew what former keys have sealed. No commit happens here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.errors import CannotOpen, WrongKeys
from bot.storage import tables as t
from bot.storage.sealing import Sealer
from bot.storage.tables import SealedJson, SealedText

_WORD = "these are the keys"
_LOOKUP = "lookup"
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that were looked at: the last one's key, None at the end, and how many values were or are to be sealed."""

    last: Any
    values: int


def sealed_columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    """The columns of a table that hold what patients say, or who they are."""
    return tuple(column for column in table.columns if isinstance(column.type, SealedText | SealedJson))


def sealed_tables() -> tuple[sa.Table, ...]:
    """The tables that have such columns."""
    return tuple(table for table in t.metadata.sorted_tables if sealed_columns(table))


class SqlKeys:
    """The keys of this database."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def check(self) -> None:
        """Refuse keys that are not those of this database, and remember new ones. Raises WrongKeys."""
        stored = self._stored()
        problems = [problem for problem in (self._data_problem(stored), self._lookup_problem(stored)) if problem]
        if problems:
            raise WrongKeys(problems)
        self._keep({name: value for name, value in self._own().items() if name not in stored})

    def settle(self) -> None:
        """From now on the present keys are those of this database, and no others."""
        self._connection.execute(t.key_checks.delete())
        self._keep(self._own())

    def reseal(self, table: sa.Table, after: Any, limit: int) -> Batch:
        """Seal with the first key what is not, in the next rows of a table. Raises CannotOpen.

        Where the engine can, rows that others are changing are passed over.
        """
        rows = self._rows(table, after, limit, lock=True)
        values = 0
        for row in rows:
            if changed := self._changed(table, row):
                (key,) = table.primary_key.columns
                self._connection.execute(table.update().where(key == row[key.name]).values(**changed))
                values += len(changed)
        return _batch(table, rows, values)

    def count(self, table: sa.Table, after: Any, limit: int) -> Batch:
        """How much `reseal` would still find in the next rows."""
        rows = self._rows(table, after, limit, lock=False)
        return _batch(table, rows, sum(len(self._stale(table, row)) for row in rows))

    def _rows(self, table: sa.Table, after: Any, limit: int, lock: bool) -> Sequence[Any]:
        (key,) = table.primary_key.columns
        query = sa.select(table).order_by(key).limit(limit)
        if after is not None:
            query = query.where(key > after)
        if lock:
            query = query.with_for_update(skip_locked=True, key_share=True)
        return self._connection.execute(query).mappings().all()

    def _stale(self, table: sa.Table, row: Any) -> list[sa.Column[Any]]:
        sealed = [c for c in sealed_columns(table) if row[c.name] is not None]
        return [c for c in sealed if not self._sealer.is_current(row[c.name])] + self._stale_hashes(table, row)

    def _stale_hashes(self, table: sa.Table, row: Any) -> list[sa.Column[Any]]:
        addresses, conversations = t.addresses.c, t.conversations.c
        if table is t.addresses and row["number_hash"] != self._hash(row):
            return [addresses.number_hash]
        # Earlier versions stored it as it is.
        if table is t.conversations and row["sender_key"] and not _HASH.fullmatch(row["sender_key"]):
            return [conversations.sender_key]
        return []

    def _changed(self, table: sa.Table, row: Any) -> dict[str, str]:
        return {column.name: self._anew(column, row) for column in self._stale(table, row)}

    def _anew(self, column: sa.Column[Any], row: Any) -> str:
        value = row[column.name]
        if column is t.addresses.c.number_hash:
            return self._hash(row)
        if column is t.conversations.c.sender_key:
            return self._sealer.lookup(value)
        if isinstance(column.type, SealedJson):
            return self._sealer.seal_json(self._sealer.open_json(value))
        return self._sealer.seal(self._sealer.open(value))

    def _hash(self, address: Any) -> str:
        return self._sealer.lookup(self._sealer.open(address["number"]))

    def _stored(self) -> dict[str, str]:
        rows = self._connection.execute(sa.select(t.key_checks)).all()
        return {row.name: row.value for row in rows}

    def _own(self) -> dict[str, str]:
        return {_LOOKUP: self._sealer.lookup(_WORD), self._sealer.key_name(): self._sealer.seal(_WORD)}

    def _keep(self, checks: dict[str, str]) -> None:
        for name, value in checks.items():
            self._connection.execute(t.key_checks.insert().values(name=name, value=value))

    def _data_problem(self, stored: dict[str, str]) -> str | None:
        try:
            for name in stored.keys() - {_LOOKUP}:
                self._sealer.open(stored[name])
        except CannotOpen:
            return (
                "DATA_KEYS (or data.keys in DATA_DIR): a key is missing that sealed what is stored in the database: put it back, behind the "
                "others. Every process needs all of them until `python -m bot keys rotate` has run to its end"
            )
        return None

    def _lookup_problem(self, stored: dict[str, str]) -> str | None:
        if stored.get(_LOOKUP, self._sealer.lookup(_WORD)) == self._sealer.lookup(_WORD):
            return None
        return (
            "SECRET_KEY is not the one that numbers in the database are found by, and numbers that have stopped "
            "would not be known: put the former one back. If it is to change, stop everything and run "
            "`python -m bot keys rotate` with the new one"
        )


def _batch(table: sa.Table, rows: Sequence[Any], values: int) -> Batch:
    (key,) = table.primary_key.columns
    return Batch(rows[-1][key.name] if rows else None, values)
