"""Who texts and calls in a drill: nobody that a provider could put through."""

from __future__ import annotations

from bot.domain.messages import Sender

# No telephone number begins with a letter: no patient can be taken for a drill, and nothing can be sent to one.
_MARK = "drill:"


def drill_sender(message_id: str, clinic_number: str) -> Sender:
    """The sender of one drill: a new one each time, so that it begins a talk of its own."""
    return Sender(f"{_MARK}{message_id}", clinic_number)


def is_drill_number(number: str) -> bool:
    """Whether what would go there stays here."""
    return number.startswith(_MARK)
