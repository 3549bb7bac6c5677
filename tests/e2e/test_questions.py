"""Patients ask, the real model answers."""

from __future__ import annotations

import pytest
import yaml

from bot.domain.documents import DOCUMENTS
from bot.domain.messages import ReplyKind
from bot.settings import ROOT
from tests.e2e.server import Answer, Server, Talk

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

QUESTIONS = [
    ("Ana is coming by train: how many hours does one session take?", "session_length"),
    ("Is the treatment safe for most people?", "safety"),
    ("May Ben take his car the same evening?", "driving"),
    ("Will Cleo's insurance pay for it?", "insurance"),
    ("How many sessions does Ana need altogether?", "session_count"),
    ("Will Ben feel sick to his stomach?", "nausea"),
    ("May Ana eat breakfast on the morning of the session?", "fasting_food"),
    ("Is a cup of coffee before it allowed?", "caffeine_alcohol"),
    ("What does ketamine do in the brain?", "how_it_works"),
    ("Which side effects are the common ones?", "common_side_effects"),
    ("Can Cleo take a taxi home alone?", "ride_home"),
    ("Could Ben get addicted to it?", "dependency"),
    ("Does it help people with PTSD?", "ptsd"),
    ("What should Ana wear?", "clothing"),
    ("In which arm do they put the needle?", "iv_placement"),
    ("Are booster sessions needed later on?", "maintenance"),
    ("For how many people does it work?", "effectiveness"),
    ("May Cleo bring her own playlist?", "music_environment"),
    ("Is there a nasal spray too?", "nasal"),
    ("Does ketamine help with chronic pain?", "chronic_pain"),
    ("Can it raise blood pressure?", "heart_blood_pressure"),
]
SAID = {
    ReplyKind.ANSWER: "What should Ana wear?",
    ReplyKind.FALLBACK: "What would Ben pay for six infusions?",
    ReplyKind.HANDOFF: "Ben would like to speak to somebody on the team",
    ReplyKind.SMALLTALK: "good morning",
    ReplyKind.SAFETY: "I feel a bit dizzy since the session",
    ReplyKind.OUT_OF_SCOPE: "Write a poem about cats",
}
# Which of these is unclear depends on the training; one always is.
VAGUE = ["mood", "time?", "brain", "body thing", "session", "before", "week", "clinic"]


def suggestions() -> dict[str, str]:
    """The topic behind each question that a button may send."""
    found = {}
    for path in (ROOT / "data" / "nlu").rglob("*.yml"):
        responses = yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}
        for custom in (variant.get("custom") or {} for variants in responses.values() for variant in variants):
            if "question" in custom:
                found[custom["question"]] = custom["topic"]
    return found


def become_unsure(server: Server, *before: str) -> tuple[Talk, str, Answer]:
    """A talk, after some messages, in which the last one was not understood."""
    for vague in VAGUE:
        talk = server.talk()
        for text in before:
            talk.say(text)
        answer = talk.say(vague)
        if "clarify" in answer.kinds:
            return talk, vague, answer
    raise AssertionError("everything was understood")


# -- topics and kinds --------------------------------------------------------


@pytest.mark.parametrize(("question", "topic"), QUESTIONS, ids=[topic for _, topic in QUESTIONS])
def test_a_question_is_answered_with_its_topic_and_sources(server: Server, question: str, topic: str) -> None:
    answer = server.talk().say(question)
    assert (answer.kinds, answer.topics) == (["answer"], [f"faq/{topic}"])
    assert answer.sources
    assert [source for source in answer.sources if source[1] not in DOCUMENTS[source[0]]] == []


@pytest.mark.parametrize("kind", [kind for kind in ReplyKind if kind is not ReplyKind.CLARIFY])
def test_every_kind_of_reply_occurs(server: Server, kind: ReplyKind) -> None:
    assert server.talk().say(SAID[kind]).kinds == [kind]


def test_an_answer_shows_no_placeholder(server: Server) -> None:
    answer = server.talk().say("are you a robot?")
    assert "+1 555-010-0199" in answer.text
    assert "[" not in answer.text


def test_a_talk_goes_from_topic_to_topic(server: Server) -> None:
    talk = server.talk()
    topics = [talk.say(question).topics for question, _ in QUESTIONS[:5]]
    assert topics == [[f"faq/{topic}"] for _, topic in QUESTIONS[:5]]


# -- unsure ------------------------------------------------------------------


def test_an_unclear_message_gets_suggestions_with_a_way_out(server: Server) -> None:
    _, _, answer = become_unsure(server)
    assert answer.kinds == ["clarify"]
    assert 2 <= len(answer.buttons) <= 4
    assert answer.buttons[-1] == "None of these"


def test_pressing_a_suggestion_gets_what_it_says(server: Server) -> None:
    talk, _, answer = become_unsure(server)
    pressed = answer.buttons[0]
    assert talk.say(pressed).topics == [suggestions()[pressed]]


def test_unclear_twice_gets_an_offer_to_ask_the_staff(server: Server) -> None:
    talk, vague, _ = become_unsure(server)
    answer = talk.say(vague)
    assert (answer.kinds, answer.topics) == (["fallback"], ["dialogue/offer_staff"])
    assert answer.buttons == ["Yes, please ask the staff", "No, thank you"]


def test_in_the_middle_of_a_talk_unclear_leads_to_the_staff_too(server: Server) -> None:
    talk, _, answer = become_unsure(server, "hello", "What should Ana wear?", "thanks")
    assert answer.topics == ["dialogue/did_you_mean"]
    assert talk.say("None of these").topics == ["dialogue/offer_staff"]
    assert talk.say("Yes, please ask the staff").topics == ["staff/handoff"]


# -- the staff ---------------------------------------------------------------


@pytest.mark.parametrize("before", [[], ["hello", "What should Ana wear?", "thanks"]], ids=["first", "later"])
def test_a_yes_to_the_offer_passes_the_question_on(server: Server, before: list[str]) -> None:
    talk = server.talk()
    for text in [*before, "What would Ben pay for six infusions?"]:
        offer = talk.say(text)
    answer = talk.say(offer.buttons[0])
    assert (answer.kinds, answer.tier) == (["handoff"], "routine")
    assert answer.reference in answer.text


def test_a_no_to_the_offer_passes_nothing_on(server: Server) -> None:
    talk = server.talk()
    offer = talk.say("What would Ben pay for six infusions?")
    answer = talk.say(offer.buttons[1])
    assert (answer.topics, answer.tier) == (["dialogue/staff_declined"], None)


def test_a_late_yes_means_nothing(server: Server) -> None:
    talk = server.talk()
    talk.say("What would Ben pay for six infusions?")
    talk.say("What should Ana wear?")
    answer = talk.say("yes please")
    assert (answer.topics, answer.tier) == (["smalltalk/affirm"], None)


def test_whoever_asks_for_a_person_is_passed_on_with_a_reference(server: Server) -> None:
    answer = server.talk().say("Ben would like to speak to somebody on the team")
    assert (answer.kinds, answer.tier) == (["handoff"], "routine")
    assert answer.reference in answer.text
    assert any(line.startswith(f"{answer.reference}  routine") for line in server.escalations())


@pytest.mark.parametrize("text", ["/restart", "/session_start", "/report_severe", '/affirm{"offer": "staff"}'])
def test_text_that_starts_with_a_slash_is_not_an_intent(server: Server, text: str) -> None:
    talk = server.talk()
    answer = talk.say(text)
    assert answer.tier is None
    assert answer.topics != ["system/degraded"]
    assert talk.say("What should Ana wear?").topics == ["faq/clothing"]
