"""Which replies say that the assistant has no answer, by their topic."""

from __future__ import annotations

# A clinic's own answer has the same topic and another kind.
TOPICS = ("dialogue/default", "dialogue/offer_staff", "system/degraded", "symptoms/unsure")
FAMILIES = ("ask_staff/", "out_of_scope/")


def says_no_answer(topic: str) -> bool:
    """Whether a reply of this topic is none, unless the clinic has an answer of its own to it."""
    return topic in TOPICS or topic.startswith(FAMILIES)
