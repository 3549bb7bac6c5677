"""What the screen says about a message."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.domain.escalation import Tier


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that speak for a flag; `start` and `end` are character offsets."""

    flag: str
    category: str
    tier: Tier
    words: str = field(repr=False)
    start: int
    end: int
    # How sure a learned reader is; a rule either matches or does not.
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Just below the line: what it would be if it were a report. `chance` is 0 to 1."""

    chance: float
    tier: Tier
    category: str
    # Whether to ask "is this happening right now?", or only to keep it for the staff to review.
    ask_back: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything found; no evidence means that nothing severe was recognised."""

    evidence: tuple[Evidence, ...] = ()
    # Only where there is no evidence.
    doubt: Doubt | None = None
    # Flags were found, and the message itself takes every one of them back ("no fever, no chest pain").
    denied: bool = False
    # It answers a question of the symptom talk and says nothing else.
    bare_answer: bool = False

    @property
    def is_report(self) -> bool:
        """Whether staff must hear of this message."""
        return bool(self.evidence)

    @property
    def is_ordinary(self) -> bool:
        """Neither a report nor in doubt; what it takes back itself does not count."""
        return not self.evidence and self.doubt is None

    @property
    def tier(self) -> Tier | None:
        """The most serious tier found ("when two tiers fit, take the higher")."""
        return min((e.tier for e in self.evidence), key=lambda tier: tier.rank, default=None)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories found, most serious first, each once."""
        ranked = sorted(self.evidence, key=lambda e: e.tier.rank)
        return tuple(dict.fromkeys(e.category for e in ranked))

    def to_dict(self) -> dict[str, Any]:
        """For the database: patient data, like the message itself."""
        return {
            "tier": self.tier,
            "categories": list(self.categories),
            "bare_answer": self.bare_answer,
            "doubt": self.doubt and {**asdict(self.doubt), "tier": str(self.doubt.tier)},
            "evidence": [
                {
                    "flag": e.flag,
                    "category": e.category,
                    "tier": e.tier,
                    "words": e.words,
                    "start": e.start,
                    "end": e.end,
                    "confidence": e.confidence,
                }
                for e in self.evidence
            ],
        }
