"""Who the clinic is: the part of the configuration that texts need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.domain.messages import Reply, ReplyKind, Source, approved_version

OWN_SECTION = "The clinic's own answer"


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What the clinic itself says about a topic."""

    text: str
    short: str | None = None


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic that the clinic adds: how patients ask, and what it answers."""

    id: str
    title: str
    questions: tuple[str, ...]
    answer: OwnAnswer


@dataclass(frozen=True, slots=True)
class Clinic:
    """Names and numbers, as the clinic's manager wrote them in `clinic.yml`."""

    name: str
    phone: str
    emergency_number: str = "911"
    crisis_number: str = "988"
    poison_number: str = "1-800-222-1222"
    animal_poison_number: str = "1-888-426-4435"
    # Minutes that a patient has to answer "is this happening right now?".
    answer_minutes: int = 5
    time_zone: str = "UTC"
    # Two letters: where telephone numbers without a country code belong.
    country: str = "US"
    # By topic, such as "faq/insurance" or "ask_staff/hours".
    answers: Mapping[str, OwnAnswer] = field(default_factory=dict)
    topics: tuple[OwnTopic, ...] = ()

    def fill(self, text: str) -> str:
        """Replace the placeholders that approved texts may carry.

        Square brackets, not braces: Rasa fills braces from slots and logs an
        error for each one that it does not know.
        """
        for placeholder, value in (
            ("[clinic name]", self.name),
            ("[clinic phone]", self.phone),
            ("[emergency number]", self.emergency_number),
            ("[crisis number]", self.crisis_number),
        ):
            text = text.replace(placeholder, value)
        return text

    @property
    def source(self) -> Source:
        """How the clinic's own answers name where they come from."""
        return Source(self.name, OWN_SECTION)

    def own_answer(self, topic: str | None) -> Reply | None:
        """The clinic's own answer to a topic, alone; None where it gave none."""
        own = self.answers.get(topic or "")
        if own is None:
            return None
        return Reply(
            text=self.fill(f"{self.name} says: {own.text}"),
            kind=ReplyKind.ANSWER,
            topic=topic,
            short=self.fill(f"{self.name}: {own.short or own.text}"),
            sources=(self.source,),
            version=approved_version(own.text, own.short),
        )

    def with_own_answer(self, reply: Reply) -> Reply:
        """An answer from the documents, after what the clinic itself says about it.

        One that names the clinic among its sources has that in it already.
        """
        general = (
            reply.kind is ReplyKind.ANSWER
            and (reply.topic or "").startswith("faq/")
            and self.source not in reply.sources
        )
        own = self.own_answer(reply.topic) if general else None
        if own is None:
            return reply
        return replace(
            reply,
            text=f"{own.text} In general: {reply.text}",
            short=own.short,
            sources=(self.source, *reply.sources),
            version=approved_version(own.version, reply.version),
        )
