"""Who works with the console."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """What somebody may do. docs/console.md has the table."""

    NURSE = "nurse"  # reads and answers
    MANAGER = "manager"  # that too, and keeps the accounts
    AUDITOR = "auditor"  # reads, and changes nothing of a patient's


EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. `person` is their id on the on-call list, None for who is not paged."""

    id: str
    user_name: str
    name: str
    role: Role
    person: str | None = None

    @property
    def by(self) -> str:
        """Who acts, as the use cases of an escalation take it."""
        return self.person or self.user_name
