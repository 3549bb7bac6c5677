"""How the rules and the learned reader are joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.escalation import Tier
from bot.safety.joined import (
    ASK_BACK_AT,
    ASK_BACK_WITH_RULE_AT,
    BORDERLINE_AT,
    DENIED_AT,
    REPORT_AT,
    RULE_STANDS_AT,
    JoinedScreen,
    join,
)
from bot.safety.learned import CORPUS, NONE, Example, Opinion, corpus, fingerprint, reviewed
from bot.safety.screen import default_screen
from bot.safety.verdict import Evidence, Verdict

HELD_OUT = Path(__file__).parent / "held_out.jsonl"
RULE = Verdict((Evidence("cardiac.chest_pain", "cardiac", Tier.EMERGENCY, "chest pain", 0, 10),))
NOTHING = Verdict()


def _opinion(chance: float, tier: Tier = Tier.URGENT) -> Opinion:
    return Opinion(chance, tier, "panic", 2, 6)


@pytest.mark.parametrize("tier", [Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY])
def test_what_the_learned_reader_is_sure_of_is_a_report_without_a_rule(tier: Tier) -> None:
    verdict = join("words", NOTHING, _opinion(REPORT_AT[tier], tier))
    assert (verdict.tier, verdict.categories) == (tier, ("panic",))
    assert not join("words", NOTHING, _opinion(REPORT_AT[tier] - 0.01, tier)).is_report


def test_an_emergency_is_believed_sooner() -> None:
    assert REPORT_AT[Tier.EMERGENCY] < REPORT_AT[Tier.URGENT]


def test_its_evidence_says_how_sure_it_is_and_which_words_spoke() -> None:
    (evidence,) = join("I feel wrong", NOTHING, _opinion(0.8125)).evidence
    assert (evidence.words, evidence.start, evidence.end) == ("feel", 2, 6)
    assert evidence.confidence == 0.812


def test_a_rule_stands_where_the_learned_reader_has_a_doubt() -> None:
    assert join("words", RULE, _opinion(RULE_STANDS_AT)) == RULE


def test_a_rule_falls_where_the_learned_reader_is_surer_of_the_contrary() -> None:
    assert not join("words", RULE, _opinion(RULE_STANDS_AT - 0.01)).is_report


def test_the_more_serious_tier_counts() -> None:
    assert join("words", RULE, _opinion(0.9, Tier.SAME_DAY)).tier is Tier.EMERGENCY


def test_just_below_the_line_it_is_asked_back_and_kept() -> None:
    doubt = join("words", NOTHING, _opinion(ASK_BACK_AT[Tier.URGENT])).doubt
    assert doubt is not None
    assert (doubt.tier, doubt.category, doubt.ask_back) == (Tier.URGENT, "panic", True)


def test_further_below_it_is_only_kept() -> None:
    doubt = join("words", NOTHING, _opinion(BORDERLINE_AT)).doubt
    assert doubt is not None
    assert not doubt.ask_back


def test_a_rule_that_fell_is_asked_about_at_the_rules_tier() -> None:
    doubt = join("words", RULE, _opinion(ASK_BACK_WITH_RULE_AT)).doubt
    assert doubt is not None
    assert (doubt.tier, doubt.ask_back) == (Tier.EMERGENCY, True)


def test_what_the_message_takes_back_itself_has_to_be_hardly_in_doubt() -> None:
    denied = Verdict(denied=True)
    assert not join("words", denied, _opinion(DENIED_AT - 0.01)).is_report
    assert join("words", denied, _opinion(DENIED_AT)).is_report


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("no chest pain, no seizures", True),
        ("no chest pain but I can't breathe", False),
        ("how long is a session", False),
    ],
)
def test_the_rules_say_when_all_that_they_found_is_taken_back(text: str, denied: bool) -> None:
    assert default_screen()(text).denied is denied


def test_far_below_nothing_is_kept() -> None:
    assert join("words", RULE, _opinion(BORDERLINE_AT - 0.01)) == NOTHING


def test_without_a_trained_model_the_rules_read_alone(tmp_path: Path) -> None:
    screen = JoinedScreen(default_screen(), tmp_path / "not-yet-trained")
    assert screen("I can't breathe") == default_screen()("I can't breathe")


def test_while_the_model_is_being_trained_the_screen_is_not_complete(tmp_path: Path) -> None:
    screen = JoinedScreen(default_screen(), tmp_path / "model")
    assert not screen.is_complete
    (tmp_path / "model").mkdir()
    assert screen.is_complete
    assert JoinedScreen(default_screen(), None).is_complete


class _OnWords:
    """A learned reader that is as sure as the test says about texts that hold a word."""

    def __init__(self, **chances: float) -> None:
        self._chances = chances

    def __call__(self, text: str, earlier: Sequence[str] = ()) -> Opinion:
        chance = 0.3 if "?" in text else max((c for word, c in self._chances.items() if word in text), default=0.0)
        return Opinion(chance, Tier.EMERGENCY, "cardiac", len(text) - len(text.lstrip()), len(text))


def _reading(monkeypatch: pytest.MonkeyPatch, **chances: float) -> JoinedScreen:
    screen = JoinedScreen(default_screen(), None)
    monkeypatch.setattr(screen, "_learned", _OnWords(**chances))
    return screen


def test_a_question_beside_a_report_does_not_drown_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _reading(monkeypatch, strange=0.95)
    (evidence,) = screen("How long is it? A strange weight lies on me.").evidence
    assert (evidence.words, evidence.start) == ("A strange weight lies on me.", 16)


@pytest.mark.parametrize("text", ["A strange weight lies on me", "Does a strange weight come? How long is it?"])
def test_only_statements_beside_something_else_are_read_alone(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert not _reading(monkeypatch, strange=0.39)(text).is_report


def test_a_sentence_alone_has_to_be_hardly_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _reading(monkeypatch, strange=0.79)("How long is it? A strange weight lies on me.").is_report


def test_every_line_of_the_corpus_is_labelled_with_what_exists() -> None:
    tiers = {str(tier) for tier in Tier} - {"routine"} | {NONE}
    assert {example.tier for example in corpus()} <= tiers
    assert all(example.text.strip() for example in corpus())


def _talks(path: Path) -> set[tuple[str, ...]]:
    """Each message with what came before it: a "yes" alone says nothing."""
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {tuple(text.lower().strip() for text in (*(e.get("turns") or ()), e["text"])) for e in entries}


def test_no_held_out_message_is_a_line_of_the_corpus() -> None:
    held_out = _talks(HELD_OUT) | _talks(HELD_OUT.with_name("final_held_out.jsonl"))
    assert not held_out & set().union(*map(_talks, CORPUS.glob("*.jsonl")))


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(corpus()) >= 2500


def test_another_question_or_another_line_makes_another_reader(tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_text('{"text": "a", "tier": "none", "category": "x"}\n', encoding="utf-8")
    assert len({fingerprint(["a"]), fingerprint(["b"]), fingerprint(["a"], tmp_path)}) == 3
    assert CORPUS.is_dir()


def test_what_the_staff_decided_makes_another_reader(tmp_path: Path) -> None:
    file = tmp_path / "reviewed.jsonl"
    assert reviewed(file) == []
    file.write_text('{"text": "b", "tier": "urgent", "category": "x", "kind": "reviewed"}\n', encoding="utf-8")
    assert reviewed(file) == [Example("b", "urgent", "x")]
    assert fingerprint([], tmp_path / "none", reviewed(file)) != fingerprint([], tmp_path / "none")
