"""A Rasa featurizer around the sentence embeddings."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.embedding import default_encoder

log = logging.getLogger(__name__)

_TELL_EVERY = 2000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbeddingFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one 384-dimensional sentence feature to every message text."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Rasa wants tokens before any featurizer, though the encoder makes its own."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See the parent class; nothing of ours can be set."""
        return dict(DenseFeaturizer.get_default_config())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbeddingFeaturizer:
        """Called by Rasa."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to every training example, on all cores: thousands at a few ms each."""
        default_encoder()  # loaded once, before the threads ask for it
        with ThreadPoolExecutor() as pool:
            embedded = pool.map(lambda example: self.process([example]), training_data.training_examples)
            for done, _ in enumerate(embedded, start=1):
                if done % _TELL_EVERY == 0:
                    log.info("sentences_embedded done=%d of=%d", done, len(training_data.training_examples))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to messages."""
        for message in messages:
            if text := message.get(TEXT):
                vector = default_encoder().encode(text)[np.newaxis, :]
                # No per-token features: the classifier reads the sentence alone.
                message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages
