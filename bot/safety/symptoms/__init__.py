"""The symptom talk: mild symptoms after a treatment, read and judged by rules. Pure; no network, no Rasa."""

from bot.safety.symptoms.rules import FACTS, Judgement, Outcome, answer_topic, judge
from bot.safety.symptoms.talk import Heard, Message, Talk, begin, hear

__all__ = ["FACTS", "Heard", "Judgement", "Message", "Outcome", "Talk", "answer_topic", "begin", "hear", "judge"]
