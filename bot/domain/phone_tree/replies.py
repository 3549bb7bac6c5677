"""What the assistant said to a caller's words, as the phone tree takes it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind
from bot.domain.phone_tree.model import Case, Heard, Meaning
from bot.domain.phone_tree.scene import filled, texts_in

_TOPICS = {
    "staff/handoff": Meaning.PERSON,
    "system/degraded": Meaning.DOWN,
    "out_of_scope/language": Meaning.LANGUAGE,
}
_NOT_UNDERSTOOD = frozenset({"dialogue/did_you_mean", "dialogue/default"})
# Said on the telephone by the tree itself, in other words.
_NOT_SPOKEN = frozenset({"safety/reminder"})


def heard_of(replies: Sequence[Reply], opened: Case | None, language: Language) -> Heard:
    """The meaning of replies, and what is spoken of them. What is about safety is said alone.

    `opened`: what is open for the staff by now, at whatever tier.
    """
    urgent = opened if opened is not None and opened.tier.wakes_staff else None
    reports = _texts(replies, "safety/report")
    if reports and (urgent is not None or opened is None):
        return Heard(Meaning.REPORT, reports, case=urgent)
    if questions := _texts(replies, "safety/question"):
        return Heard(Meaning.QUESTION, questions)
    for topic, meaning in _TOPICS.items():
        if said := _texts(replies, topic):
            return Heard(meaning, said if opened is None else _passed_on(meaning, said, opened, language))
    return _answer(replies, language) if replies else Heard(Meaning.STAFF)


def _texts(replies: Sequence[Reply], topic: str) -> tuple[str, ...]:
    return tuple(reply.text for reply in replies if reply.topic == topic)


def _passed_on(meaning: Meaning, said: tuple[str, ...], opened: Case, language: Language) -> tuple[str, ...]:
    """A wish for a person is answered with one: not with the clinic's number, which the caller has just dialled."""
    if meaning is not Meaning.PERSON:
        return said
    return (filled(texts_in(language).passed_on, {"reference": opened.reference}),)


def _answer(replies: Sequence[Reply], language: Language) -> Heard:
    said = [reply for reply in replies if reply.topic not in _NOT_SPOKEN]
    buttons = next((reply.buttons for reply in reversed(said) if reply.buttons), ())
    texts = [text for reply in said for text in _spoken(reply, language)]
    if not buttons and all(reply.kind is ReplyKind.FALLBACK for reply in said):
        return Heard(Meaning.LOST, tuple(texts))
    is_understood = not any(reply.topic in _NOT_UNDERSTOOD for reply in said)
    return Heard(Meaning.ANSWER, tuple(texts), buttons, is_understood=is_understood)


def _spoken(reply: Reply, language: Language) -> tuple[str, ...]:
    """The short form, with where it comes from; with choices the whole, since the short form lists them."""
    text = reply.text if reply.buttons or reply.short is None else reply.short
    if reply.kind is not ReplyKind.ANSWER or not reply.sources:
        return (text,)
    # Titles are long: what stands in brackets, and the shorter half around a colon, are for readers.
    title = max(reply.sources[0].document.partition(" (")[0].split(": "), key=len)
    return (text, filled(texts_in(language).source, {"document": title}))
