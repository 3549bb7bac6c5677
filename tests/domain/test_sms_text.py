"""Text messages: what they cost, what becomes plain, and where they are cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.sms_characters import EXTENSION, GSM
from bot.domain.sms_text import MOST_CHARACTERS, Encoding, Split, encoding, parts, plain, segments, units, whole

MORE = "Reply MORE for the rest."
PHONE = "+1 (555) 010-0199"
LINK = "https://clinic.example/after?day=1&night=2"

_WORDS = st.sampled_from(
    [
        "call",
        "the",
        "clinic",
        "now.",
        "Rest",
        "today!",
        PHONE,
        LINK,
        "año",
        "está",
        "116 123",
        "40-60",
        "“so”",
        "🙂",
        "{x}",
    ]
)
TEXTS = st.lists(_WORDS, min_size=25, max_size=120).map(" ".join)


def _words(text: str) -> list[str]:
    return plain(text).split()


# -- alphabets -------------------------------------------------------------------


def test_the_alphabet_of_sms_has_its_128_places() -> None:
    assert len(GSM) == 127  # and the escape
    assert len(EXTENSION) == 10
    assert not GSM & EXTENSION


@pytest.mark.parametrize("text", ["", "Call 911 now.", "ñ é ü à ¿ ¡ Ñ É Ü Ç", "50 € [a] {b} ~|\\^", "Ω Δ §"])
def test_what_gsm_7_has_travels_in_gsm_7(text: str) -> None:
    assert encoding(text) is Encoding.GSM_7


@pytest.mark.parametrize("char", ["á", "í", "ó", "ú", "Á", "ç", "’", "—", "\t", "`", "🙂", "д", "好"])
def test_one_character_that_gsm_7_lacks_makes_all_of_it_ucs_2(char: str) -> None:
    assert encoding(f"Call 911 {char}") is Encoding.UCS_2


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("abc", 3), ("a€b", 4), ("á", 1), ("á€", 2), ("🙂", 2), ("á🙂", 3)]
)
def test_length_is_counted_in_what_the_alphabet_counts(text: str, length: int) -> None:
    assert units(text) == length


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_segments_at_their_edges(text: str, count: int) -> None:
    assert segments(text) == count


def test_a_character_of_two_septets_moves_to_the_next_segment_whole() -> None:
    assert segments("a" * 152 + "€" + "a" * 152) == 3  # 306 septets, yet the first segment holds 152
    assert segments("a" * 151 + "€" + "a" * 153) == 2


def test_a_surrogate_pair_moves_to_the_next_segment_whole() -> None:
    assert segments("á" * 66 + "🙂" + "á" * 66) == 3
    assert segments("á" * 65 + "🙂" + "á" * 67) == 2


@given(st.text())
def test_segments_hold_all_units(text: str) -> None:
    joined = 153 if encoding(text) is Encoding.GSM_7 else 67
    assert segments(text) <= units(text)
    assert units(text) <= max(segments(text) * joined, 160)


# -- plain -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Don’t” — wait…", '"Don\'t" - wait...'),
        ("rest—then call", "rest - then call"),
        ("40–60 minutes", "40-60 minutes"),
        ("• one\xa0dose\n• two", "- one dose\n- two"),
        ("«Sí»", '"Si"'),
        ("Llame a la clínica, está abierta. ¿Mañana? ¡Sí!", "Llame a la clinica, esta abierta. ¿Mañana? ¡Si!"),
        ("ÁÍÓÚ áíóú ñ é ü É", "AIOU aiou ñ é ü É"),
        ("n\u0303 and e\u0301", "ñ and é"),
        ("50 µg, 0.5–1 mg/kg", "50 mcg, 0.5-1 mg/kg"),
        ("1½ h, ½ h", "1 1/2 h, 1/2 h"),
        ("≥ 2 h", ">= 2 h"),
        ("Ｃａｌｌ ９１１", "Call 911"),
        ("zero\u200bwidth\u00ad", "zerowidth"),
        ("Łukasz, François, Đ", "Lukasz, Francois, D"),
    ],
)
def test_plain_fits_gsm_7_where_no_meaning_is_lost(text: str, expected: str) -> None:
    assert plain(text) == expected
    assert encoding(plain(text)) is Encoding.GSM_7


@pytest.mark.parametrize("text", ["Está bien 🙂", "Сердце", "Καλημέρα", "Đặt 🙂", "心 está", "👩\u200d⚕️ sí", "10² m"])
def test_what_has_no_plain_form_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_quotes_are_plain_even_in_a_text_that_stays_ucs_2() -> None:
    assert plain("“Sí” 🙂") == '"Sí" 🙂'


@given(st.text())
def test_plain_twice_is_plain_once_and_never_costs_another_alphabet(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    if encoding(text) is Encoding.GSM_7:
        assert once == text


# -- cut -------------------------------------------------------------------------


def test_a_short_text_goes_out_alone() -> None:
    assert parts("Call 911.", MORE) == Split(("Call 911.",), "")
    assert parts("  ", MORE) == Split((), "")


def test_a_long_text_is_cut_at_a_sentences_end_and_says_how_to_go_on() -> None:
    text = " ".join(["Rest a while, drink some water, and have somebody drive you home."] * 12)
    split = parts(text, MORE)
    assert split.now[0].endswith(f"home. {MORE}")
    assert segments(split.now[0]) <= 3
    assert split.rest.startswith("Rest a while")


def test_a_title_is_no_sentences_end() -> None:
    split = parts("word " * 60 + "see Dr. " + "word " * 100, MORE, most=2)
    assert not split.now[0].endswith(f"Dr. {MORE}")


def test_an_accent_far_back_does_not_cost_the_part_before_it() -> None:
    text = "word " * 100 + "心"
    assert encoding(text) is Encoding.UCS_2
    assert encoding(parts(text, MORE).now[0]) is Encoding.GSM_7


def test_what_goes_on_and_on_comes_in_turns_until_nothing_is_left() -> None:
    text, turns = "Rest. " * 400, 0
    while text:
        text, turns = parts(text, MORE).rest, turns + 1
    assert turns == 6


@given(TEXTS, st.integers(1, 3))
def test_no_message_has_more_than_its_segments_and_no_word_is_lost(text: str, most: int) -> None:
    split = parts(text, MORE, most)
    assert all(segments(body) <= most for body in split.now)
    said = " ".join(split.now)
    if split.rest:
        assert said.endswith(MORE)
        said = said.removesuffix(MORE)
    assert [plain(word) for word in f"{said} {split.rest}".split()] == [plain(word) for word in _words(text)]


@given(TEXTS, st.integers(1, 3))
def test_no_number_and_no_link_is_cut(text: str, most: int) -> None:
    split = parts(text, MORE, most)
    said = f"{' '.join(split.now).removesuffix(MORE)}\n{split.rest}"
    for whole_one in (PHONE, LINK, "116 123", "40-60"):
        assert said.count(whole_one) == plain(text).count(whole_one)


def test_a_link_longer_than_a_message_stays_whole() -> None:
    link = "https://clinic.example/" + "a" * 500
    split = parts(f"{link} and more", MORE)
    assert split == Split((f"{link} {MORE}",), "and more")


def test_a_word_longer_than_a_message_is_cut_where_it_is_full() -> None:
    split = parts("a" * 1000, MORE)
    assert segments(split.now[0]) == 3
    assert split.now[0].removesuffix(f" {MORE}") + split.rest == "a" * 1000


@given(st.text())
def test_cutting_always_gets_on(text: str) -> None:
    split = parts(text, MORE)
    assert len(split.rest) < max(len(plain(text)), 1)
    assert bool(split.now) == bool(plain(text).strip())


def test_what_must_not_be_cut_goes_out_at_once() -> None:
    text = "Call 911 now. " * 60
    assert whole(text) == Split((text.strip(),), "")


@given(TEXTS)
def test_more_than_a_provider_takes_goes_out_in_several_messages_at_once(text: str) -> None:
    split = whole(text * 5)
    assert split.rest == ""
    assert all(0 < len(body) <= MOST_CHARACTERS for body in split.now)
    assert re.sub(r"\s+", " ", " ".join(split.now)).strip() == " ".join(_words(text * 5))
