"""The safety screen inside Rasa, for channels that do not pass the gateway."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.safety.joined import current_screen
from bot.safety.symptoms.screening import is_bare_answer, rules_alone
from bot.safety.verdict import Verdict

SEVERE_INTENT = "report_severe"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyScreen(GraphComponent):
    """Last in the pipeline: what the screen finds overrules every classifier."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyScreen:
        """Called by Rasa."""
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Set the intent `report_severe` on every message that reports a red flag."""
        for message in messages:
            if (text := message.get(TEXT)) and _screened(text, tracker).is_report:
                severe = {INTENT_NAME_KEY: SEVERE_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, severe, add_to_output=True)
                ranking = message.get("intent_ranking") or []
                message.set("intent_ranking", [severe, *ranking], add_to_output=True)
        return messages


def _screened(text: str, tracker: DialogueStateTracker) -> Verdict:
    last = next((event for event in reversed(tracker.events) if isinstance(event, BotUttered)), None)
    asked = (last.data.get("custom") or {}).get("topic") if last else None
    verdict = current_screen()(text)
    return rules_alone(verdict) if is_bare_answer(asked, text) else verdict
