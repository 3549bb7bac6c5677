"""Replies that staff keep ready, with blanks that are filled in before they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.clinic import Clinic

BLANKS = ("[clinic name]", "[clinic phone]", "[reference]", "[my name]")


@dataclass(frozen=True, slots=True)
class CannedReply:
    """What staff can put into the reply box with one press."""

    title: str
    text: str

    def filled(self, clinic: Clinic, reference: str, my_name: str) -> str:
        """The text with its blanks filled in."""
        values = (clinic.name, clinic.phone, reference, my_name)
        text = self.text
        for blank, value in zip(BLANKS, values, strict=True):
            text = text.replace(blank, value)
        return text
