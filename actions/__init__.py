"""Rasa custom actions: thin, they call `bot.services`."""

from actions.answers import (
    ActionAnswerSeveral,
    ActionCiteSources,
    ActionElaborate,
    ActionRepeat,
    ActionShorten,
    ActionStartOver,
)
from actions.escalate import ActionAskStaff, ActionEscalateSevereReport, ActionHandOff
from actions.symptoms import ActionEndSymptomTalk, ValidateSymptomForm
from actions.unsure import ActionCloseOffer, ActionDidYouMean, ActionOfferStaff

__all__ = [
    "ActionAnswerSeveral",
    "ActionAskStaff",
    "ActionCiteSources",
    "ActionCloseOffer",
    "ActionDidYouMean",
    "ActionElaborate",
    "ActionEndSymptomTalk",
    "ActionEscalateSevereReport",
    "ActionHandOff",
    "ActionOfferStaff",
    "ActionRepeat",
    "ActionShorten",
    "ActionStartOver",
    "ValidateSymptomForm",
]
