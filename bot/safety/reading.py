"""Reads a message with the fine-tuned network: tiers, categories, and the words that spoke.

Above the network's last layer stand the mean of the message's pieces and what a
few learned queries pick out of them, so that five decisive words in a message
of fifty are not averaged away; then one linear layer. Being linear, it says how
much each piece of the message spoke for a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.embedding import SentenceEncoder, network_file, tokenizer_file
from bot.linear_model import Floats
from bot.safety.network_file import NetworkFile

QUERIES = 4
SHARPNESS = 3.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Probabilities of tiers and categories; `start` and `end` are characters of the words that spoke."""

    tiers: Floats
    categories: Floats
    start: int
    end: int


class NetworkReader:
    """The network with the weights that `bot.safety.finetuning` found. `none` is tier number `none`."""

    def __init__(self, network: Mapping[str, NDArray[Any]], top: Mapping[str, Floats], none: int) -> None:
        self._encoder = SentenceEncoder(NetworkFile(network_file()).replaced(network), tokenizer_file())
        self._top = top
        self._none = none

    def __call__(self, text: str, before: str = "") -> Reading:
        """Read `text`, said after `before`."""
        pieces = self._encoder.pieces(text, before)
        own = np.flatnonzero(np.array(pieces.segments) == 0)
        states = self._encoder.states(pieces)[own]
        shares = _shares(states, self._top["queries"])
        pooled = (shares @ states).ravel()
        tiers = _softmax(pooled @ self._top["tiers"] + self._top["tiers_bias"])
        categories = _softmax(pooled @ self._top["categories"] + self._top["categories_bias"])
        spoke = self._spoke(states, shares, tiers)
        start, end = span(text, [pieces.offsets[i] for i in own], spoke)
        return Reading(tiers, categories, start, end)

    def _spoke(self, states: Floats, shares: Floats, tiers: Floats) -> Floats:
        """How much each piece adds to the score of a report over that of none."""
        weights = self._top["tiers"]
        reported = np.delete(tiers, self._none)
        direction = np.delete(weights, self._none, axis=1) @ (reported / reported.sum()) - weights[:, self._none]
        by_view = states @ direction.reshape(len(shares), -1).T
        return np.asarray((by_view * shares.T).sum(axis=1), np.float32)


def _shares(states: Floats, queries: Floats) -> Floats:
    """How much of each piece every view takes: the mean first, then each query; rows add up to 1."""
    mean = np.full((1, len(states)), 1 / len(states), np.float32)
    return np.concatenate([mean, _softmax((states @ queries).T * SHARPNESS)])


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def span(text: str, offsets: list[tuple[int, int]], spoke: Floats) -> tuple[int, int]:
    """The stretch of whole words that speaks most for a report above the message's average."""
    real = [i for i, (start, end) in enumerate(offsets) if end > start]
    if not real:
        return 0, len(text)
    surplus = spoke[real] - spoke[real].mean()
    sums = np.concatenate([[0.0], np.cumsum(surplus)])
    lowest = np.minimum.accumulate(sums[:-1])
    last = int((sums[1:] - lowest).argmax())
    first = int(sums[: last + 1].argmin())
    start, end = offsets[real[first]][0], offsets[real[last]][1]
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
