"""The clinical rules, and doubts about messages that a test names."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.escalation import Tier
from bot.safety.screen import default_screen
from bot.safety.verdict import Doubt, Verdict

DOUBT = Doubt(chance=0.2, tier=Tier.EMERGENCY, category="cardiac", ask_back=True)


class FakeScreen:
    """Without a trained model nothing is in doubt but what the test says."""

    def __init__(self) -> None:
        self.doubts: dict[str, Doubt] = {}
        self.heard: list[tuple[str, tuple[str, ...]]] = []

    def doubts_about(self, text: str, doubt: Doubt = DOUBT) -> None:
        """From now on this text is just below the line."""
        self.doubts[text] = doubt

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Verdict:
        """The screen."""
        self.heard.append((text, tuple(earlier)))
        if text in self.doubts:
            return Verdict(doubt=self.doubts[text])
        return default_screen()(text, earlier)
