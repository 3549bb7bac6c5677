"""What hides a report from the readers does not hide it; what is no disguise is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.disguise import plain
from bot.safety.joined import JoinedScreen
from bot.safety.screen import default_screen

HIDDEN = {
    "full width": "ｃａｎ'ｔ ｂｒｅａｔｈｅ",
    "full-width apostrophe": "ｃａｎ＇ｔ　ｂｒｅａｔｈｅ",
    "zero-width space in a word": "c\u200ban't brea\u200bthe",
    "zero-width space for a space": "can't\u200bbreathe",
    "zero-width joiners everywhere": "\u200d".join("can't breathe"),
    "soft hyphens": "can't brea\u00adthe",
    "word joiner and byte order mark": "\ufeffcan\u2060't breathe",
    "direction marks": "\u202ecan't\u202c bre\u200fathe",
    "control characters": "can't bre\x08athe",
    "blank letters": "can't brea\u3164the",
    "Cyrillic look-alikes": "саn't brеаthе",
    "one Cyrillic letter": "chest pаin and my left arm is numb",
    "a whole Cyrillic word": "I want to die, I took all my pills, еnd of it, І'm going to kіll mуself",
    "Greek look-alikes": "cαn't breαthe",
    "small capitals": "ᴄᴀɴ'ᴛ ʙʀᴇᴀᴛʜᴇ",
    "mathematical letters": "𝐜𝐚𝐧'𝐭 𝓫𝓻𝓮𝓪𝓽𝓱𝓮",
    "circled letters": "ⓒⓐⓝ'ⓣ ⓑⓡⓔⓐⓣⓗⓔ",
    "letters in boxes": "can't 🅱🆁🅴🅰🆃🅷🅴",
    "a stroke through all letters": "".join(letter + "\u0336" for letter in "can't breathe"),
    "a heap of marks": "can't bre\u0301\u0323\u0308\u0336athe",
    "accents as decoration": "cán't brëäthe",
    "digits for letters": "c4n't br34the",
    "signs for letters": "i want to k!ll my$elf",
    "one for l": "i am going to ki11 myse1f",
    "dots between letters": "can't b.r.e.a.t.h.e",
    "spaces between letters": "i want to k i l l myself",
    "all at once": "с4n't\u200b ｂｒ3а\u0336the",
    "Spanish": "no puedo r\u200bespirаr",
}

ORDINARY = [
    "I take 30mg at 5pm, is vitamin B12 ok with it?",
    "my A1C is 5.4, my SpO2 was 98%, T3 and T4 are fine",
    "10mg/kg, 2x a week, 1st and 2nd visit, H1N1 and covid19 shots",
    "call me at 555-0123 or a@b.example, it's $45!!! ok?!",
    "50µg or 50μg, ½ a tablet, 2 m², 37.5 °C, β-blockers, 3 Ω",
    "¿Cuándo es mi cita? Mañana no puedo, está lejos. Vergüenza",
    "Cuándo es mi cita, mañan\u0303a",
    "n.º 5, 1.ª visita",
    "It's at the café, y todavía I'm fine mañana",
    "Можно ли мне есть перед сеансом? рак сор",
    "Πότε είναι το ραντεβού μου;",
    "मुझे कब आना है",
    "متى موعدي",
    "👩‍⚕️ thanks ❤️ 👍🏽",
    "plan b or c? a b c d e",
    "U.S.A. and e.g. this",
]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_report_that_something_hides_is_found(text: str) -> None:
    verdict = default_screen()(text)
    assert verdict.is_report
    assert all(text[e.start : e.end] == e.words for e in verdict.evidence)


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN.keys())
def test_both_readers_together_find_it_too(text: str, tmp_path: Path) -> None:
    assert JoinedScreen(default_screen(), tmp_path / "not trained")(text).is_report


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_no_disguise_is_read_as_it_was_written(text: str) -> None:
    assert plain(text).text == text
    assert not default_screen()(text).is_report


@pytest.mark.parametrize("text", ["no c\u200bhest pain, no ｆｅｖｅｒ", "what if i c4n't br34the during the infusion?"])
def test_what_a_message_takes_back_stays_taken_back_behind_a_disguise(text: str) -> None:
    assert not default_screen()(text).is_report


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
@settings(deadline=None)
def test_every_character_of_the_plain_text_has_its_place(text: str) -> None:
    read = plain(text)
    assert len(read.places) == len(read.text)
    assert list(read.places) == sorted(read.places)
    assert all(0 <= place < len(text) for place in read.places)


@given(st.lists(st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u0336\u0301"), min_size=12, max_size=12))
@settings(deadline=None, max_examples=30)
def test_no_mixture_of_unseen_signs_and_marks_hides_an_emergency(signs: list[str]) -> None:
    words = "can't breathe"
    assert default_screen()(words[0] + "".join(map("".join, zip(signs, words[1:], strict=True)))).is_report
