"""Calls, and webhook deliveries that were acted on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.services.telephone_ports import Call
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.storage import Database

LATER = START + timedelta(minutes=5)


def _call(uow: SqlUnitOfWork, call_id: str = "CA1") -> Call:
    return uow.calls.add(call_id, uow.conversations.add("phone", START).id, None, START)


def test_a_call_comes_back_as_it_began(uow: SqlUnitOfWork) -> None:
    withheld = _call(uow)
    anas = uow.addresses.add("+15555550101", "+15555550190", withheld.conversation_id, START)
    hers = uow.calls.add("CA2", withheld.conversation_id, anas.id, START)
    assert uow.calls.get("CA1") == withheld == Call("CA1", withheld.conversation_id, None, {}, ended=False)
    assert uow.calls.get("CA2") == hers
    assert uow.calls.get("CA3") is None


def test_the_state_of_one_call_changes_alone(uow: SqlUnitOfWork) -> None:
    _call(uow), _call(uow, "CA2")
    state = {"turn": 2, "heard": "my chest hurts", "menu": [1, None]}
    uow.calls.set_state("CA1", state, LATER)
    assert [uow.calls.get(each).state for each in ("CA1", "CA2")] == [state, {}]


def test_a_call_ends_once(uow: SqlUnitOfWork) -> None:
    _call(uow), _call(uow, "CA2")
    assert [uow.calls.end("CA1", LATER), uow.calls.end("CA1", LATER), uow.calls.end("CA3", LATER)] == [
        True,
        False,
        False,
    ]
    assert [uow.calls.get(each).ended for each in ("CA1", "CA2")] == [True, False]


def test_a_delivery_gets_the_same_answer_again(uow: SqlUnitOfWork) -> None:
    uow.webhooks.keep("SM1", "<Response/>", START)
    assert [uow.webhooks.answer("SM1"), uow.webhooks.answer("SM2")] == ["<Response/>", None]


def test_a_delivery_is_acted_on_once(database: Database) -> None:
    def act() -> None:
        with database() as uow:
            uow.webhooks.keep("SM1", "<Response/>", START)
            uow.commit()

    act()
    with pytest.raises(Conflict):
        act()


def test_old_deliveries_are_forgotten_the_oldest_first(uow: SqlUnitOfWork) -> None:
    for number in range(4):
        uow.webhooks.keep(f"SM{number}", "", START + timedelta(hours=number))
    before = START + timedelta(hours=3)
    assert [uow.webhooks.forget(before, limit=2), uow.webhooks.answer("SM2")] == [2, ""]
    assert [uow.webhooks.forget(before, limit=2), uow.webhooks.answer("SM2"), uow.webhooks.answer("SM3")] == [
        1,
        None,
        "",
    ]
