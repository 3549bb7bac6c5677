"""Who is writing, what was helpful, what is forgotten: as stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.conversation import Mode
from bot.domain.escalation import Status, Tier
from bot.domain.messages import Reply, ReplyKind, Source
from bot.services.live_ports import Side
from bot.services.ports import Decision, StoredMessage
from bot.services.telephone_ports import Purpose
from bot.storage import tables
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.storage import SEALER, Database
from tests.storage.test_repositories import an_escalation

LATER = START + timedelta(hours=1)
ANSWER = Reply("No driving, Ana.", ReplyKind.ANSWER, "faq/driving", sources=(Source("Guide", "Intro"),)).approved()
GREETING = Reply("Hello, Ana.", ReplyKind.SMALLTALK, "smalltalk/greet")
WORDS = ("chest hurts", "No driving", "Hello, Ana.", "'chest'", "as she said", "Texted to her.", "Said on the phone.")


def _talk(uow: SqlUnitOfWork) -> StoredMessage:
    anas = uow.conversations.add("web", START)
    message = uow.messages.add_inbound(anas.id, "m-1", "my chest hurts", {"evidence": [{"words": "chest"}]}, START)
    uow.messages.add_replies(message, (ANSWER, GREETING), START)
    return message


# -- typing --------------------------------------------------------------------


def test_each_side_writes_for_itself(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START).id
    assert uow.typing.until(anas, Side.STAFF) is None
    uow.typing.set(anas, Side.STAFF, START)
    uow.typing.set(anas, Side.PATIENT, LATER)
    assert (uow.typing.until(anas, Side.STAFF), uow.typing.until(anas, Side.PATIENT)) == (START, LATER)
    uow.typing.set(anas, Side.STAFF, None)
    assert (uow.typing.until(anas, Side.STAFF), uow.typing.until(anas, Side.PATIENT)) == (None, LATER)


# -- feedback ------------------------------------------------------------------


def test_an_approved_answer_is_found_by_its_position(uow: SqlUnitOfWork) -> None:
    message = _talk(uow)
    found = uow.feedback.answer(message.conversation_id, 2)
    assert found is not None
    assert (found.topic, found.version) == ("faq/driving", ANSWER.version)


@pytest.mark.parametrize("position", [1, 3, 4])
def test_what_is_no_approved_answer_cannot_be_rated(uow: SqlUnitOfWork, position: int) -> None:
    message = _talk(uow)
    assert uow.feedback.answer(message.conversation_id, position) is None


def test_feedback_is_kept_once_and_the_last_word_counts(database: Database) -> None:
    with database() as uow:
        message = _talk(uow)
        rated = uow.feedback.answer(message.conversation_id, 2)
        assert rated is not None
        for helpful in (True, False):
            uow.feedback.rate(rated, helpful, START)
        assert [entry.helpful for entry in uow.messages.talk(message.conversation_id, 0, 10)] == [None, False, None]
        uow.commit()
    (row,) = database.rows(tables.feedback)
    assert (row.topic, row.version, row.helpful) == ("faq/driving", ANSWER.version, False)


def test_feedback_can_be_taken_back(uow: SqlUnitOfWork) -> None:
    message = _talk(uow)
    rated = uow.feedback.answer(message.conversation_id, 2)
    assert rated is not None
    uow.feedback.rate(rated, True, START)
    uow.feedback.rate(rated, None, START)
    assert [entry.helpful for entry in uow.messages.talk(message.conversation_id, 0, 10)] == [None] * 3


# -- forgetting ----------------------------------------------------------------


def _whole_talk(uow: SqlUnitOfWork) -> str:
    """A talk with everything that a talk can have, closed."""
    message = _talk(uow)
    anas = message.conversation_id
    uow.conversations.set_callback_number(anas, "+15550100177", START)
    uow.conversations.set_mode(anas, Mode.STAFF, START)
    uow.typing.set(anas, Side.STAFF, START)
    address = uow.addresses.add("+15550100177", "+15550100200", anas, START)
    (text,) = uow.texts.add(address, "key", ("Texted to her.",), Purpose.ANSWER, START)
    uow.texts.mark_sent(text, "SM1", START)
    uow.calls.add("CA1", anas, address.id, START)
    uow.calls.set_state("CA1", {"heard": "Said on the phone."}, START)
    uow.calls.end("CA1", START)
    uow.safety_questions.ask(message, Tier.URGENT, "cardiac", 0.2, START, START)
    uow.borderlines.add(message.id, Tier.URGENT, "cardiac", 0.2, START)
    rated = uow.feedback.answer(anas, 2)
    assert rated is not None
    uow.feedback.rate(rated, True, START)
    uow.escalations.add(an_escalation(anas, id="e-1"))
    uow.escalations.record("e-1", "assistant", "opened", {"tier": "urgent", "evidence": [{"words": "chest"}]}, START)
    uow.escalations.record("e-1", "noor", "resolved", {"outcome": "handled", "reason": "as she said"}, START)
    uow.escalations.update(an_escalation(anas, id="e-1", status=Status.RESOLVED))
    uow.forgetting.ask(anas, START)
    uow.commit()
    return anas


def _all_rows(database: Database) -> str:
    """Everything that is stored, opened."""
    return repr([database.rows(table) for table in tables.metadata.sorted_tables])


def test_no_word_of_a_forgotten_talk_is_left(database: Database) -> None:
    with database() as uow:
        anas = _whole_talk(uow)
    assert [word for word in WORDS if word not in _all_rows(database)] == []
    with database() as uow:
        uow.forgetting.forget(anas, LATER)
        uow.commit()
    assert [word for word in WORDS if word in _all_rows(database)] == []


def test_no_number_to_call_back_is_left_and_that_a_number_has_stopped_stays(database: Database) -> None:
    with database() as uow:
        anas = _whole_talk(uow)
        uow.forgetting.forget(anas, LATER)
        uow.commit()
        found = uow.conversations.get(anas)
        assert found is not None
        assert found.callback_number is None
        assert uow.addresses.find("+15550100177", "+15550100200") is not None


def test_what_happened_stays_without_a_word(database: Database) -> None:
    with database() as uow:
        anas = _whole_talk(uow)
        uow.forgetting.forget(anas, LATER)
        uow.commit()
        assert uow.forgetting.is_forgotten(anas)
        assert [(line.event, dict(line.detail)) for line in uow.escalations.history("e-1")] == [
            ("opened", {"tier": "urgent"}),
            ("resolved", {"outcome": "handled"}),
        ]
    (feedback,) = database.rows(tables.feedback)
    assert (feedback.message_id, feedback.version, feedback.helpful) == (None, ANSWER.version, True)


def test_other_talks_stay_as_they_are(database: Database) -> None:
    with database() as uow:
        bens = _talk(uow).conversation_id
        anas = _whole_talk(uow)
        uow.forgetting.forget(anas, LATER)
        uow.commit()
        assert not uow.forgetting.is_forgotten(bens)
        assert len(uow.messages.talk(bens, 0, 10)) == 3


def test_asking_twice_is_asking_once(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START).id
    assert [uow.forgetting.ask(anas, START), uow.forgetting.ask(anas, LATER)] == [True, False]
    assert not uow.forgetting.is_forgotten(anas)


def _with_open_case(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    uow.escalations.add(an_escalation(message.conversation_id))


def _with_case_closed_lately(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    case = an_escalation(message.conversation_id, id="e-1", updated_at=LATER)
    uow.escalations.add(case)
    uow.escalations.update(an_escalation(message.conversation_id, id="e-1", status=Status.RESOLVED, updated_at=LATER))


def _with_question(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    uow.safety_questions.ask(message, Tier.URGENT, "cardiac", 0.2, START, START)


def _with_text(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    address = uow.addresses.add("+15550100177", "+15550100200", message.conversation_id, START)
    uow.texts.add(address, "key", ("Texted to her.",), Purpose.ANSWER, START)


def _with_call(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    uow.calls.add("CA1", message.conversation_id, None, LATER)


def _with_borderline(uow: SqlUnitOfWork, message: StoredMessage) -> None:
    uow.borderlines.add(message.id, Tier.URGENT, "cardiac", 0.2, LATER)


@pytest.mark.parametrize(
    "need", [_with_open_case, _with_case_closed_lately, _with_question, _with_borderline, _with_text, _with_call]
)
def test_a_talk_that_staff_need_is_not_free(uow: SqlUnitOfWork, need: object) -> None:
    message = _talk(uow)
    uow.forgetting.ask(message.conversation_id, START)
    assert uow.forgetting.is_free(message.conversation_id, START)
    assert uow.forgetting.due(START, 10) == (message.conversation_id,)
    need(uow, message)  # type: ignore[operator]
    assert not uow.forgetting.is_free(message.conversation_id, START)
    assert uow.forgetting.due(START, 10) == ()


def test_a_borderline_message_that_is_decided_or_old_holds_up_nothing(uow: SqlUnitOfWork) -> None:
    message = _talk(uow)
    _with_borderline(uow, message)
    assert uow.forgetting.is_free(message.conversation_id, LATER)
    uow.borderlines.decide(message.id, Decision("noor", None, "cardiac"), LATER)
    assert uow.forgetting.is_free(message.conversation_id, START)


def test_a_need_of_one_talk_does_not_hold_up_another(uow: SqlUnitOfWork) -> None:
    anas, bens = _talk(uow), _talk(uow)
    for message in (anas, bens):
        uow.forgetting.ask(message.conversation_id, START)
    _with_open_case(uow, anas)
    assert uow.forgetting.due(START, 10) == (bens.conversation_id,)


def test_what_is_forgotten_is_not_due_again(uow: SqlUnitOfWork) -> None:
    message = _talk(uow)
    uow.forgetting.ask(message.conversation_id, START)
    uow.forgetting.forget(message.conversation_id, START)
    assert uow.forgetting.due(LATER, 10) == ()


def test_the_history_is_sealed_again(database: Database) -> None:
    with database() as uow:
        uow.forgetting.forget(_whole_talk(uow), LATER)
        uow.commit()
    details = [row["detail"] for row in database.stored(tables.escalation_events)]
    assert [SEALER.is_current(detail) for detail in details] == [True, True]
