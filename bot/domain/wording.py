"""The fixed texts: what is said when it matters, whatever else is broken.

Nothing here depends on a model, a file or a network. Order within a text: what
to do now, then what became of the message. Sources: `docs/clinical-safety.md`.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.domain.clinic import Clinic
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Button, Reply, ReplyKind
from bot.domain.texts import TEXTS, Texts

CRISIS_CATEGORIES = frozenset({"suicidality", "self_harm"})


class Asked(enum.StrEnum):
    """What a patient wanted the staff to have."""

    PERSON = "person"
    QUESTION = "question"
    SYMPTOM = "symptom"


YES = Button("Yes, ask the staff", "Yes, please ask the staff")
NO = Button("No, thank you", "No, thank you")

ENGLISH = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class _Said:
    """The texts of one language, filled with one clinic's numbers."""

    texts: Texts
    clinic: Clinic

    def fill(self, text: str, **more: str) -> str:
        return text.format(
            name=self.clinic.name,
            emergency=self.clinic.emergency_number,
            crisis=self.clinic.crisis_number,
            phone=self.clinic.phone,
            poison=self.clinic.poison_number,
            animal_poison=self.clinic.animal_poison_number,
            **more,
        )


def _in(language: Language, clinic: Clinic) -> tuple[Texts, _Said]:
    return TEXTS[language], _Said(TEXTS[language], clinic)


def safety_reply(
    clinic: Clinic, tier: Tier, categories: Collection[str], reference: str | None, language: Language = ENGLISH
) -> Reply:
    """The emergency or urgent text; `reference` is None when nothing could be stored."""
    texts, said = _in(language, clinic)
    parts = [*_advice(texts, tier, categories), *_beside(texts, tier, categories)]
    parts.append(texts.stored if reference else texts.not_stored)
    text = " ".join(said.fill(part, reference=reference or "") for part in parts)
    return Reply(text=text, kind=ReplyKind.SAFETY, topic="safety/report")


def _advice(texts: Texts, tier: Tier, categories: Collection[str]) -> Iterator[str]:
    crisis = CRISIS_CATEGORIES & set(categories)
    if crisis and set(categories) - CRISIS_CATEGORIES and tier is Tier.EMERGENCY:
        yield texts.emergency
        yield texts.emergency_also_crisis
    elif crisis:
        yield texts.crisis_emergency if tier is Tier.EMERGENCY else texts.crisis_urgent
    else:
        yield {Tier.EMERGENCY: texts.emergency, Tier.URGENT: texts.urgent}.get(tier, texts.same_day)


def _beside(texts: Texts, tier: Tier, categories: Collection[str]) -> Iterator[str]:
    """What the most telling category adds; one sentence, so that three text messages hold it all.

    Clinical table rows 16, 20, 22, 25. In the table a child is an emergency and an animal is urgent.
    """
    if tier not in (Tier.EMERGENCY, Tier.URGENT):
        return
    for category in categories:
        name = category
        if category == "child_pet_ingestion":
            name = "child_ingestion" if tier is Tier.EMERGENCY else "pet_ingestion"
        if name in texts.beside:
            yield texts.beside[name]
            return


def ask_back_reply(clinic: Clinic, language: Language = ENGLISH, again: bool = False) -> Reply:
    """Said when a message may or may not be a report; `again` while it is unanswered."""
    texts, said = _in(language, clinic)
    return Reply(
        text=said.fill(texts.ask_again if again else texts.ask_back),
        kind=ReplyKind.SAFETY,
        topic="safety/question",
        buttons=tuple(Button(text, text) for text in (texts.ask_back_yes, texts.ask_back_no)),
    )


def not_happening_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said when the answer to the question back is no."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.glad_it_is_not), kind=ReplyKind.SAFETY, topic="safety/not_happening")


def reminder_reply(clinic: Clinic, reference: str, language: Language = ENGLISH) -> Reply:
    """Said before anything else while a severe report is open."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.reminder, reference=reference), kind=ReplyKind.SAFETY, topic="safety/reminder")


def degraded_reply(clinic: Clinic, reference: str | None, language: Language = ENGLISH) -> Reply:
    """Said when the question-answering part is down; `reference` if the question was kept."""
    texts, said = _in(language, clinic)
    kept = said.fill(texts.question_kept if reference else texts.question_not_kept, reference=reference or "")
    return Reply(text=said.fill(texts.degraded, what=kept), kind=ReplyKind.FALLBACK, topic="system/degraded")


def handoff_reply(clinic: Clinic, reference: str | None, asked: Asked, language: Language = ENGLISH) -> Reply:
    """Said when something was passed on to the staff, or could not be."""
    texts, said = _in(language, clinic)
    passed = texts.passed_on if reference else texts.not_passed_on
    text = f"{said.fill(passed, what=texts.asked[asked], reference=reference or '')} {said.fill(texts.in_an_emergency)}"
    return Reply(text=text, kind=ReplyKind.HANDOFF, topic="staff/handoff")


def forgotten_text(clinic: Clinic, is_forgotten: bool, language: Language = ENGLISH) -> str:
    """What a patient reads who wants a talk forgotten: that it is, or that staff still need it."""
    texts, said = _in(language, clinic)
    return said.fill(texts.forgotten if is_forgotten else texts.forgotten_later)


def when_to_call_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said at the end of a talk about a mild symptom."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.when_to_call), kind=ReplyKind.SAFETY, topic="symptoms/when_to_call")


def not_sure_of_symptom_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Offers the staff when a talk about a symptom leaves open whether it can wait."""
    texts, said = _in(language, clinic)
    return Reply(
        text=said.fill(texts.not_sure_of_symptom), kind=ReplyKind.FALLBACK, topic="symptoms/unsure", buttons=(YES, NO)
    )


def not_my_language_reply(clinic: Clinic, language: Language) -> Reply:
    """Said to a question in a language that the answers do not exist in."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.not_my_language), kind=ReplyKind.OUT_OF_SCOPE, topic="out_of_scope/language")


# -- told without being asked ----------------------------------------------------


def paged_notice(clinic: Clinic, at: str, reference: str, language: Language = ENGLISH) -> Reply:
    """A page was accepted by whoever carries it; `at` is the clinic's wall-clock time."""
    texts, said = _in(language, clinic)
    return _notice(said.fill(texts.paged, reference=reference, time=at), "paged")


def seen_notice(
    clinic: Clinic, who: tuple[str, str] | None, at: str, reference: str, language: Language = ENGLISH
) -> Reply:
    """Somebody acknowledged; `who` is a first name and a role, None where we do not know them."""
    texts, said = _in(language, clinic)
    return _notice(said.fill(texts.seen, who=_who(texts, who), time=at, reference=reference), "seen")


def joined_notice(clinic: Clinic, who: tuple[str, str] | None, reference: str, language: Language = ENGLISH) -> Reply:
    """Somebody has taken the conversation over."""
    texts, said = _in(language, clinic)
    return _notice(said.fill(texts.joined, who=_who(texts, who), reference=reference), "joined")


def nobody_yet_notice(clinic: Clinic, reference: str, language: Language = ENGLISH) -> Reply:
    """The time that the policy gives is over: call now."""
    texts, said = _in(language, clinic)
    return _notice(said.fill(texts.nobody_yet, reference=reference), "nobody_yet")


def closed_notice(clinic: Clinic, reference: str, language: Language = ENGLISH) -> Reply:
    """The staff have closed it."""
    texts, said = _in(language, clinic)
    return _notice(said.fill(texts.closed, reference=reference), "closed")


def ask_number_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said where the staff have no number to call."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.ask_number), kind=ReplyKind.SAFETY, topic="safety/callback")


def have_number_reply(clinic: Clinic, number: str, language: Language = ENGLISH) -> Reply:
    """Said when a number to call is stored."""
    texts, said = _in(language, clinic)
    return Reply(text=said.fill(texts.have_number, number=number), kind=ReplyKind.SAFETY, topic="safety/callback")


# -- in text messages alone ------------------------------------------------------


def greeting_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Before the first answer to a number: who this is, what it is not, how to stop; two segments."""
    return _of_texting(clinic, language, "greeting")


def help_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said to HELP."""
    return _of_texting(clinic, language, "help")


def stopped_reply(clinic: Clinic, reference: str | None = None, language: Language = ENGLISH) -> Reply:
    """The one confirmation that no more texts come.

    With the `reference` of a severe report that is open it says that the staff
    are asked to phone: only where that is stored.
    """
    return _of_texting(clinic, language, "stopped_with_report" if reference else "stopped", reference)


def started_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said when texts begin again."""
    return _of_texting(clinic, language, "started")


def how_to_stop_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Beside the question back to a bare "end" or "quit" that may be a plea."""
    return _of_texting(clinic, language, "how_to_stop")


def no_pictures_reply(clinic: Clinic, language: Language = ENGLISH) -> Reply:
    """Said to a picture, a recording or a file."""
    return _of_texting(clinic, language, "no_pictures")


def voicemail_reply(clinic: Clinic, reference: str | None, language: Language = ENGLISH) -> Reply:
    """Said after a voice message; `reference` if it was kept for the staff."""
    return _of_texting(clinic, language, "voicemail_stored" if reference else "voicemail_not_stored", reference)


def call_back_reply(clinic: Clinic, reference: str | None, language: Language = ENGLISH) -> Reply:
    """Said to a caller whose number takes no texts; `reference` if the staff were asked to call back."""
    return _of_texting(clinic, language, "call_back_stored" if reference else "call_back_not_stored", reference)


def _of_texting(clinic: Clinic, language: Language, what: str, reference: str | None = None) -> Reply:
    texts, said = _in(language, clinic)
    text = said.fill(getattr(texts.sms, what), reference=reference or "")
    return Reply(text=text, kind=ReplyKind.HANDOFF if reference else ReplyKind.SMALLTALK, topic=f"texting/{what}")


def _notice(text: str, what: str) -> Reply:
    return Reply(text=text, kind=ReplyKind.SAFETY, topic=f"notice/{what}")


def _who(texts: Texts, who: tuple[str, str] | None) -> str:
    return f"{who[0]} ({who[1]})" if who else texts.somebody
