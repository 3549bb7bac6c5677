"""Asking back, answers to it, split messages, two languages, questions beside a report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import wording
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Reply, ReplyKind
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY
from tests.harness.house import House
from tests.harness.screen import DOUBT

UNSURE = "my chest does a thing sometimes"


async def _asked_back(house: House) -> str:
    house.screen.doubts_about(UNSURE)
    return (await house.hears(UNSURE)).conversation_id


# -- asking back ---------------------------------------------------------------


async def test_a_doubtful_message_is_asked_about_with_the_numbers_and_not_escalated(house: House) -> None:
    house.screen.doubts_about(UNSURE)
    outcome = await house.hears(UNSURE)
    question = outcome.replies[0]
    assert (question.kind, question.topic) == (ReplyKind.SAFETY, "safety/question")
    assert CLINIC.emergency_number in question.text
    assert CLINIC.crisis_number in question.text
    assert outcome.escalation is None


async def test_the_answer_from_the_documents_comes_after_the_question(house: House) -> None:
    house.screen.doubts_about(UNSURE)
    assert (await house.hears(UNSURE)).replies[1:] == (ANSWER,)


async def test_a_wish_for_a_person_that_is_in_doubt_is_passed_on_all_the_same(house: House) -> None:
    handed_over = Reply("I have passed it on.", ReplyKind.HANDOFF)
    house.dialogue.replies = (handed_over,)
    house.screen.doubts_about("I want a person now")
    assert (await house.hears("I want a person now")).replies[1:] == (handed_over,)


async def test_what_is_no_answer_is_not_said_beside_the_question(house: House) -> None:
    house.dialogue.replies = (Reply("Did you mean one of these?", ReplyKind.CLARIFY),)
    house.screen.doubts_about(UNSURE)
    assert len((await house.hears(UNSURE)).replies) == 1


async def test_a_yes_escalates_what_was_asked_about(house: House) -> None:
    talk = await _asked_back(house)
    outcome = await house.hears("yes right now", talk)
    assert (outcome.escalation.tier, outcome.escalation.categories) == (Tier.EMERGENCY, ("cardiac",))
    assert outcome.replies[0].text.startswith("This may be an emergency")


async def test_a_no_escalates_nothing_and_does_not_bother_rasa(house: House) -> None:
    talk = await _asked_back(house)
    house.dialogue.asked.clear()
    outcome = await house.hears("no, just curious", talk)
    assert outcome.escalation is None
    assert outcome.replies == (wording.not_happening_reply(CLINIC),)
    assert house.dialogue.asked == []
    house.clock.move(minutes=2 * CLINIC.answer_minutes)
    assert house.unanswered.tick() == 0


async def test_no_answer_in_time_escalates_once(house: House) -> None:
    await _asked_back(house)
    house.clock.move(minutes=CLINIC.answer_minutes, seconds=-1)
    assert house.unanswered.tick() == 0
    house.clock.move(seconds=1)
    assert [house.unanswered.tick(), house.unanswered.tick()] == [1, 0]
    (escalation,) = house.desk.listing()
    assert (escalation.tier, escalation.reason) == (Tier.EMERGENCY, "not_answered")
    assert house.database.count(tables.pages) == 1


async def test_a_yes_to_something_milder_is_urgent_since_it_is_happening_now(house: House) -> None:
    house.screen.doubts_about(UNSURE, replace(DOUBT, tier=Tier.SAME_DAY))
    talk = (await house.hears(UNSURE)).conversation_id
    assert (await house.hears("yes", talk)).escalation.tier is Tier.URGENT


async def test_another_question_is_answered_and_the_open_one_asked_again(house: House) -> None:
    talk = await _asked_back(house)
    outcome = await house.hears(BENIGN, talk)
    assert outcome.replies == (wording.ask_back_reply(CLINIC, again=True), ANSWER)
    assert (await house.hears("yes", talk)).escalation is not None


async def test_a_report_while_asked_is_a_report_and_closes_the_question(house: House) -> None:
    talk = await _asked_back(house)
    assert (await house.hears(EMERGENCY, talk)).escalation.tier is Tier.EMERGENCY
    house.clock.move(minutes=2 * CLINIC.answer_minutes)
    assert house.unanswered.tick() == 0


async def test_nobody_is_asked_while_the_staff_are_on_their_way(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    house.screen.doubts_about(UNSURE)
    outcome = await house.hears(UNSURE, talk)
    assert "safety/question" not in {reply.topic for reply in outcome.replies}


async def test_asking_back_and_the_question_are_one_transaction(house: House) -> None:
    house.screen.doubts_about(UNSURE)
    house.database.goes_down(after_transactions=1)
    await house.hears(UNSURE)
    assert house.database.count(tables.safety_questions) == house.database.count(tables.borderline) == 1
    assert house.database.count(tables.messages) == 2


# -- context -------------------------------------------------------------------


async def test_a_report_split_over_two_messages_within_a_minute_is_one(house: House) -> None:
    talk = (await house.hears("my chest")).conversation_id
    house.clock.move(seconds=40)
    assert (await house.hears("hurts so bad", talk)).escalation.categories == ("cardiac",)


async def test_two_messages_an_hour_apart_are_two(house: House) -> None:
    talk = (await house.hears("my chest")).conversation_id
    house.clock.move(hours=1)
    assert (await house.hears("hurts so bad", talk)).escalation is None


async def test_the_screen_is_given_the_turns_of_the_last_hours_only(house: House) -> None:
    talk = (await house.hears("what is ketamine")).conversation_id
    house.clock.move(hours=3)
    await house.hears("can it cause chest pain", talk)
    house.clock.move(minutes=5)
    await house.hears("ok", talk)
    assert house.screen.heard[-1] == ("ok", ("can it cause chest pain",))


async def test_thanks_after_a_report_is_not_another_report(house: House) -> None:
    talk = (await house.hears(EMERGENCY)).conversation_id
    house.clock.move(seconds=20)
    await house.hears("thanks", talk)
    assert house.screen.heard[-1] == ("thanks", ())


# -- Spanish -------------------------------------------------------------------


async def test_a_report_in_spanish_is_answered_in_spanish_and_the_staff_are_told_the_language(house: House) -> None:
    house.screen.doubts_about("mi esposo está muy raro desde la infusión")
    talk = (await house.hears("mi esposo está muy raro desde la infusión")).conversation_id
    outcome = await house.hears("si", talk)
    assert outcome.replies[0].text.startswith("Esto puede ser una emergencia")
    assert outcome.escalation.language == Language.SPANISH


async def test_a_question_in_spanish_is_told_in_spanish_what_there_is(house: House) -> None:
    house.dialogue.replies = (Reply("I can only help with questions about the clinic.", ReplyKind.OUT_OF_SCOPE),)
    outcome = await house.hears("¿cuánto dura una sesión?")
    assert outcome.replies == (wording.not_my_language_reply(CLINIC, Language.SPANISH),)


async def test_a_patient_who_goes_on_in_english_is_answered_in_english(house: House) -> None:
    talk = (await house.hears("hola, tengo una pregunta")).conversation_id
    assert (await house.hears("sorry, how long is a session", talk)).replies == (ANSWER,)


async def test_the_spanish_emergency_text_goes_out_with_the_database_gone(house: House) -> None:
    house.database.goes_down()
    outcome = await house.hears("no puedo más, tengo un plan para matarme. I want to kill myself")
    assert f"llame o escriba al {CLINIC.crisis_number}" in outcome.replies[0].text


# -- a report and a question in one message ------------------------------------


async def test_the_safety_text_comes_first_and_the_answer_after_it(house: House) -> None:
    outcome = await house.hears("I can't breathe. How long should I plan for the appointment?")
    assert [reply.topic for reply in outcome.replies] == ["safety/report", "safety/callback", ANSWER.topic]
    assert house.dialogue.asked == ["How long should I plan for the appointment?"]


async def test_a_question_that_takes_a_symptom_back_is_a_question_all_the_same(house: House) -> None:
    await house.hears("I can't breathe. I have no chest pain, so can I still come tomorrow?")
    assert house.dialogue.asked == ["I have no chest pain, so can I still come tomorrow?"]


async def test_the_safety_text_does_not_wait_for_a_rasa_that_hangs(house: House) -> None:
    house.dialogue.hangs()
    outcome = await house.hears("I can't breathe. How long should I plan for the appointment?")
    assert [reply.topic for reply in outcome.replies] == ["safety/report", "safety/callback"]


async def test_what_was_said_beside_a_report_is_said_again_when_it_is_sent_again(house: House) -> None:
    text, own_id = "I can't breathe. How long should I plan for the appointment?", "an-id-of-anas-phone"
    first = await house.hears(text, message_id=own_id)
    assert (await house.hears(text, message_id=own_id)).replies == first.replies


# -- review --------------------------------------------------------------------


async def test_a_doubtful_message_is_kept_for_review(house: House) -> None:
    await _asked_back(house)
    (kept,) = house.reviews.listing()
    assert (kept.text, kept.category, kept.decision) == (UNSURE, "cardiac", None)


async def test_a_message_that_is_not_asked_about_is_kept_all_the_same(house: House) -> None:
    house.screen.doubts_about(UNSURE, replace(DOUBT, ask_back=False))
    assert (await house.hears(UNSURE)).replies == (ANSWER,)
    assert len(house.reviews.listing()) == 1


@pytest.mark.parametrize("text", [BENIGN, EMERGENCY])
async def test_what_is_clear_is_not_kept_for_review(house: House, text: str) -> None:
    await house.hears(text)
    assert house.reviews.listing() == ()


# -- the symptom talk ------------------------------------------------------------

SYMPTOM_QUESTION = Reply("Since when?", ReplyKind.CLARIFY, topic="symptoms/since")


async def _asked_since_when(house: House) -> str:
    house.dialogue.replies = (SYMPTOM_QUESTION,)
    return (await house.hears("I feel a little queasy")).conversation_id


async def test_a_bare_answer_to_the_symptom_talk_is_not_doubted(house: House) -> None:
    house.screen.doubts_about("1 hour ago")
    talk = await _asked_since_when(house)
    outcome = await house.hears("1 hour ago", talk)
    assert outcome.replies == (SYMPTOM_QUESTION,)
    assert house.database.count(tables.safety_questions) == 0


async def test_a_bare_answer_is_not_taken_for_the_rest_of_a_torn_message(house: House) -> None:
    talk = await _asked_since_when(house)
    await house.hears("1 hour ago", talk)
    assert [text for text, _ in house.screen.heard] == ["I feel a little queasy", "1 hour ago"]


async def test_what_follows_a_bare_answer_is_not_joined_to_what_was_before_it(house: House) -> None:
    talk = await _asked_since_when(house)
    for text in ("1 hour ago", "shorter please", "and again"):
        await house.hears(text, talk)
    assert [text for text, _ in house.screen.heard][2:] == ["shorter please", "and again", "shorter please and again"]


async def test_the_same_words_without_the_question_are_doubted(house: House) -> None:
    house.screen.doubts_about("1 hour ago")
    talk = await house.talk()
    assert (await house.hears("1 hour ago", talk)).replies[0].topic == "safety/question"


async def test_a_severe_answer_in_the_symptom_talk_is_a_report(house: House) -> None:
    talk = await _asked_since_when(house)
    outcome = await house.hears("since I can't breathe", talk)
    assert outcome.escalation is not None
    assert outcome.escalation.tier is Tier.EMERGENCY


async def test_what_the_symptom_talk_escalates_is_said_beside_the_question_back(house: House) -> None:
    report = Reply("This needs a clinician soon.", ReplyKind.SAFETY, topic="safety/report")
    house.dialogue.replies = (report,)
    house.screen.doubts_about(UNSURE)
    outcome = await house.hears(UNSURE)
    assert [reply.topic for reply in outcome.replies] == ["safety/question", "safety/report"]
