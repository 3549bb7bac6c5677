"""The weights inside the network's file: read for training, replaced for use.

An ONNX file is a protocol buffer. Only the few fields that hold weights are
read here, which needs no further package. The file keeps its large matrices as
8-bit integers with one scale a column; a replaced matrix is stored the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.linear_model import Floats

# Field numbers of onnx.proto: of a model, a graph, a node and a tensor.
_GRAPH = 7
_NODE, _INITIALIZER = 1, 5
_NODE_INPUT, _NODE_TYPE = 1, 4
_DIMENSION, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_TYPES: dict[int, np.dtype[Any]] = {1: np.dtype(np.float32), 3: np.dtype(np.int8)}
_INTEGERS, _SCALE = "_q", "_scale"
_LARGEST = 127


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the bytes of a tensor are in the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    end: int


class NetworkFile:
    """One ONNX file. Raises ValueError for bytes that are none."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._places: dict[str, _Place] = {}
        self.multiplied: list[str] = []
        for field, start, end in _fields(content, 0, len(content)):
            if field == _GRAPH:
                self._read_graph(start, end)

    def _read_graph(self, start: int, end: int) -> None:
        for field, first, last in _fields(self._content, start, end):
            if field == _INITIALIZER:
                self._read_tensor(first, last)
            elif field == _NODE:
                self._read_node(first, last)
        # Products of two activations are no layers.
        self.multiplied = [name for name in self.multiplied if name + _INTEGERS in self._places]

    def _read_tensor(self, start: int, end: int) -> None:
        shape: list[int] = []
        name, kind, raw = "", 0, (0, 0)
        for field, first, last in _fields(self._content, start, end):
            if field == _DIMENSION:
                shape += _integers(self._content, first, last)
            elif field == _TYPE:
                (kind,) = _integers(self._content, first, last)
            elif field == _NAME:
                name = self._content[first:last].decode()
            elif field == _RAW:
                raw = (first, last)
        if kind in _TYPES and raw != (0, 0):
            self._places[name] = _Place(_TYPES[kind], tuple(shape), *raw)

    def _read_node(self, start: int, end: int) -> None:
        inputs: list[str] = []
        kind = ""
        for field, first, last in _fields(self._content, start, end):
            if field == _NODE_INPUT:
                inputs.append(self._content[first:last].decode())
            elif field == _NODE_TYPE:
                kind = self._content[first:last].decode()
        if kind == "MatMul":
            self.multiplied.append(inputs[1])

    def weights(self, name: str) -> Floats:
        """A matrix or vector as numbers, whichever way the file stores it."""
        if name + _INTEGERS in self._places:
            return np.asarray(self._stored(name + _INTEGERS) * self._stored(name + _SCALE), np.float32)
        return np.asarray(self._stored(name), np.float32)

    def _stored(self, name: str) -> NDArray[Any]:
        place = self._places[name]
        return np.frombuffer(self._content, place.dtype, offset=place.start, count=int(np.prod(place.shape))).reshape(
            place.shape
        )

    def rounded(self, name: str, weights: Floats) -> dict[str, NDArray[Any]]:
        """What the file would store for `weights`: one array, or integers and their scales."""
        if name + _INTEGERS not in self._places:
            return {name: np.asarray(weights, np.float32)}
        scale = np.maximum(np.abs(weights).max(axis=0, keepdims=True), 1e-12) / _LARGEST
        return {
            name + _INTEGERS: np.rint(weights / scale).astype(np.int8),
            name + _SCALE: np.asarray(scale, np.float32),
        }

    def replaced(self, stored: Mapping[str, NDArray[Any]]) -> bytes:
        """The file with other weights, as `rounded` gives them. Raises ValueError for one of another size."""
        content = bytearray(self._content)
        for name, array in stored.items():
            place = self._places[name]
            if (array.shape, array.dtype) != (place.shape, place.dtype):
                raise ValueError(f"{name} is {array.dtype} {array.shape}, the network has {place.dtype} {place.shape}")
            content[place.start : place.end] = array.tobytes()
        return bytes(content)


def _fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Field number, first and last byte of every field of a message."""
    while start < end:
        key, start = _integer(content, start)
        kind = key & 7
        if kind == 0:
            last = _integer(content, start)[1]
        elif kind in (1, 5):
            last = start + (8 if kind == 1 else 4)
        elif kind == 2:
            length, start = _integer(content, start)
            last = start + length
        else:
            raise ValueError("this is no ONNX file")
        if last > end:
            raise ValueError("this ONNX file is cut off")
        yield key >> 3, start, last
        start = last


def _integers(content: bytes, start: int, end: int) -> list[int]:
    found: list[int] = []
    while start < end:
        number, start = _integer(content, start)
        found.append(number)
    return found


def _integer(content: bytes, start: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = shift = 0
    while True:
        if start >= len(content):
            raise ValueError("this ONNX file is cut off")
        byte = content[start]
        start += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, start
