"""What a telephone voice says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.escalation import Tier, new_reference
from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind
from bot.domain.spoken import is_too_long, speaking_seconds, spelled, spoken, spoken_reply
from bot.settings import ROOT

CLINIC = Clinic(name="Harbor Test Clinic", phone="+1 555-010-0177")
MARKUP = re.compile(r"[<>&{}\[\]|\\*_#@%+=~/()$\"]|https?:|www\.|\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Call 911 now.", "Call 9 1 1 now."),
        ("Call or text 988.", "Call or text 9 8 8."),
        ("Call 116 123.", "Call 1 1 6, 1 2 3."),
        ("+1 555-010-0199", "5 5 5, 0 1 0, 0 1 9 9"),
        ("Call +1 (555) 010-0199.", "Call 5 5 5, 0 1 0, 0 1 9 9."),
        ("Call (555) 010-0199, please.", "Call 5 5 5, 0 1 0, 0 1 9 9, please."),
        ("Clinic: +1 555-010-0199. 988 is open.", "Clinic: 5 5 5, 0 1 0, 0 1 9 9. 9 8 8 is open."),
        ("+15550100199", "5 5 5, 0 1 0, 0 1 9 9"),
        ("5550100199", "5 5 5, 0 1 0, 0 1 9 9"),
        ("555.010.0199", "5 5 5, 0 1 0, 0 1 9 9"),
        ("1-800-555-0199", "1, 8 0 0, 5 5 5, 0 1 9 9"),
        ("+44 20 7946 0000", "plus 4 4, 2 0, 7 9 4 6, 0 0 0 0"),
        ("+1 555-010-0199 ext. 12", "5 5 5, 0 1 0, 0 1 9 9 extension 1 2"),
        ("+1 (555) 010-0177 / 01", "5 5 5, 0 1 0, 0 1 7 7 extension 0 1"),
        ("40-60 minutes", "40 to 60 minutes"),
        ("40–60 minutes", "40 to 60 minutes"),
        ("0.5-1 mg/kg", "0.5 to 1 milligrams per kilogram"),
        ("50 mg, 50mg, 5 mcg, 5 µg", "50 milligrams, 50 milligrams, 5 micrograms, 5 micrograms"),
        ("10 ml over 40 min", "10 milliliters over 40 minutes"),
        ("70% of people", "70 percent of people"),
        ("140/90", "140 over 90"),
        ("pain of 7/10", "pain of 7 out of 10"),
        ("1/2 hour, 1½ hours", "one half hour, 1 one half hours"),
        ("38 °C", "38 degrees Celsius"),
        ("$50-$100", "50 dollars to 100 dollars"),
        ("at 17:00", "at 5 P M"),
        ("at 08:05", "at 8 0 5 A M"),
        ("at 8:30 a.m.", "at 8 30 A M."),
        ("at 9am or 5 p.m. at most", "at 9 A M or 5 P M at most"),
        ("Come at 5 p.m. Bring water.", "Come at 5 P M. Bring water."),
        ("from 12:00 to 24:00", "from 12 noon to midnight"),
        ("open 24/7", "open 24 hours a day, 7 days a week"),
        ("e.g. water, i.e. no coffee, etc.", "for example, water, that is, no coffee, and so on."),
        ("IV or IM, for PTSD; SSRIs", "I V or I M, for P T S D; S S R Is"),
        ("friends and/or family", "friends or family"),
        ("yes/no", "yes or no"),
        ("See https://clinic.example/a?b=1&c=2.", "See our website."),
        ("See www.clinic.example, please", "See our website, please"),
        ("Write to care@clinic.example.", "Write to care at clinic dot example."),
        ("Your report K7QXM is open.", "Your report K, 7, Q, X, M is open."),
        ("side effects (mild) — they pass", "side effects, mild, they pass"),
        ("• one\n• two", "one, two"),
        ("38°F - 39°F", "38 degrees Fahrenheit, 39 degrees Fahrenheit"),
        ("at 8:30 a.m. and later", "at 8 30 A M and later"),
        ("“Don’t” wait…", "Don't wait..."),
        ("age > 18 & < 65, ~2 h, 18+", "age more than 18 and less than 65, about 2 hours, 18 plus"),
        (
            "<speak><break/>hello</speak>",
            "speak break hello speak",
        ),
        ("well 🙂 done", "well done"),
        ("It is NOT an emergency", "It is NOT an emergency"),
        ("in the 1960s", "in the 1960s"),
        ("self-care, follow-up", "self-care, follow-up"),
        ("", ""),
    ],
)
def test_english_is_said_as_one_says_it(text: str, said: str) -> None:
    assert spoken(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Llame al 911 ahora.", "Llame al 9 1 1 ahora."),
        ("Clínica: +1 555-010-0199.", "Clínica: 5 5 5, 0 1 0, 0 1 9 9."),
        ("de 40-60 minutos", "de 40 a 60 minutos"),
        ("a las 17:00", "a las 5 de la tarde"),
        ("a las 8:05", "a las 8 y 5 de la mañana"),
        ("a las 21:30", "a las 9 y 30 de la noche"),
        ("50 mg, 70 %", "50 miligramos, 70 por ciento"),
        ("24/7, p. ej. hoy", "las 24 horas, los 7 días, por ejemplo, hoy"),
        ("dolor 7/10, 140/90", "dolor 7 de 10, 140 sobre 90"),
        ("¿Está bien? ¡Sí! Mañana", "¿Está bien? ¡Sí! Mañana"),
        ("Dra. Ana y/o Sr. Paz", "Doctora Ana o Señor Paz"),
        ("vea https://clinic.example/es", "vea nuestra página web"),
        ("escriba a care@clinic.example", "escriba a care arroba clinic punto example"),
    ],
)
def test_spanish_is_said_as_one_says_it(text: str, said: str) -> None:
    assert spoken(text, Language.SPANISH) == said


@given(st.text(), st.sampled_from(list(Language)))
def test_nothing_that_is_said_is_markup(text: str, language: Language) -> None:
    assert MARKUP.search(spoken(text, language)) is None


@given(st.text(alphabet="<>&/\"'= speakbrodutime!-?#;lg1", max_size=60))
def test_no_tag_and_no_entity_is_ever_said(text: str) -> None:
    assert MARKUP.search(spoken(text)) is None


@given(st.lists(st.sampled_from("take some rest and drink a little water today".split()), min_size=1).map(" ".join))
def test_plain_words_are_said_as_they_are(text: str) -> None:
    assert spoken(text) == text


@given(st.from_regex(r"\+1 555-01[0-9]-[0-9]{4}", fullmatch=True))
def test_each_digit_of_a_telephone_number_is_said(number: str) -> None:
    said = spoken(f"Call {number} now.")
    assert re.sub(r"\D", "", said) == re.sub(r"\D", "", number)[1:]
    assert re.search(r"\d\d", said) is None


@given(st.builds(new_reference))
def test_each_reference_is_spelled(reference: str) -> None:
    assert spoken(f"It is open as {reference}.") == f"It is open as {spelled(reference)}."


def test_a_code_is_spelled_with_pauses() -> None:
    assert spelled("k7-QXM") == "K, 7, Q, X, M"


def _approved() -> list[Reply]:
    return [
        Reply.from_dict({**variants[0]["custom"], "text": variants[0]["text"], "kind": "answer"})
        for path in sorted(Path(ROOT, "data/nlu/faq").glob("*.yml"))
        for variants in yaml.safe_load(path.read_text())["responses"].values()
    ]


@pytest.mark.parametrize("reply", _approved(), ids=lambda reply: str(reply.topic))
def test_every_approved_answer_is_said_in_half_a_minute_and_without_signs(reply: Reply) -> None:
    said = spoken_reply(reply)
    assert MARKUP.search(said) is None
    assert re.search(r",\s*[,.]|\s[,.]|  ", said) is None
    assert not is_too_long(said, 30)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("tier", [Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY])
@pytest.mark.parametrize("category", ["cardiac", "suicidality", "overdose_misuse"])
def test_what_is_said_about_a_report_spells_its_numbers_and_its_reference(
    category: str, tier: Tier, language: Language
) -> None:
    reply = wording.safety_reply(CLINIC, tier, (category,), "K7QXM", language)
    said = spoken_reply(reply, language)
    assert "9 1 1" in said or "9 8 8" in said
    assert "K, 7, Q, X, M" in said
    assert "5 5 5, 0 1 0, 0 1 7 7" in said
    assert re.search(r"\d\d", said) is None


def test_the_short_form_is_what_is_said() -> None:
    assert spoken_reply(Reply("A long answer.", ReplyKind.ANSWER, short="Call 911.")) == "Call 9 1 1."
    assert spoken_reply(Reply("Call 988.", ReplyKind.SAFETY)) == "Call 9 8 8."


def test_how_long_it_takes_is_counted_in_words_and_digits() -> None:
    assert speaking_seconds("") == 0
    assert speaking_seconds("word " * 150) == 60
    assert speaking_seconds("one two", words_a_minute=60) == 2
    assert speaking_seconds("9 1 1") == speaking_seconds("911")
    assert is_too_long("word " * 76, 30)
    assert not is_too_long("word " * 75, 30)
