"""A Rasa intent classifier that also selects the answer of a retrieval intent."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import (
    RESPONSE_SELECTOR_PREDICTION_KEY,
    RESPONSE_SELECTOR_PROPERTY_NAME,
    RESPONSE_SELECTOR_RANKING_KEY,
    RESPONSE_SELECTOR_RESPONSES_KEY,
    RESPONSE_SELECTOR_RETRIEVAL_INTENTS,
    RESPONSE_SELECTOR_UTTER_ACTION_KEY,
)
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.nlu.training_data.util import intent_response_key_to_template_key

from bot.embedding import default_encoder
from bot.linear_model import LinearModel
from bot.nlu.reading import Chances, Limits, Reading, Talk, choice, rank_intents, read

_RANKED = 10
SEVERAL_INTENT = "several_questions"
TOPICS_PROPERTY = "topics"
# The text of the button whose number was typed.
CHOICE_PROPERTY = "choice"
_ABOUT_TOPICS = ("faq", "ask_staff", SEVERAL_INTENT)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Predicts the full label (`faq/driving`) in one step.

    Rasa's own way is an intent classifier and then a response selector for each
    retrieval intent. One decision over all topics is right more often, because
    `faq/…`, `ask_staff/…` and `out_of_scope/…` compete directly, and it is the
    same decision that says how sure it is.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Sentence features come from a featurizer."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse regularisation. `similarity_weight`: of the nearest examples.

        `pooled`: retrieval intents whose topics all lead to the same next step,
        so that their probabilities are added up when intents are compared.
        `follow_up_weight`, `part`: see `bot.nlu.reading.Limits`.
        """
        return {"C": 30.0, "similarity_weight": 7.0, "pooled": [], **dataclasses.asdict(Limits())}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: LinearModel | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """Called by Rasa before training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have an intent, and store the model."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        self._model = LinearModel.fit(
            texts=[e.get(TEXT) for e in examples],
            vectors=np.stack([_vector(e) for e in examples]),
            labels=[e.get_full_intent() for e in examples],
            c=self._config["C"],
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """Called by Rasa with a trained model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LinearModel.load(folder)
        return component

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Add intent, ranking and the selected response; Rasa hands over the talk so far."""
        for message in messages:
            if self._model is None or not message.get(TEXT):
                message.set(INTENT, {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            talk = _talk(tracker)
            message.set(CHOICE_PROPERTY, choice(message.get(TEXT), talk.choices), add_to_output=True)
            self._label(message, self.read(message.get(TEXT), talk))
        return messages

    def read(self, text: str, talk: Talk) -> Reading:
        """What a message is about, in its talk."""
        limits = Limits(**{name: self._config[name] for name in dataclasses.asdict(Limits())})
        return read(self._predict, text, talk, limits)

    def _predict(self, text: str) -> dict[str, float]:
        if self._model is None:
            raise RuntimeError("the classifier is not trained")
        chances = self._model.probabilities(text, default_encoder().encode(text), self._config["similarity_weight"])
        return dict(zip(self._model.labels, map(float, chances), strict=True))

    def _label(self, message: Message, reading: Reading) -> None:
        chances = reading.chances
        ranking = [
            {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: chance}
            for name, chance in rank_intents(chances, self._config["pooled"])
        ]
        if reading.several:
            ranking.insert(0, {INTENT_NAME_KEY: SEVERAL_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0})
            message.set(TOPICS_PROPERTY, list(reading.several), add_to_output=True)
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking[:_RANKED], add_to_output=True)
        retrieval = sorted({label.split("/")[0] for label in chances if "/" in label})
        selectors: dict[str, Any] = {intent: _selection(intent, chances) for intent in retrieval}
        selectors[RESPONSE_SELECTOR_RETRIEVAL_INTENTS] = retrieval
        message.set(RESPONSE_SELECTOR_PROPERTY_NAME, selectors, add_to_output=True)


def _selection(intent: str, chances: Chances) -> dict[str, Any]:
    """What Rasa's response selector would say for one retrieval intent."""
    topics = sorted(
        ((label, chance) for label, chance in chances.items() if label.startswith(f"{intent}/")),
        key=lambda item: -item[1],
    )
    best, chance = topics[0]
    return {
        RESPONSE_SELECTOR_PREDICTION_KEY: {
            RESPONSE_SELECTOR_RESPONSES_KEY: [],  # the domain has the texts; the action reads them there
            PREDICTED_CONFIDENCE_KEY: chance,
            INTENT_RESPONSE_KEY: best,
            RESPONSE_SELECTOR_UTTER_ACTION_KEY: intent_response_key_to_template_key(best),
        },
        RESPONSE_SELECTOR_RANKING_KEY: [
            {PREDICTED_CONFIDENCE_KEY: value, INTENT_RESPONSE_KEY: label} for label, value in topics[:_RANKED]
        ],
    }


def _vector(message: Message) -> NDArray[np.float32]:
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise ValueError("TopicClassifier needs a featurizer with dense sentence features before it")
    vector: NDArray[np.float32] = np.asarray(sentence.features, np.float32)[-1]
    return vector


def _talk(tracker: DialogueStateTracker) -> Talk:
    """The patient's last question that was about a topic, and the buttons that were last shown."""
    question = next(
        (
            event.text
            for event in reversed(tracker.applied_events())
            if isinstance(event, UserUttered) and event.text and event.intent_name in _ABOUT_TOPICS
        ),
        None,
    )
    return Talk(question, _choices(tracker))


def _choices(tracker: DialogueStateTracker) -> tuple[str, ...]:
    last = next((event for event in reversed(tracker.events) if isinstance(event, (BotUttered, UserUttered))), None)
    if not isinstance(last, BotUttered):
        return ()
    custom = last.data.get("custom") or {}
    return tuple(button["text"] for button in custom.get("buttons") or ())
