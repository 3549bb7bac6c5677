"""The outbox of texts: in order for each patient, sent once, and honest about what is not known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.services.telephone_ports import Address, Consent, Purpose, Text, TextState
from bot.storage import tables
from tests.harness.clock import START, FakeClock
from tests.harness.storage import Database

SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)
CLINIC, OTHER_CLINIC = "+15555550190", "+15555550191"


def _address(database: Database, number: str = "+15555550101", clinic: str = CLINIC) -> Address:
    with database() as uow:
        address = uow.addresses.add(number, clinic, uow.conversations.add("sms", START).id, START)
        uow.commit()
    return address


@pytest.fixture
def anas(database: Database) -> Address:
    return _address(database)


@pytest.fixture
def bens(database: Database) -> Address:
    return _address(database, "+15555550102")


def _add(
    database: Database,
    address: Address,
    key: str,
    *bodies: str,
    purpose: Purpose = Purpose.ANSWER,
    state: TextState = TextState.PENDING,
) -> tuple[str, ...]:
    with database() as uow:
        ids = uow.texts.add(address, key, bodies or (key,), purpose, START, state)
        uow.commit()
    return ids


def _lease(database: Database, clock: FakeClock, limit: int = 9) -> tuple[Text, ...]:
    with database() as uow:
        leased = uow.texts.lease_due(clock.now, clock.now + LEASE, limit)
        uow.commit()
    return leased


def _bodies(texts: tuple[Text, ...]) -> list[str]:
    return [text.body for text in texts]


def _sent(database: Database, text: Text, provider_id: str = "SM1") -> None:
    with database() as uow:
        uow.texts.mark_sent(text.id, provider_id, START)
        uow.commit()


def _later(database: Database, text: Text, retry_at: object = START, unsure: bool = False) -> bool:
    with database() as uow:
        done = uow.texts.mark_later(text, "timeout", retry_at, unsure)
        uow.commit()
    return done


def _ended(database: Database, text_id: str, state: TextState, error: str = "") -> bool:
    with database() as uow:
        done = uow.texts.mark_ended(text_id, state, error, START)
        uow.commit()
    return done


def _get(database: Database, text_id: str) -> Text:
    with database() as uow:
        return uow.texts.get(text_id)


# -- queueing ------------------------------------------------------------------


def test_a_text_comes_back_with_the_numbers_of_its_address(database: Database, anas: Address) -> None:
    first, second = _add(database, anas, "answer", "one", "two", purpose=Purpose.SAFETY)
    with database() as uow:
        parts = uow.texts.of_key("answer")
        assert parts == (uow.texts.get(first), uow.texts.get(second))
    assert parts[0] == Text(
        first, anas.id, anas.conversation_id, anas.number, CLINIC, "one", Purpose.SAFETY, TextState.PENDING, 0,
        unsure=False, stopped=False, provider_id=None, created_at=START,
    )  # fmt: skip
    assert _bodies(parts) == ["one", "two"]


def test_the_same_key_is_queued_once(database: Database, anas: Address) -> None:
    assert len(_add(database, anas, "answer", "one", "two")) == 2
    assert _add(database, anas, "answer", "other words") == ()
    assert database.count(tables.texts) == 2


def test_nothing_to_say_queues_nothing(database: Database, anas: Address) -> None:
    with database() as uow:
        assert uow.texts.add(anas, "answer", (), Purpose.ANSWER, START) == ()
        assert uow.texts.of_key("answer") == ()
        assert uow.texts.get("nothing") is None


def test_an_address_has_texts_waiting_until_they_are_over(database: Database, anas: Address, bens: Address) -> None:
    (text_id,) = _add(database, anas, "answer")
    with database() as uow:
        assert [uow.texts.waiting(anas.id), uow.texts.waiting(bens.id)] == [True, False]
    _ended(database, text_id, TextState.REFUSED)
    with database() as uow:
        assert not uow.texts.waiting(anas.id)


# -- whose turn ----------------------------------------------------------------


def test_each_patient_gets_one_text_at_a_time_in_order(
    database: Database, clock: FakeClock, anas: Address, bens: Address
) -> None:
    _add(database, anas, "a", "a1", "a2")
    _add(database, bens, "b", "b1")
    _add(database, anas, "c", "a3")
    got = []
    while leased := _lease(database, clock):
        assert _lease(database, clock) == ()
        got.append(sorted(_bodies(leased)))
        for text in leased:
            _sent(database, text)
    assert got == [["a1", "b1"], ["a2"], ["a3"]]


def test_a_text_that_waits_for_its_retry_holds_up_those_behind_it(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a", "a1", "a2")
    (first,) = _lease(database, clock)
    assert _later(database, first, START + 10 * SECOND)
    clock.now += 9 * SECOND
    assert _lease(database, clock) == ()
    clock.now += SECOND
    assert _bodies(_lease(database, clock)) == ["a1"]


@pytest.mark.parametrize("state", [TextState.REFUSED, TextState.FAILED, TextState.DELIVERED])
def test_a_text_that_has_ended_lets_the_next_one_go(
    database: Database, clock: FakeClock, anas: Address, state: TextState
) -> None:
    first, _ = _add(database, anas, "a", "a1", "a2")
    _lease(database, clock)
    assert _ended(database, first, state)
    assert _bodies(_lease(database, clock)) == ["a2"]


def test_safety_texts_leave_first_however_long_others_wait(
    database: Database, clock: FakeClock, anas: Address, bens: Address
) -> None:
    _add(database, anas, "a")
    _add(database, bens, "b", purpose=Purpose.SAFETY)
    assert _bodies(_lease(database, clock, limit=1)) == ["b"]


def test_of_senders_at_the_same_moment_one_gets_the_text(database: Database, clock: FakeClock, anas: Address) -> None:
    _add(database, anas, "a", "a1", "a2")
    start = Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return len(_lease(database, clock))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1


def test_texts_that_are_queued_at_the_same_moment_all_have_their_place(database: Database, anas: Address) -> None:
    start = Barrier(4)

    def work(number: int) -> None:
        start.wait()
        _add(database, anas, f"key {number}", "one", "two")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(row.sequence for row in database.rows(tables.texts)) == list(range(1, 9))


def test_whether_a_number_has_stopped_is_as_of_now(database: Database, clock: FakeClock, anas: Address) -> None:
    _add(database, anas, "a")
    with database() as uow:
        uow.addresses.record(anas.id, Consent.STOPPED, "keyword", "STOP", START)
        uow.commit()
    (text,) = _lease(database, clock)
    assert text.stopped


# -- leases --------------------------------------------------------------------


def test_a_lease_counts_the_try_and_ends(database: Database, clock: FakeClock, anas: Address) -> None:
    _add(database, anas, "a")
    (first,) = _lease(database, clock)
    assert (first.attempts, first.unsure) == (1, False)
    clock.now += LEASE
    assert _lease(database, clock) == ()
    clock.now += SECOND
    assert _lease(database, clock) == (replace(first, attempts=2, unsure=True),)


def test_a_text_of_a_sender_that_died_may_have_been_sent(database: Database, clock: FakeClock, anas: Address) -> None:
    (text_id,) = _add(database, anas, "a")
    _lease(database, clock)
    clock.now += LEASE + SECOND
    _lease(database, clock)
    assert _get(database, text_id).unsure


@pytest.mark.parametrize("unsure", [False, True])
def test_the_next_try_knows_whether_the_last_one_may_have_been_accepted(
    database: Database, clock: FakeClock, anas: Address, unsure: bool
) -> None:
    _add(database, anas, "a")
    (first,) = _lease(database, clock)
    _later(database, first, START, unsure)
    assert _lease(database, clock) == (replace(first, attempts=2, unsure=unsure),)


def test_a_text_is_due_though_the_clock_was_set_back_after_it_was_stored(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a")
    clock.move(hours=-1)
    assert len(_lease(database, clock)) == 1


def test_a_lease_of_a_sender_that_died_before_the_clock_was_set_back_ends_all_the_same(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a", "a1", "a2")
    _lease(database, clock)
    clock.move(hours=-1)
    assert _bodies(_lease(database, clock)) == ["a1"]


def test_a_text_stays_with_a_sender_whose_clock_is_ahead(database: Database, clock: FakeClock, anas: Address) -> None:
    _add(database, anas, "a", "a1", "a2")
    _lease(database, FakeClock(START + SECOND))
    assert _lease(database, clock) == ()


# -- what became of it ---------------------------------------------------------


def test_a_sent_text_is_found_by_what_the_provider_calls_it(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a")
    (text,) = _lease(database, clock)
    _sent(database, text, "SM7")
    with database() as uow:
        found = uow.texts.by_provider_id("SM7")
        assert uow.texts.by_provider_id("SM8") is None
    assert found == replace(text, state=TextState.SENT, provider_id="SM7")


@pytest.mark.parametrize("state", [TextState.DELIVERED, TextState.FAILED])
def test_a_receipt_that_is_faster_than_the_providers_answer_stays(
    database: Database, clock: FakeClock, anas: Address, state: TextState
) -> None:
    _add(database, anas, "a")
    (text,) = _lease(database, clock)
    _ended(database, text.id, state)
    _sent(database, text)
    now = _get(database, text.id)
    assert (now.state, now.provider_id) == (state, "SM1")


def test_a_text_that_left_after_it_was_refused_counts_as_sent(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a")
    (text,) = _lease(database, clock)
    _ended(database, text.id, TextState.REFUSED, "stopped")
    _sent(database, text)
    assert _get(database, text.id).state is TextState.SENT


def test_the_time_of_the_first_try_stays_and_the_provider_id_is_the_last_ones(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a")
    (text,) = _lease(database, clock)
    with database() as uow:
        uow.texts.mark_sent(text.id, None, START)
        uow.texts.mark_sent(text.id, "SM1", START + SECOND)
        uow.texts.mark_sent(text.id, "SM2", START + LEASE)
        uow.texts.mark_sent(text.id, None, START + LEASE)
        uow.commit()
    (row,) = database.rows(tables.texts)
    assert (row.provider_id, row.sent_at) == ("SM2", START)


def test_a_text_ends_once(database: Database, clock: FakeClock, anas: Address) -> None:
    (text_id,) = _add(database, anas, "a")
    (text,) = _lease(database, clock)
    _sent(database, text)
    assert _ended(database, text_id, TextState.FAILED, "30005" * 100)
    assert not _ended(database, text_id, TextState.DELIVERED)
    (row,) = database.rows(tables.texts)
    assert (row.state, row.ended_at, len(row.last_error)) == (TextState.FAILED, START, 200)


@pytest.mark.parametrize("meanwhile", ["sent", "ended", "tried by another"])
def test_the_end_of_a_try_does_not_bring_back_what_is_over(
    database: Database, clock: FakeClock, anas: Address, meanwhile: str
) -> None:
    _add(database, anas, "a")
    (late,) = _lease(database, clock)
    if meanwhile == "sent":
        _sent(database, late)
    elif meanwhile == "ended":
        _ended(database, late.id, TextState.REFUSED)
    else:
        clock.now += LEASE + SECOND
        assert len(_lease(database, clock)) == 1
    before = _get(database, late.id)
    assert not _later(database, late)
    assert (_get(database, late.id), _lease(database, clock)) == (before, ())


# -- in the answer to a webhook --------------------------------------------------


def test_what_went_out_in_an_answer_is_not_sent_again_and_waits_for_a_receipt(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    early, _ = _add(database, anas, "a", "a1", "a2", state=TextState.IN_ANSWER)
    assert _lease(database, clock) == ()
    with database() as uow:
        assert uow.texts.unconfirmed(START, 9) == ()
        assert _bodies(uow.texts.unconfirmed(START + SECOND, 9)) == ["a1", "a2"]
        assert _bodies(uow.texts.unconfirmed(START + SECOND, 1)) == ["a1"]
        uow.texts.mark_sent(early, "SM1", START)
        assert _bodies(uow.texts.unconfirmed(START + SECOND, 9)) == ["a2"]


def test_an_answer_that_got_lost_is_sent_before_what_was_queued_behind_it(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a", "lost", state=TextState.IN_ANSWER)
    _add(database, anas, "b", "behind")
    with database() as uow:
        (lost,) = uow.texts.unconfirmed(START + SECOND, 9)
    assert [_later(database, lost), _later(database, lost)] == [True, False]
    (again,) = _lease(database, clock)
    assert again == replace(lost, state=TextState.PENDING, attempts=2)


def test_an_answer_that_got_lost_waits_while_a_later_text_is_being_sent(
    database: Database, clock: FakeClock, anas: Address
) -> None:
    _add(database, anas, "a", "lost", state=TextState.IN_ANSWER)
    _add(database, anas, "b", "behind")
    (behind,) = _lease(database, clock)
    with database() as uow:
        (lost,) = uow.texts.unconfirmed(START + SECOND, 9)
    _later(database, lost)
    assert _lease(database, clock) == ()
    _sent(database, behind)
    assert _bodies(_lease(database, clock)) == ["lost"]


def test_a_confirmed_answer_is_not_sent_again(database: Database, clock: FakeClock, anas: Address) -> None:
    _add(database, anas, "a", state=TextState.IN_ANSWER)
    with database() as uow:
        (text,) = uow.texts.unconfirmed(START + SECOND, 9)
    _sent(database, text)
    assert not _later(database, text)
    assert _lease(database, clock) == ()


# -- the number's pace -----------------------------------------------------------


def test_what_left_from_a_number_of_the_clinic_is_counted(database: Database, clock: FakeClock, anas: Address) -> None:
    elsewhere = _address(database, clinic=OTHER_CLINIC)
    _add(database, anas, "a", state=TextState.IN_ANSWER)
    _add(database, anas, "b", "sent", "waits")
    _add(database, elsewhere, "c", state=TextState.IN_ANSWER)
    (sent,) = _lease(database, clock)
    _sent(database, sent)
    with database() as uow:
        counts = [uow.texts.sent_since(CLINIC, since) for since in (START, START + SECOND)]
        assert (counts, uow.texts.sent_since(OTHER_CLINIC, START)) == ([2, 0], 1)
