"""Rasa custom actions: thin, they call `bot.services`."""

from actions.escalate import ActionAskStaff, ActionEscalateSevereReport, ActionHandOff
from actions.unsure import ActionDidYouMean, ActionOfferStaff

__all__ = [
    "ActionAskStaff",
    "ActionDidYouMean",
    "ActionEscalateSevereReport",
    "ActionHandOff",
    "ActionOfferStaff",
]
