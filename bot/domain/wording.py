"""The fixed texts: what is said when it matters, whatever else is broken.

Nothing here depends on a model, a file or a network. Order within a text: what
to do now, then what became of the message. Sources: `docs/clinical-safety.md`.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.clinic import Clinic
from bot.domain.escalation import Tier
from bot.domain.messages import Button, Reply, ReplyKind

CRISIS_CATEGORIES = frozenset({"suicidality", "self_harm"})

YES = Button("Yes, ask the staff", "Yes, please ask the staff")
NO = Button("No, thank you", "No, thank you")


def safety_reply(clinic: Clinic, tier: Tier, categories: Collection[str], reference: str | None) -> Reply:
    """The emergency or urgent text; `reference` is None when nothing could be stored."""
    crisis = CRISIS_CATEGORIES & set(categories)
    if crisis and set(categories) - CRISIS_CATEGORIES and tier is Tier.EMERGENCY:
        text = f"{_emergency_advice(clinic)} For thoughts of suicide you can also call or text {clinic.crisis_number}."
    elif crisis:
        text = _crisis_advice(clinic, tier)
    elif tier is Tier.EMERGENCY:
        text = _emergency_advice(clinic)
    elif tier is Tier.URGENT:
        text = _urgent_advice(clinic)
    else:
        text = _same_day_advice(clinic)
    return Reply(text=f"{text} {_what_became_of_it(clinic, reference)}", kind=ReplyKind.SAFETY, topic="safety/report")


def _emergency_advice(clinic: Clinic) -> str:
    return (
        f"This may be an emergency. Call {clinic.emergency_number} now, or have someone with you call. "
        "Do not wait for a reply here, and do not drive."
    )


def _crisis_advice(clinic: Clinic, tier: Tier) -> str:
    call = f"call or text {clinic.crisis_number} now: a counselor answers day and night"
    if tier is Tier.EMERGENCY:
        return (
            f"Please do not stay alone with this. If you are in danger or have hurt yourself, call "
            f"{clinic.emergency_number} now, or {call}."
        )
    return f"I'm glad you told me. Please {call}. If you might act on these thoughts, call {clinic.emergency_number}."


def _urgent_advice(clinic: Clinic) -> str:
    return (
        f"This needs a clinician soon. Call the clinic at {clinic.phone} now. If it gets worse, or you have trouble "
        f"breathing, chest pain, or cannot stay awake, call {clinic.emergency_number}."
    )


def _same_day_advice(clinic: Clinic) -> str:
    return (
        f"Our staff should hear about this today. Call the clinic at {clinic.phone}. "
        f"If it becomes severe, call {clinic.emergency_number}."
    )


def _what_became_of_it(clinic: Clinic, reference: str | None) -> str:
    if reference is None:
        return f"I could NOT pass this on to our staff. Please also call the clinic at {clinic.phone}."
    return f"Your message is saved for our staff as {reference}. Clinic: {clinic.phone}."


def reminder_reply(clinic: Clinic, reference: str) -> Reply:
    """Said before anything else while a severe report is open."""
    return Reply(
        text=(
            f"Your report {reference} is still open with our staff. If it is getting worse, call "
            f"{clinic.emergency_number}; for thoughts of suicide call or text {clinic.crisis_number}."
        ),
        kind=ReplyKind.SAFETY,
        topic="safety/reminder",
    )


def degraded_reply(clinic: Clinic, reference: str | None) -> Reply:
    """Said when the question-answering part is down; `reference` if the question was kept."""
    kept = (
        f"I have kept your question for our staff as {reference}."
        if reference
        else "I could not keep your question either."
    )
    return Reply(
        text=(
            f"I can't answer questions right now because of a technical problem. {kept} "
            f"To talk to someone, call the clinic at {clinic.phone}. In an emergency call {clinic.emergency_number}; "
            f"for thoughts of suicide call or text {clinic.crisis_number}."
        ),
        kind=ReplyKind.FALLBACK,
        topic="system/degraded",
    )


def handoff_reply(clinic: Clinic, reference: str | None, asked: str) -> Reply:
    """Said when a person was asked for; `asked` says what was passed on."""
    if reference is None:
        text = (
            f"I could not pass {asked} on to our staff because of a technical problem. "
            f"Please call the clinic at {clinic.phone}."
        )
    else:
        text = (
            f"I have passed {asked} on to our staff as {reference}. Nobody watches this chat all the time, "
            f"so if you would rather not wait, call the clinic at {clinic.phone}."
        )
    return Reply(
        text=f"{text} In an emergency call {clinic.emergency_number}.", kind=ReplyKind.HANDOFF, topic="staff/handoff"
    )
