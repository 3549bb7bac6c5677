"""Where the weights of the sentence encoder's network are in its file."""

from __future__ import annotations

from bot.safety.network_file import NetworkFile

LAYERS = 6
_EMBEDDINGS = "inner.embeddings."
EMBEDDINGS = {
    "words": _EMBEDDINGS + "word_embeddings.weight",
    "positions": _EMBEDDINGS + "position_embeddings.weight",
    "segments": _EMBEDDINGS + "token_type_embeddings.weight",
    "gain": _EMBEDDINGS + "LayerNorm.weight",
    "offset": _EMBEDDINGS + "LayerNorm.bias",
}
# The matrices have no names of their own; each layer multiplies by these, in this order.
_MATRICES = ("query", "key", "value", "joined", "wide", "narrow")
_VECTORS = {
    "query_bias": "attention.self.query.bias",
    "key_bias": "attention.self.key.bias",
    "value_bias": "attention.self.value.bias",
    "joined_bias": "attention.output.dense.bias",
    "attention_gain": "attention.output.LayerNorm.weight",
    "attention_offset": "attention.output.LayerNorm.bias",
    "wide_bias": "intermediate.dense.bias",
    "narrow_bias": "output.dense.bias",
    "output_gain": "output.LayerNorm.weight",
    "output_offset": "output.LayerNorm.bias",
}


def layer(file: NetworkFile, index: int) -> dict[str, str]:
    """The names in the file of the weights of one layer, counted from 0."""
    matrices = file.multiplied[len(_MATRICES) * index :][: len(_MATRICES)]
    prefix = f"inner.encoder.layer.{index}."
    return {
        **dict(zip(_MATRICES, matrices, strict=True)),
        **{own: prefix + name for own, name in _VECTORS.items()},
    }
