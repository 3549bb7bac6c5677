"""Training the learned reader, and what it says: on a few lines, for speed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.domain.escalation import Tier
from bot.safety.learned import Example, LearnedReader, before
from bot.safety.reading import span

# A process of its own, as in use: TensorFlow stays out of the process of the tests.
TRAIN = """
import sys
from pathlib import Path
from bot.safety.fitting import fit
from bot.safety.learned import Example
reports = ["she cannot breathe", "he is blue and does not wake", "my chest is being crushed", "I want to die tonight"]
others = ["can I drive home", "what does it cost", "I could breathe fine", "my bill is crushing"]
examples = [Example(text, "emergency", "respiratory") for text in reports] * 3
examples += [Example(text, "none", "idiom") for text in others] * 3
fit(examples, ["how long is it", "how long is it >> and what then"] * 6, lambda step: None, epochs=2).save(Path(sys.argv[1]))
"""
TEXT = "Hi, about parking: my wife cannot breathe. Thanks"


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Trains and says where the model is."""

    def run() -> Path:
        target = tmp_path_factory.mktemp("model") / "reader"
        subprocess.run([sys.executable, "-c", TRAIN, str(target)], check=True, capture_output=True)
        return target

    return run


@pytest.fixture(scope="module")
def path(train: Callable[[], Path]) -> Path:
    return train()


@pytest.fixture(scope="module")
def reader(path: Path) -> LearnedReader:
    return LearnedReader.load(path)


def test_a_report_is_likelier_than_an_ordinary_question(reader: LearnedReader) -> None:
    assert reader("she cannot breathe").chance > reader("can I drive home").chance


def test_a_report_has_a_tier_and_a_category_that_reports_have(reader: LearnedReader) -> None:
    opinion = reader(TEXT)
    assert (opinion.tier, opinion.category) == (Tier.EMERGENCY, "respiratory")
    assert 0 < opinion.chance < 1


def test_the_words_that_spoke_are_whole_words_of_the_message(reader: LearnedReader) -> None:
    opinion = reader(TEXT, ["is there parking"])
    assert set(TEXT[opinion.start : opinion.end].split()) <= set(TEXT.split()) | {"breathe", "parking", "Hi"}
    assert 0 <= opinion.start < opinion.end <= len(TEXT)


@pytest.mark.parametrize("text", ["", " ", "!", "👍", "word " * 500])
def test_every_message_can_be_read(reader: LearnedReader, text: str) -> None:
    opinion = reader(text, ["she cannot breathe"] * 20)
    assert 0 < opinion.chance < 1
    assert 0 <= opinion.start <= opinion.end <= len(text)


def test_what_was_said_before_counts(reader: LearnedReader) -> None:
    assert reader("now", ["she cannot breathe"]).chance != reader("now").chance


def test_training_again_gives_the_same_reader(reader: LearnedReader, train: Callable[[], Path]) -> None:
    assert LearnedReader.load(train())(TEXT) == reader(TEXT)


def test_a_saved_reader_says_the_same(reader: LearnedReader, tmp_path: Path) -> None:
    reader.save(tmp_path / "again")
    assert LearnedReader.load(tmp_path / "again")(TEXT) == reader(TEXT)


def test_a_reader_with_an_object_in_it_is_not_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "arrays.npz", tiers=np.array([object()]))
    with pytest.raises(ValueError, match="allow_pickle"):
        LearnedReader.load(tmp_path)


def test_reading_does_not_need_tensorflow(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.safety.learned import LearnedReader; "
        "LearnedReader.load(Path(sys.argv[1]))('hello'); sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def test_only_the_last_two_turns_are_read_and_of_them_the_end() -> None:
    assert before(["one", "two", "three"]) == "two three"
    assert before(()) == ""
    assert before(["a" * 500 + "end"]) == "a" * 197 + "end"


def test_the_span_is_the_stretch_that_speaks_most() -> None:
    offsets = [(0, 0), (0, 2), (3, 6), (7, 9), (10, 12), (0, 0)]
    spoke = np.array([9, -1, 2, 3, -2, 9], np.float32)
    assert span("ab cde fg hi", offsets, spoke) == (3, 9)


def test_a_span_begins_and_ends_with_whole_words() -> None:
    assert span("unbreathable air", [(2, 8), (13, 16)], np.array([5, -5], np.float32)) == (0, 12)


def test_a_line_of_the_corpus_keeps_its_turns() -> None:
    assert Example("now", "urgent", "panic", ("is it normal",)).earlier == ("is it normal",)
