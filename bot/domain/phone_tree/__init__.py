"""The phone tree: a pure state machine of what callers hear, and what follows from what they do."""

from bot.domain.phone_tree.tree import PhoneTree

__all__ = ["PhoneTree"]
