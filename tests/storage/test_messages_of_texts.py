"""What texting asks of the stored talk."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.messages import Reply, ReplyKind
from bot.services.ports import StoredMessage
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START

LATER = START + timedelta(minutes=5)


def _texted(uow: SqlUnitOfWork, talk: str, message_id: str, channel: str = "sms") -> StoredMessage:
    uow.webhooks.keep(f"{channel}:{message_id}", talk, START)
    return uow.messages.add_inbound(talk, message_id, "hello", {"tier": None}, START)


def _reply(text: str) -> Reply:
    return Reply(text, ReplyKind.ANSWER)


def test_the_last_replies_are_those_to_one_message_and_no_notice(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    first, second = (uow.messages.add_inbound(talk, name, name, {}, START) for name in ("1", "2"))
    uow.messages.add_replies(first, [_reply("one")], START)
    uow.messages.add_replies(second, [_reply("two"), _reply("three")], START)
    uow.messages.add_notice(talk, "notice", "notice", _reply("seen"), START)
    assert [reply.text for reply in uow.messages.last_replies(talk)] == ["two", "three"]


def test_a_talk_in_which_nothing_was_said_has_no_last_replies(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    uow.messages.add_inbound(talk, "1", "hello", {}, START)
    assert uow.messages.last_replies(talk) == ()


def test_what_is_said_knows_its_place_in_the_talk(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    message = uow.messages.add_inbound(talk, "1", "hello", {}, START)
    said = uow.messages.add_replies(message, [_reply("one"), _reply("two")], START)
    notice = uow.messages.add_notice(talk, "notice", "notice", _reply("seen"), START)
    assert [reply.position for reply in (*said, notice)] == [2, 3, 4]
    assert uow.messages.add_notice(talk, "notice", "notice", _reply("seen"), START) is None


def test_a_text_without_an_answer_is_found_after_a_while(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    forgotten, answered = _texted(uow, talk, "SM1"), _texted(uow, talk, "SM2")
    uow.messages.add_replies(answered, [], START)
    assert uow.messages.unanswered("sms", LATER, 9) == (forgotten,)
    assert uow.messages.unanswered("sms", START, 9) == ()


def test_what_came_by_another_way_is_no_text_without_an_answer(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    _texted(uow, talk, "CA1:1", "phone")
    uow.messages.add_inbound(talk, "web", "hello", {}, START)
    assert uow.messages.unanswered("sms", LATER, 9) == ()


def test_a_turn_knows_whether_it_was_asked_back_about(uow: SqlUnitOfWork) -> None:
    talk = uow.conversations.add("sms", START).id
    for name, doubt in (("1", None), ("2", {"ask_back": False}), ("3", {"ask_back": True})):
        uow.messages.add_inbound(talk, name, name, {"doubt": doubt}, START)
    assert [turn.asked_back for turn in uow.messages.patient_turns(talk, 9)] == [False, False, True]
