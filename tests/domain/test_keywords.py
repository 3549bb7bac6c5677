"""Keywords of texting: whole messages, in any dress; which of them may be a cry for help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.keywords import Keyword, is_plea_possible, keyword

STOPS = [
    *"stop quit end revoke optout cancel unsubscribe stopall alto parar pare cancelar baja terminar fin".split(),
    *("opt out", "opt-out", "Stop all", "dar de baja"),
]
STARTS = "start unstop iniciar comenzar".split()
HELPS = "help info ayuda".split()
MORES = ["more", "mas", "más"]
ALL = {
    **dict.fromkeys(STOPS, Keyword.STOP),
    **dict.fromkeys(STARTS, Keyword.START),
    **dict.fromkeys(HELPS, Keyword.HELP),
    **dict.fromkeys(MORES, Keyword.MORE),
}
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


@pytest.mark.parametrize(("text", "expected"), ALL.items())
def test_a_keyword_alone_is_known(text: str, expected: Keyword) -> None:
    assert keyword(text) is expected


@given(
    st.sampled_from(sorted(ALL)),
    st.sampled_from(
        ["{}", "{}.", "{}!!!", "  {}\n", '"{}"', "“{}”", "*{}*", "({})", "{} 🛑", "🙏{}", "\u200b{}", "¡{}!", "{}?"]
    ),
    st.sampled_from([str.lower, str.upper, str.title, lambda text: text.translate(FULL_WIDTH)]),
)
def test_it_is_known_in_any_dress(text: str, frame: str, dress: object) -> None:
    assert callable(dress)
    assert keyword(frame.format(dress(text))) is ALL[text]


@given(st.sampled_from(sorted(ALL)), st.data())
def test_a_doubled_letter_changes_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    assert keyword(text[: at + 1] + text[at:]) is ALL[text]


@given(st.sampled_from(sorted(ALL)))
def test_letters_set_apart_change_nothing(text: str) -> None:
    assert keyword(" ".join(text.replace(" ", ""))) is ALL[text]
    assert keyword(".".join(text.replace(" ", ""))) is ALL[text]


@pytest.mark.parametrize(
    "text", ["please stop", "Stop, please!", "stop thanks", "STOP STOP STOP", "por favor pare", "unsubscribe please"]
)
def test_a_word_to_stop_with_manners_or_said_again_still_stops(text: str) -> None:
    assert keyword(text) is Keyword.STOP


@pytest.mark.parametrize("text", ["more please", "más por favor", "More!"])
def test_more_with_manners_is_more(text: str) -> None:
    assert keyword(text) is Keyword.MORE


@pytest.mark.parametrize("text", ["yes", "YES.", "Sí", "si", "yess"])
def test_yes_starts_again_only_for_a_number_that_has_stopped(text: str) -> None:
    assert keyword(text) is None
    assert keyword(text, stopped=True) is Keyword.START


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "911",
        "help me",
        "help help help",
        "please help",
        "please help me stop",
        "I need help",
        "ayúdenme",
        "ayuda por favor",
        "I quit",
        "end it",
        "this is the end",
        "no more",
        "no más",
        "more pain",
        "start over",
        "yes please",
        "can I stop",
        "stop it",
        "don't stop",
        "cancel it",
        "more info",
        "information",
        "stopped",
        "ending",
        "mas dolor",
        "fin de semana",
        "stop help",
        "1",
    ],
)
def test_a_message_that_only_contains_one_is_none(text: str) -> None:
    assert keyword(text) is None
    assert keyword(text, stopped=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stopall",
        "Unsubscribe",
        "revoke",
        "optout",
        "opt out",
        "alto",
        "baja",
        "stop texting me",
        "START",
        "more",
        "info",
    ],
)
def test_what_cannot_be_a_cry_for_help(text: str) -> None:
    assert not is_plea_possible(text)


@pytest.mark.parametrize(
    "text",
    ["HELP", "end", "Quit.", "cancel", "fin", "terminar", "pare", "ayuda", "please stop", "stop stop stop", "cancelar"],
)
def test_what_may_be_a_cry_for_help(text: str) -> None:
    assert is_plea_possible(text)


@pytest.mark.parametrize("text", ["how long does it take", "hello", "911"])
def test_what_is_no_keyword_is_not_judged_here(text: str) -> None:
    assert not is_plea_possible(text)
