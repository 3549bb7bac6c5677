"""What is stored is what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Mode, new_id
from bot.domain.errors import Conflict, StorageUnavailable
from bot.domain.escalation import Escalation, Status, Tier, new_reference
from bot.domain.messages import Button, Reply, ReplyKind, Source
from bot.services.ports import StoredMessage
from bot.storage import tables
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.storage import SEALER, Database

LATER = START + timedelta(minutes=5)
REPLY = Reply("Yes, Ana.", ReplyKind.CLARIFY, "dialogue/x", "Yes", (Button("A", "a"),), (Source("Guide", "Intro"),))


def an_escalation(conversation_id: str, tier: Tier = Tier.URGENT, **changes: object) -> Escalation:
    whole = Escalation(
        id=new_id(),
        reference=new_reference(),
        conversation_id=conversation_id,
        tier=tier,
        categories=("cardiac", "respiratory"),
        status=Status.OPEN,
        reason="screen",
        opened_at=START,
        updated_at=START,
    )
    return replace(whole, **changes)


def _wrote(uow: SqlUnitOfWork, conversation_id: str, client_id: str, text: str = "hello") -> StoredMessage:
    return uow.messages.add_inbound(conversation_id, client_id, text, {"tier": None}, START)


def test_a_conversation_is_found_by_its_id(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START)
    assert uow.conversations.get(anas.id) == anas
    assert anas.mode is Mode.BOT


def test_a_conversation_is_found_by_its_sender(uow: SqlUnitOfWork) -> None:
    bens = uow.conversations.add("slack", START, sender_key="slack:ben")
    assert uow.conversations.by_sender("slack:ben") == bens
    assert uow.conversations.by_sender("slack:cleo") is None


def test_a_senders_key_is_stored_as_its_keyed_hash(database: Database) -> None:
    with database() as uow:
        uow.conversations.add("slack", START, sender_key="slack:ben")
        uow.conversations.add("web", START)
        uow.commit()
    assert {row.sender_key for row in database.rows(tables.conversations)} == {SEALER.lookup("slack:ben"), None}


def test_a_number_to_call_back_comes_back_and_is_nobody_elses(uow: SqlUnitOfWork) -> None:
    anas, bens = uow.conversations.add("web", START), uow.conversations.add("web", START)
    uow.conversations.set_callback_number(anas.id, "+15555550101", LATER)
    numbers = [uow.conversations.get(each.id).callback_number for each in (anas, bens)]
    assert numbers == ["+15555550101", None]


def test_a_conversation_that_is_not_stored_is_not_found(uow: SqlUnitOfWork) -> None:
    assert uow.conversations.get("nobodys") is None


def test_the_mode_of_one_conversation_changes_alone(uow: SqlUnitOfWork) -> None:
    anas, bens = uow.conversations.add("web", START), uow.conversations.add("web", START)
    uow.conversations.set_mode(anas.id, Mode.WAITING, LATER)
    assert [uow.conversations.get(each.id).mode for each in (anas, bens)] == [Mode.WAITING, Mode.BOT]


def test_a_message_comes_back_as_it_was_written(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START)
    message = _wrote(uow, anas.id, "m-1", "Grüße \U0001f62d 'quoted'; --")
    assert uow.messages.find(anas.id, "m-1") == message


def test_a_message_is_found_only_in_its_own_conversation(uow: SqlUnitOfWork) -> None:
    anas, bens = uow.conversations.add("web", START), uow.conversations.add("web", START)
    _wrote(uow, anas.id, "m-1")
    assert uow.messages.find(bens.id, "m-1") is None


def test_replies_come_back_in_order_and_answer_the_message(uow: SqlUnitOfWork) -> None:
    message = _wrote(uow, uow.conversations.add("web", START).id, "m-1")
    second = Reply("And no.", ReplyKind.ANSWER)
    uow.messages.add_replies(message, (REPLY, second), LATER)
    assert uow.messages.replies_to(message.id) == (REPLY, second)
    assert uow.messages.find(message.conversation_id, "m-1") == replace(message, answered=True)


def test_turns_are_the_patients_latest_oldest_first(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START)
    for number in range(4):
        message = _wrote(uow, anas.id, f"m-{number}", f"turn {number}")
        uow.messages.add_replies(message, (REPLY,), START)
    turns = uow.messages.patient_turns(anas.id, 3)
    assert [turn.text for turn in turns] == ["turn 1", "turn 2", "turn 3"]
    assert {(turn.at, turn.reported) for turn in turns} == {(START, False)}


def test_the_topic_of_what_was_said_last_is_found(uow: SqlUnitOfWork) -> None:
    anas, bens = uow.conversations.add("web", START), uow.conversations.add("web", START)
    message = _wrote(uow, anas.id, "m-1")
    uow.messages.add_replies(message, [REPLY, replace(REPLY, topic="symptoms/since")], START)
    _wrote(uow, anas.id, "m-2")
    assert uow.messages.last_topic(anas.id) == "symptoms/since"
    assert uow.messages.last_topic(bens.id) is None


def test_a_turn_knows_whether_it_only_answered_a_question(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START)
    for number, answers in enumerate((False, True)):
        uow.messages.add_inbound(anas.id, f"m-{number}", "3 days", {"bare_answer": answers}, START)
    assert [turn.bare_answer for turn in uow.messages.patient_turns(anas.id, 2)] == [False, True]


@pytest.mark.parametrize(
    ("channel", "client_id", "since", "found"),
    [
        ("web", "first", START, True),
        ("web", "first", LATER, False),
        ("sms", "first", START, False),
        ("web", "second", START, False),
    ],
)
def test_only_the_recent_first_message_of_a_talk_is_found_without_it(
    uow: SqlUnitOfWork, channel: str, client_id: str, since: object, found: bool
) -> None:
    anas = uow.conversations.add("web", START)
    _wrote(uow, anas.id, "first")
    _wrote(uow, anas.id, "second")
    assert (uow.messages.first_with(channel, client_id, since) is not None) is found


def test_the_database_holds_a_message_id_once_a_conversation(database: Database) -> None:
    def write_twice() -> None:
        with database() as uow:
            anas = uow.conversations.add("web", START)
            _wrote(uow, anas.id, "m-1")
            _wrote(uow, anas.id, "m-1")

    with pytest.raises(Conflict):
        write_twice()


def test_two_conversations_may_have_the_same_message_id(uow: SqlUnitOfWork) -> None:
    ids = [_wrote(uow, uow.conversations.add("web", START).id, "1").id for _ in range(2)]
    assert len(set(ids)) == 2


def test_an_escalation_comes_back_as_it_was_opened(uow: SqlUnitOfWork) -> None:
    escalation = an_escalation(uow.conversations.add("web", START).id)
    uow.escalations.add(escalation)
    assert uow.escalations.open_for(escalation.conversation_id) == escalation


def test_the_database_holds_one_open_escalation_a_conversation(database: Database) -> None:
    def open_twice() -> None:
        with database() as uow:
            anas = uow.conversations.add("web", START)
            uow.escalations.add(an_escalation(anas.id))
            uow.escalations.add(an_escalation(anas.id))

    with pytest.raises(Conflict):
        open_twice()


def test_after_one_is_resolved_another_can_be_opened(uow: SqlUnitOfWork) -> None:
    anas = uow.conversations.add("web", START)
    first, second = an_escalation(anas.id), an_escalation(anas.id)
    uow.escalations.add(first)
    uow.escalations.update(replace(first, status=Status.RESOLVED, updated_at=LATER))
    uow.escalations.add(second)
    assert uow.escalations.open_for(anas.id) == second


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKNOWLEDGED, Status.WITH_STAFF])
def test_an_escalation_that_is_not_resolved_stays_the_open_one(uow: SqlUnitOfWork, status: Status) -> None:
    escalation = an_escalation(uow.conversations.add("web", START).id)
    uow.escalations.add(escalation)
    uow.escalations.update(replace(escalation, status=status))
    assert uow.escalations.open_for(escalation.conversation_id).status is status


def test_the_list_is_most_serious_first_then_longest_waiting(uow: SqlUnitOfWork) -> None:
    opened = [(Tier.ROUTINE, START), (Tier.URGENT, LATER), (Tier.URGENT, START), (Tier.EMERGENCY, LATER)]
    for tier, at in opened:
        uow.escalations.add(an_escalation(uow.conversations.add("web", START).id, tier, opened_at=at))
    listed = [(e.tier, e.opened_at) for e in uow.escalations.listing(include_resolved=False)]
    assert listed == [opened[3], opened[2], opened[1], opened[0]]


@pytest.mark.parametrize(("include", "count"), [(False, 0), (True, 1)])
def test_resolved_escalations_are_listed_only_when_asked_for(uow: SqlUnitOfWork, include: bool, count: int) -> None:
    escalation = an_escalation(uow.conversations.add("web", START).id)
    uow.escalations.add(escalation)
    uow.escalations.update(replace(escalation, status=Status.RESOLVED))
    assert len(uow.escalations.listing(include_resolved=include)) == count


def test_a_message_is_attached_to_an_escalation_once(uow: SqlUnitOfWork) -> None:
    escalation = an_escalation(uow.conversations.add("web", START).id)
    uow.escalations.add(escalation)
    assert [uow.escalations.attach(escalation.id, "m-1") for _ in range(2)] == [True, False]


def test_history_is_kept_with_its_detail(database: Database) -> None:
    with database() as uow:
        escalation = an_escalation(uow.conversations.add("web", START).id)
        uow.escalations.add(escalation)
        uow.escalations.record(escalation.id, "assistant", "opened", {"tier": "urgent"}, LATER)
        uow.commit()
    (event,) = database.rows(tables.escalation_events)
    assert (event.actor, event.event, event.detail, event.at) == ("assistant", "opened", {"tier": "urgent"}, LATER)


def test_an_escalation_of_no_conversation_is_refused(database: Database) -> None:
    with pytest.raises(StorageUnavailable), database() as uow:
        uow.escalations.add(an_escalation("nobodys"))
