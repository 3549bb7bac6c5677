"""Patients ask, the real model answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.domain.documents import DOCUMENTS
from bot.domain.messages import ReplyKind
from bot.settings import ROOT
from tests.e2e.server import Answer, Server, Talk
from tests.harness.settings import ON_CALL

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
    ReplyKind.SAFETY: "my chest is tight and it hurts down my arm",
    ReplyKind.OUT_OF_SCOPE: "Write a poem about cats",
}
# Which of these is unclear depends on the training; one always is.
VAGUE = [
    "a bit of everything for Ana",
    "Ana thinks about the first part",
    "a little about the middle part",
    "mood",
    "brain",
    "before",
    "week",
]


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
    assert set(server.talk().say(SAID[kind]).kinds) == {kind}


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
    late = talk.say(offer.buttons[0])
    assert (late.topics, late.tier) == (["smalltalk/affirm"], None)


def test_a_yes_after_two_questions_means_the_one_for_the_staff(server: Server) -> None:
    talk = server.talk()
    both = talk.say("What would Ben pay for six infusions, and what should Ana wear?")
    assert both.topics == ["ask_staff/price", "faq/clothing"]
    assert [len(reply["buttons"]) for reply in both.body["replies"]] == [0, 2]
    assert talk.say("yes please").topics == ["staff/handoff"]


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


# -- two questions at once -----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("How long does one session take and what should Ana wear?", ["session_length", "clothing"]),
        ("What should Ana wear? How long does one session take?", ["clothing", "session_length"]),
        ("What should Ana wear, also could Ben get addicted to it?", ["clothing", "dependency"]),
    ],
)
def test_two_questions_are_answered_in_the_order_asked(server: Server, text: str, topics: list[str]) -> None:
    answer = server.talk().say(text)
    assert answer.kinds == ["answer", "answer"]
    assert answer.topics == [f"faq/{topic}" for topic in topics]


def test_of_two_questions_the_one_that_no_document_answers_can_be_passed_on(server: Server) -> None:
    talk = server.talk()
    answer = talk.say("How long does one session take and what would Ben pay for six infusions?")
    assert (answer.kinds, answer.topics) == (["answer", "fallback"], ["faq/session_length", "ask_staff/price"])
    assert talk.say(answer.buttons[0]).kinds == ["handoff"]


# -- turns of a talk -----------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "follow_up", "topic"),
    [
        ("May Ben take his car the same evening?", "and the next day?", "driving"),
        ("How many sessions does Ana need altogether?", "and how often?", "session_frequency"),
        ("What does it feel like during the infusion?", "is that normal?", "what_it_feels_like"),
    ],
)
def test_a_follow_up_is_understood_from_the_question_before(
    server: Server, question: str, follow_up: str, topic: str
) -> None:
    talk = server.talk()
    talk.say(question)
    assert talk.say(follow_up).topics == [f"faq/{topic}"]


@pytest.mark.parametrize(("typed", "place"), [("1", 0), ("the second one", 1), ("option 2", 1)])
def test_a_typed_number_is_the_suggestion_in_that_place(server: Server, typed: str, place: int) -> None:
    talk, _, answer = become_unsure(server)
    assert talk.say(typed).topics == [suggestions()[answer.buttons[place]]]


@pytest.mark.parametrize(("typed", "topic"), [("1", "staff/handoff"), ("2", "dialogue/staff_declined")])
def test_a_typed_number_is_a_yes_or_a_no_to_the_offer(server: Server, typed: str, topic: str) -> None:
    talk = server.talk()
    talk.say("What would Ben pay for six infusions?")
    assert talk.say(typed).topics == [topic]


def test_the_last_answer_is_said_shorter(server: Server) -> None:
    talk = server.talk()
    first = talk.say("What should Ana wear?").body["replies"][0]
    shorter = talk.say("shorter please")
    assert (shorter.text, shorter.topics) == (first["short"], ["faq/clothing"])


@pytest.mark.parametrize("text", ["say that again", "tell me more"])
def test_the_last_answer_is_said_once_more(server: Server, text: str) -> None:
    talk = server.talk()
    first = talk.say("What should Ana wear?")
    talk.say("shorter please")
    assert talk.say(text).text.startswith(first.text)


def test_where_an_answer_comes_from_is_a_document(server: Server) -> None:
    talk = server.talk()
    named = talk.say("What should Ana wear?").sources
    answer = talk.say("where does that come from")
    assert answer.topics == ["dialogue/sources"]
    assert [source for source in named if source[0] not in answer.text or source[1] not in answer.text] == []


@pytest.mark.parametrize("text", ["shorter please", "say that again", "where does that come from"])
def test_before_the_first_answer_there_is_none_to_say_again(server: Server, text: str) -> None:
    assert server.talk().say(text).topics == ["dialogue/nothing_yet"]


def test_starting_over_forgets_the_answer_before(server: Server) -> None:
    talk = server.talk()
    talk.say("What should Ana wear?")
    assert talk.say("start over").topics == ["dialogue/start_over"]
    assert talk.say("shorter please").topics == ["dialogue/nothing_yet"]


def test_starting_over_takes_back_the_offer_of_the_staff(server: Server) -> None:
    talk = server.talk()
    talk.say("What would Ben pay for six infusions?")
    talk.say("start over")
    answer = talk.say("yes please")
    assert (answer.topics, answer.tier) == (["smalltalk/affirm"], None)


def test_an_open_report_outlives_starting_over(server: Server) -> None:
    talk = server.talk()
    report = talk.say("I can't breathe")
    answer = talk.say("start over")
    assert (answer.tier, answer.reference) == (report.tier, report.reference)
    assert report.reference in answer.text


# -- the clinic's own answers --------------------------------------------------

HOURS = "We are open Monday to Friday, 8:00 to 17:00."
PLAN = "We check Cleo's plan before her first visit."


@pytest.fixture(scope="module")
def own(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a clinic that answers two topics itself."""
    folder = tmp_path_factory.mktemp("own")
    answers = {"hours": HOURS, "insurance": {"text": PLAN, "short": "We check it."}}
    clinic = {"name": "Harbor Test Clinic", "phone": "+1 555-010-0177", "answers": answers, "on_call": ON_CALL}
    (folder / "clinic.yml").write_text(yaml.safe_dump(clinic), encoding="utf-8")
    own = Server(folder, CLINIC_FILE=str(folder / "clinic.yml"))
    try:
        yield own.start()
    finally:
        own.stop()


def test_own_answers_need_no_training(own: Server) -> None:
    assert "no training needed" in own.output


def test_a_subject_for_the_staff_is_answered_by_the_clinic(own: Server) -> None:
    answer = own.talk().say("What are your opening hours?")
    assert (answer.kinds, answer.topics) == (["answer"], ["ask_staff/hours"])
    assert answer.text == f"Harbor Test Clinic says: {HOURS}"
    assert answer.buttons == []


def test_the_clinics_own_answer_comes_before_the_general_one(own: Server) -> None:
    answer = own.talk().say("Will Cleo's insurance pay for it?")
    assert answer.text.startswith(f"Harbor Test Clinic says: {PLAN} In general: ")
    assert len(answer.text) > len(PLAN) + 100
    assert answer.sources[0] == ("Harbor Test Clinic", "The clinic's own answer")


def test_the_short_form_of_an_own_answer_is_the_clinics(own: Server) -> None:
    (reply,) = own.talk().say("Will Cleo's insurance pay for it?").body["replies"]
    assert reply["short"] == "Harbor Test Clinic: We check it."


@pytest.mark.parametrize(
    ("question", "short"),
    [("What are your opening hours?", HOURS), ("Will Cleo's insurance pay for it?", "We check it.")],
)
def test_an_own_answer_is_said_shorter_and_names_the_clinic(own: Server, question: str, short: str) -> None:
    talk = own.talk()
    talk.say(question)
    assert talk.say("shorter please").text == f"Harbor Test Clinic: {short}"
    assert "“Harbor Test Clinic”" in talk.say("where does that come from").text


def test_own_answers_are_given_to_two_questions_at_once(own: Server) -> None:
    answer = own.talk().say("What are your opening hours and will Cleo's insurance pay for it?")
    assert answer.topics == ["ask_staff/hours", "faq/insurance"]
    assert [words for words in (HOURS, PLAN) if words not in answer.text] == []


def test_other_topics_are_answered_as_ever(own: Server) -> None:
    answer = own.talk().say("What should Ana wear?")
    assert answer.topics == ["faq/clothing"]
    assert "Harbor Test Clinic" not in answer.text
