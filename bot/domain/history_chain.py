"""How the lines of an escalation's history hold each other: the same in the database and in an exported packet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.domain.chain import START, Chain


class HistoryChain:
    """Hashes of lines and of the fields of their details. `chain` makes the keyed chain of a label."""

    def __init__(self, chain: Callable[[str], Chain]) -> None:
        self._lines = chain("escalation events")
        self._fields = chain("fields of escalation events")

    def field(self, name: str, value: Any) -> str:
        """The hash of one field of a detail: it stays when the field is forgotten."""
        return self._fields.hash(START, {name: value})

    def hash(
        self, previous: str, escalation_id: str, actor: str, event: str, fields: Mapping[str, str], at: datetime
    ) -> str:
        """The hash of a line after the one with the hash `previous`."""
        return self._lines.hash(previous, _line(escalation_id, actor, event, fields, at))

    def holds(
        self,
        previous: str,
        escalation_id: str,
        actor: str,
        event: str,
        fields: Mapping[str, str],
        at: datetime,
        found: str,
    ) -> bool:
        """Whether a line is as it was written."""
        return self._lines.holds(previous, _line(escalation_id, actor, event, fields, at), found)

    def has_its_fields(self, detail: Mapping[str, Any], fields: Mapping[str, str], is_forgotten: bool) -> bool:
        """Whether a detail is what was hashed; of a forgotten talk fields may be gone, none may be other."""
        if any(fields.get(name) != self.field(name, value) for name, value in detail.items()):
            return False
        return is_forgotten or len(detail) == len(fields)


def _line(escalation_id: str, actor: str, event: str, fields: Mapping[str, str], at: datetime) -> dict[str, Any]:
    return {"escalation": escalation_id, "at": at, "actor": actor, "event": event, "fields": dict(fields)}
