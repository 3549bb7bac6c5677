"""The clinical rules, and doubts about messages that a test names."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.escalation import Tier
from bot.safety.screen import default_screen
from bot.safety.verdict import Doubt, Evidence, Verdict

DOUBT = Doubt(chance=0.2, tier=Tier.EMERGENCY, category="cardiac", ask_back=True)


class FakeScreen:
    """Without a trained model nothing is in doubt but what the test says."""

    def __init__(self) -> None:
        self.doubts: dict[str, Doubt] = {}
        self.found: dict[str, Evidence] = {}
        self.heard: list[tuple[str, tuple[str, ...]]] = []

    def doubts_about(self, text: str, doubt: Doubt = DOUBT) -> None:
        """From now on this text is just below the line."""
        self.doubts[text] = doubt

    def finds(self, text: str, tier: Tier = Tier.EMERGENCY, category: str = "respiratory") -> None:
        """From now on this text is a report, as the learned reader finds one that no rule knows."""
        self.found[text] = Evidence("learned", category, tier, text, 0, len(text), confidence=0.9)

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """The screen."""
        self.heard.append((text, tuple(earlier)))
        if text in self.found:
            return Verdict((self.found[text],))
        if text in self.doubts:
            return Verdict(doubt=self.doubts[text])
        return default_screen()(text, earlier)
