"""The weights inside the network's file."""

from __future__ import annotations

import numpy as np
import pytest

from bot.embedding import SentenceEncoder, default_encoder, network_file, tokenizer_file
from bot.safety.layout import EMBEDDINGS, LAYERS, layer
from bot.safety.network_file import NetworkFile


@pytest.fixture(scope="module")
def file() -> NetworkFile:
    return NetworkFile(network_file())


def test_every_layer_has_the_shapes_of_its_kind(file: NetworkFile) -> None:
    for index in range(LAYERS):
        shapes = {own: file.weights(name).shape for own, name in layer(file, index).items()}
        assert shapes["query"] == shapes["joined"] == (384, 384)
        assert (shapes["wide"], shapes["narrow"]) == ((384, 1536), (1536, 384))
        assert shapes["wide_bias"] == (1536,)


def test_the_embeddings_are_read_from_the_file_as_the_network_uses_them(file: NetworkFile) -> None:
    shapes = {own: file.weights(name).shape for own, name in EMBEDDINGS.items()}
    assert shapes["words"] == (30522, 384)
    assert shapes["gain"] == (384,)


def test_a_matrix_stored_again_is_nearly_the_same(file: NetworkFile) -> None:
    name = layer(file, 5)["query"]
    before = file.weights(name)
    after = NetworkFile(file.replaced(file.rounded(name, before))).weights(name)
    # Half a step of the 8-bit integers of its column.
    assert np.abs(after - before).max() <= np.abs(before).max() / 127


def test_replaced_weights_change_what_the_network_says(file: NetworkFile) -> None:
    name = layer(file, 5)["output_offset"]
    moved = file.replaced(file.rounded(name, file.weights(name) + 1))
    own, shipped = SentenceEncoder(moved, tokenizer_file()), default_encoder()
    difference = own.states(own.pieces("hello")) - shipped.states(shipped.pieces("hello"))
    np.testing.assert_allclose(difference, 1, atol=1e-4)


def test_weights_of_another_size_are_refused(file: NetworkFile) -> None:
    with pytest.raises(ValueError, match="the network has"):
        file.replaced({layer(file, 5)["output_offset"]: np.zeros(3, np.float32)})


@pytest.mark.parametrize("content", [b"\x3a\xff", b"\xff" * 20, b"\x03\x01"])
def test_what_is_no_onnx_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="ONNX"):
        NetworkFile(content)
