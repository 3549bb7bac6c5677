"""What the provider is told to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.language import Language
from bot.domain.phone_tree.model import Line, Then
from bot.services.call_records import Incoming


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """Say, then go on. `turn` is the number of the webhook that follows."""

    incoming: Incoming
    turn: int
    language: Language
    says: tuple[Line, ...]
    then: Then
    # Whom to dial, as E.164; None where nobody is.
    number: str | None = None


# Writes it in the provider's own words.
Render = Callable[[SpokenTurn], str]
