"""Trains the upper layers of the sentence encoder to tell reports from other messages.

TensorFlow is imported here and nowhere else: this module belongs to the
training process. The network as shipped puts texts of one topic side by side,
and "can it cause chest pain?" is one topic with "I have chest pain". Its lower
layers stay as they are, so what they make of every message is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from bot.embedding import DIMENSIONS, Pieces, network_file
from bot.linear_model import Floats
from bot.safety.layout import EMBEDDINGS, LAYERS, layer
from bot.safety.network_file import NetworkFile
from bot.safety.reading import QUERIES, SHARPNESS

_HEADS = 12
_BATCH = 32
# Batches are cut from so many messages sorted by length, so that little is padding.
_SORTED = 20 * _BATCH


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message to learn from; tier and category are places in the lists of labels."""

    pieces: Pieces
    tier: int
    category: int


@dataclass(frozen=True, slots=True)
class Course:
    """How it is learned; docs/decisions/0006 has the figures."""

    tiers: int
    categories: int
    first_layer: int = 3
    epochs: int = 4
    rate: float = 3e-4
    head_rate: float = 1e-3
    dropout: float = 0.1
    # One author labelled each message: no label is taken for certain.
    smoothing: float = 0.05
    category_weight: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages side by side; `real` and `own` are 1 where a piece is one, and of the message itself."""

    numbers: NDArray[np.intp]
    ids: NDArray[np.int32]
    segments: NDArray[np.int32]
    real: Floats
    own: Floats


def finetune(
    lessons: Sequence[Lesson], course: Course, progress: Callable[[str], None]
) -> tuple[dict[str, NDArray[Any]], dict[str, Floats]]:
    """The network's new weights as its file stores them, and those of the layer on top."""
    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(course.seed)
    rng = np.random.default_rng(course.seed)
    file = NetworkFile(network_file())
    lower = _lower_states(file, lessons, course.first_layer)
    progress("the lower layers have read everything")
    student = _Student(file, course, rng)
    plan = [batch for _ in range(course.epochs) for batch in _batches(lessons, rng)]
    losses: list[float] = []
    for number, batch in enumerate(plan, start=1):
        losses.append(student.learn(batch, _padded(lower, batch), lessons, number, len(plan)))
        if number * course.epochs % len(plan) < course.epochs:
            progress(f"{number * course.epochs // len(plan)} of {course.epochs} rounds, loss {np.mean(losses):.3f}")
            losses.clear()
    return student.weights(file)


def _batches(lessons: Sequence[Lesson], rng: np.random.Generator) -> list[_Batch]:
    lengths = np.array([len(lesson.pieces.ids) for lesson in lessons])
    mixed = rng.permutation(len(lessons))
    parts = [mixed[i : i + _SORTED] for i in range(0, len(mixed), _SORTED)]
    inner = [part[np.argsort(lengths[part], kind="stable")] for part in parts]
    cut = [part[i : i + _BATCH] for part in inner for i in range(0, len(part), _BATCH)]
    return [_batch(lessons, cut[i]) for i in rng.permutation(len(cut))]


def _batch(lessons: Sequence[Lesson], numbers: NDArray[np.intp]) -> _Batch:
    shape = (len(numbers), max(len(lessons[i].pieces.ids) for i in numbers))
    ids, segments = np.zeros(shape, np.int32), np.ones(shape, np.int32)
    real = np.zeros(shape, np.float32)
    for row, i in enumerate(numbers):
        pieces = lessons[i].pieces
        length = len(pieces.ids)
        ids[row, :length], segments[row, :length], real[row, :length] = pieces.ids, pieces.segments, 1
    return _Batch(numbers, ids, segments, real, (1 - segments).astype(np.float32))


def _padded(states: Sequence[NDArray[np.float16]], batch: _Batch) -> Floats:
    padded = np.zeros((*batch.ids.shape, DIMENSIONS), np.float32)
    for row, i in enumerate(batch.numbers):
        padded[row, : len(states[i])] = states[i]
    return padded


def _lower_states(file: NetworkFile, lessons: Sequence[Lesson], layers: int) -> list[NDArray[np.float16]]:
    """What the layers below those that learn make of each message; half the memory as 16 bits."""
    embeddings = {own: tf.constant(file.weights(name)) for own, name in EMBEDDINGS.items()}
    weights = [_constants(file, i) for i in range(layers)]

    @tf.function(input_signature=[_spec(tf.int32, 2), _spec(tf.int32, 2), _spec(tf.float32, 2)])
    def read(ids: Any, segments: Any, real: Any) -> Any:
        states = _embedded(ids, segments, embeddings)
        for own in weights:
            states = _layer(states, _unseen(real), own, 0.0)
        return states

    found: list[Any] = [None] * len(lessons)
    for batch in _batches(lessons, np.random.default_rng(0)):
        states = read(batch.ids, batch.segments, batch.real).numpy().astype(np.float16)
        for row, i in enumerate(batch.numbers):
            found[i] = states[row, : len(lessons[i].pieces.ids)]
    return found


def _constants(file: NetworkFile, index: int) -> dict[str, Any]:
    return {own: tf.constant(file.weights(name)) for own, name in layer(file, index).items()}


def _spec(kind: Any, dimensions: int) -> Any:
    return tf.TensorSpec((None,) * dimensions, kind)


class _Student:
    """The layers that learn, the layer on top, and Adam's memory of both."""

    def __init__(self, file: NetworkFile, course: Course, rng: np.random.Generator) -> None:
        self._course = course
        self._layers = [
            {own: tf.Variable(file.weights(name)) for own, name in layer(file, i).items()}
            for i in range(course.first_layer, LAYERS)
        ]
        width = DIMENSIONS * (QUERIES + 1)
        self._top = {
            "queries": _small(rng, DIMENSIONS, QUERIES),
            "tiers": _small(rng, width, course.tiers),
            "tiers_bias": tf.Variable(np.zeros(course.tiers, np.float32)),
            "categories": _small(rng, width, course.categories),
            "categories_bias": tf.Variable(np.zeros(course.categories, np.float32)),
        }
        self._body = [v for own in self._layers for v in own.values()]
        self._variables = [*self._body, *self._top.values()]
        self._memory = [(tf.Variable(tf.zeros_like(v)), tf.Variable(tf.zeros_like(v))) for v in self._variables]
        signature = [_spec(tf.float32, 3), _spec(tf.float32, 2), _spec(tf.float32, 2)]
        signature += [_spec(tf.int32, 1), _spec(tf.int32, 1), _spec(tf.float32, 0), _spec(tf.float32, 0)]
        self._step = tf.function(self._learn, input_signature=signature, autograph=False)

    def learn(self, batch: _Batch, states: Floats, lessons: Sequence[Lesson], number: int, of: int) -> float:
        """One step of Adam; the loss."""
        tiers = np.array([lessons[i].tier for i in batch.numbers], np.int32)
        categories = np.array([lessons[i].category for i in batch.numbers], np.int32)
        # The rate grows over the first tenth and falls to nearly nothing.
        share = min(1.0, 10 * number / of) * max(0.02, 1 - number / of)
        rate = np.float32(share)
        return float(self._step(states, batch.real, batch.own, tiers, categories, rate, np.float32(number)))

    def _learn(self, states: Any, real: Any, own: Any, tiers: Any, categories: Any, share: Any, number: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = self._loss(states, real, own, tiers, categories)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self._variables), 1.0)
        for i, (variable, gradient) in enumerate(zip(self._variables, gradients, strict=True)):
            rate = share * (self._course.rate if i < len(self._body) else self._course.head_rate)
            mean, spread = self._memory[i]
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle, m=mean.handle, v=spread.handle,
                beta1_power=tf.pow(0.9, number), beta2_power=tf.pow(0.98, number),
                lr=rate, beta1=0.9, beta2=0.98, epsilon=1e-8, grad=gradient,
            )  # fmt: skip
        return loss

    def _loss(self, states: Any, real: Any, own: Any, tiers: Any, categories: Any) -> Any:
        course = self._course
        for weights in self._layers:
            states = _layer(states, _unseen(real), weights, course.dropout)
        pooled = tf.nn.dropout(_pooled(states, own, self._top["queries"]), course.dropout)
        wanted = tf.one_hot(tiers, course.tiers) * (1 - course.smoothing) + course.smoothing / course.tiers
        cross_entropy = tf.nn.softmax_cross_entropy_with_logits
        of_tier = cross_entropy(wanted, pooled @ self._top["tiers"] + self._top["tiers_bias"])
        of_category = cross_entropy(
            tf.one_hot(categories, course.categories),
            pooled @ self._top["categories"] + self._top["categories_bias"],
        )
        return tf.reduce_mean(of_tier) + course.category_weight * tf.reduce_mean(of_category)

    def weights(self, file: NetworkFile) -> tuple[dict[str, NDArray[Any]], dict[str, Floats]]:
        """Everything learned: the network's as its file stores them, and the layer on top."""
        network: dict[str, NDArray[Any]] = {}
        for i, own in enumerate(self._layers, start=self._course.first_layer):
            for key, name in layer(file, i).items():
                network |= file.rounded(name, own[key].numpy())
        return network, {name: variable.numpy() for name, variable in self._top.items()}


def _small(rng: np.random.Generator, *shape: int) -> Any:
    return tf.Variable(rng.normal(0, 0.02, shape).astype(np.float32))


def _embedded(ids: Any, segments: Any, own: dict[str, Any]) -> Any:
    words = tf.gather(own["words"], ids) + tf.gather(own["segments"], segments)
    return _normal(words + own["positions"][: tf.shape(ids)[1]], own["gain"], own["offset"])


def _unseen(real: Any) -> Any:
    """Added to the scores of attention, it hides padding."""
    return ((1 - real) * -1e9)[:, None, None, :]


def _normal(x: Any, gain: Any, offset: Any) -> Any:
    centred = x - tf.reduce_mean(x, -1, keepdims=True)
    return centred * tf.math.rsqrt(tf.reduce_mean(centred * centred, -1, keepdims=True) + 1e-12) * gain + offset


def _layer(states: Any, unseen: Any, own: dict[str, Any], dropout: float) -> Any:
    """One layer of the encoder (BERT's: attention, then two wide products, each added and normalised)."""
    shape = tf.shape(states)
    rows = tf.reshape(states, (-1, DIMENSIONS))
    queries, keys, values = (
        _heads(rows @ own[name] + own[f"{name}_bias"], shape) for name in ("query", "key", "value")
    )
    scores = tf.matmul(queries, keys, transpose_b=True) * (DIMENSIONS / _HEADS) ** -0.5
    seen = tf.matmul(_dropped(tf.nn.softmax(scores + unseen), dropout), values)
    joined = tf.reshape(tf.transpose(seen, (0, 2, 1, 3)), (-1, DIMENSIONS)) @ own["joined"] + own["joined_bias"]
    rows = _normal(rows + _dropped(joined, dropout), own["attention_gain"], own["attention_offset"])
    wide = rows @ own["wide"] + own["wide_bias"]
    wide = wide * 0.5 * (1 + tf.math.erf(wide * 0.5**0.5))
    narrow = _dropped(wide @ own["narrow"] + own["narrow_bias"], dropout)
    return tf.reshape(_normal(rows + narrow, own["output_gain"], own["output_offset"]), shape)


def _heads(rows: Any, shape: Any) -> Any:
    split = tf.reshape(rows, (shape[0], shape[1], _HEADS, DIMENSIONS // _HEADS))
    return tf.transpose(split, (0, 2, 1, 3))


def _dropped(x: Any, share: float) -> Any:
    return tf.nn.dropout(x, share) if share else x


def _pooled(states: Any, own: Any, queries: Any) -> Any:
    """Mean of the message's pieces, and what each query picks out: as `bot.safety.reading` does it."""
    mean = tf.reduce_sum(states * own[:, :, None], 1) / tf.reduce_sum(own, 1)[:, None]
    scores = tf.einsum("bpd,dq->bqp", states, queries) * SHARPNESS
    attention = tf.nn.softmax(scores + ((1 - own) * -1e9)[:, None, :])
    return tf.concat([mean, tf.reshape(tf.matmul(attention, states), (-1, QUERIES * DIMENSIONS))], 1)
