"""The fixed texts: what must stand in them, whatever the clinic."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import product

import pytest

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind
from tests.harness.cast import CLINIC

# As long as clinic.yml may make them.
WORDY = Clinic(
    name="N" * 80,
    phone="+1 (555) 010-0177 / 000-00",
    emergency_number="+1 (555) 010-0911 / 000-00",
    crisis_number="+1 (555) 010-0988 / 000-00",
)
DEFAULT = Clinic(name="Default", phone="+1 555-010-0100")
REFERENCE = "K7QXM"
CLAIMS = re.compile(r"\b(is saved|have kept|have passed|alerted|notified|still open)\b", re.IGNORECASE)

Say = Callable[[Clinic, str | None], Reply]


def _safety_in(language: Language, tier: Tier, category: str, clinic: Clinic, reference: str | None) -> Reply:
    return wording.safety_reply(clinic, tier, (category,), reference, language)


def _safety(tier: Tier, *categories: str) -> Say:
    return lambda clinic, reference: wording.safety_reply(clinic, tier, categories, reference)


SAFETY: dict[str, Say] = {
    f"{tier}/{category}": _safety(tier, category)
    for tier, category in product(Tier, ("cardiac", "suicidality", "self_harm"))
}
CRISIS = {name: say for name, say in SAFETY.items() if "cardiac" not in name}
KEEPING: dict[str, Say] = {
    **SAFETY,
    "degraded": wording.degraded_reply,
    **{
        f"handoff-{asked}": partial(
            lambda asked, clinic, reference: wording.handoff_reply(clinic, reference, asked), asked
        )
        for asked in wording.Asked
    },
}
SYMPTOMS: dict[str, Say] = {
    "when-to-call": lambda clinic, _: wording.when_to_call_reply(clinic),
    "not-sure-of-symptom": lambda clinic, _: wording.not_sure_of_symptom_reply(clinic),
}
REMINDER: dict[str, Say] = {"reminder": lambda clinic, _: wording.reminder_reply(clinic, REFERENCE)}
ALL = {**KEEPING, **REMINDER, **SYMPTOMS}


def _each(texts: dict[str, Say]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("say", list(texts.values()), ids=list(texts))


@_each(ALL)
@pytest.mark.parametrize("clinic", [CLINIC, DEFAULT], ids=["own-numbers", "default-numbers"])
def test_every_text_names_the_clinics_emergency_number(say: Say, clinic: Clinic) -> None:
    assert f"call {clinic.emergency_number}" in say(clinic, REFERENCE).text.replace("Call", "call")


@_each(KEEPING)
@pytest.mark.parametrize("reference", [REFERENCE, None])
def test_every_text_that_sends_people_elsewhere_names_the_clinics_phone(say: Say, reference: str | None) -> None:
    assert CLINIC.phone in say(CLINIC, reference).text


@_each({**CRISIS, **REMINDER, "degraded": wording.degraded_reply})
def test_a_crisis_text_says_call_or_text_and_the_crisis_number(say: Say) -> None:
    assert f"call or text {CLINIC.crisis_number}" in say(CLINIC, REFERENCE).text
    assert "call or text 988" in say(DEFAULT, None).text


@_each(KEEPING)
def test_no_text_claims_that_something_is_kept_when_it_is_not(say: Say) -> None:
    text = say(CLINIC, None).text
    assert CLAIMS.search(text) is None
    assert "could not" in text.lower()


@_each(KEEPING)
def test_a_text_gives_the_reference_of_what_was_kept(say: Say) -> None:
    text = say(CLINIC, REFERENCE).text
    assert REFERENCE in text
    assert "could not" not in text.lower()


@_each(ALL)
@pytest.mark.parametrize("reference", [REFERENCE, None])
def test_every_text_fits_three_text_messages(say: Say, reference: str | None) -> None:
    assert len(say(WORDY, reference).text) <= 480


@_each(ALL)
@pytest.mark.parametrize("reference", [REFERENCE, None])
def test_no_text_needs_the_costly_alphabet_of_sms(say: Say, reference: str | None) -> None:
    assert say(CLINIC, reference).text.isascii()


@_each({**SAFETY, **REMINDER})
def test_safety_texts_are_of_the_safety_kind(say: Say) -> None:
    assert say(CLINIC, REFERENCE).kind is ReplyKind.SAFETY


@pytest.mark.parametrize("category", ["cardiac", "suicidality"])
def test_each_tier_that_staff_see_today_has_its_own_advice(category: str) -> None:
    texts = {wording.safety_reply(CLINIC, tier, (category,), REFERENCE).text for tier in (Tier.EMERGENCY, Tier.URGENT)}
    assert len(texts) == 2


def test_an_emergency_is_told_what_to_do_before_anything_else() -> None:
    text = wording.safety_reply(CLINIC, Tier.EMERGENCY, ("cardiac",), REFERENCE).text
    assert text.index(CLINIC.emergency_number) < text.index(REFERENCE) < text.index(CLINIC.phone)


def test_a_physical_emergency_beside_thoughts_of_suicide_gets_both_numbers_first_things_first() -> None:
    reply = wording.safety_reply(CLINIC, Tier.EMERGENCY, ("suicidality", "respiratory"), None)
    assert reply.text.index(CLINIC.emergency_number) < reply.text.index(CLINIC.crisis_number)
    assert "do not drive" in reply.text


# -- in both languages -----------------------------------------------------------

BY_LANGUAGE = [
    pytest.param(say, id=f"{language}-{name}")
    for language in Language
    for name, say in {
        **{
            f"{tier}-{category}": partial(_safety_in, language, tier, category)
            for tier, category in product(
                (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY),
                (
                    "cardiac",
                    "suicidality",
                    "driving_impaired",
                    "overdose_misuse",
                    "child_pet_ingestion",
                    "abuse_safety",
                ),
            )
        },
        "reminder": lambda clinic, reference, language=language: wording.reminder_reply(clinic, "K7QXM", language),
        "degraded": lambda clinic, reference, language=language: wording.degraded_reply(clinic, reference, language),
        "question": lambda clinic, reference, language=language: wording.ask_back_reply(clinic, language),
        "question-again": lambda clinic, reference, language=language: wording.ask_back_reply(
            clinic, language, again=True
        ),
        "when-to-call": lambda clinic, _, language=language: wording.when_to_call_reply(clinic, language),
        "not-sure": lambda clinic, _, language=language: wording.not_sure_of_symptom_reply(clinic, language),
        **{
            f"handoff-{asked}": lambda clinic, reference, language=language, asked=asked: wording.handoff_reply(
                clinic, reference, asked, language
            )
            for asked in wording.Asked
        },
        "not-happening": lambda clinic, reference, language=language: wording.not_happening_reply(clinic, language),
    }.items()
]


@pytest.mark.parametrize("say", BY_LANGUAGE)
def test_every_text_of_every_language_names_the_emergency_number(say: Say) -> None:
    assert CLINIC.emergency_number in say(CLINIC, REFERENCE).text


@pytest.mark.parametrize("say", BY_LANGUAGE)
@pytest.mark.parametrize("reference", [REFERENCE, None])
def test_every_text_of_every_language_fits_three_text_messages(say: Say, reference: str | None) -> None:
    assert len(say(WORDY, reference).text) <= 480


@pytest.mark.parametrize("say", BY_LANGUAGE)
def test_no_placeholder_is_left(say: Say) -> None:
    assert not re.search(r"[{}]", say(CLINIC, REFERENCE).text)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("category", sorted(wording.CRISIS_CATEGORIES))
@pytest.mark.parametrize("tier", [Tier.EMERGENCY, Tier.URGENT])
def test_a_crisis_text_of_every_language_names_the_crisis_number(tier: Tier, category: str, language: Language) -> None:
    assert CLINIC.crisis_number in wording.safety_reply(CLINIC, tier, (category,), REFERENCE, language).text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("tier", "category", "number"),
    [
        (Tier.EMERGENCY, "overdose_misuse", DEFAULT.poison_number),
        (Tier.URGENT, "overdose_misuse", DEFAULT.poison_number),
        (Tier.EMERGENCY, "child_pet_ingestion", DEFAULT.poison_number),
        (Tier.URGENT, "child_pet_ingestion", DEFAULT.animal_poison_number),
    ],
)
def test_poison_control_is_named_where_the_clinical_table_says_so(
    tier: Tier, category: str, number: str, language: Language
) -> None:
    assert number in wording.safety_reply(DEFAULT, tier, (category,), REFERENCE, language).text


@pytest.mark.parametrize("language", list(Language))
def test_the_emergency_number_comes_before_everything_else_that_is_said(language: Language) -> None:
    text = wording.safety_reply(CLINIC, Tier.EMERGENCY, ("driving_impaired",), REFERENCE, language).text
    assert text.index(CLINIC.emergency_number) < text.index("volante" if language is Language.SPANISH else "driving")
