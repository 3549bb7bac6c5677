"""The pager's own loop: every piece of work has its turn, and a sign of life means that all of it was done."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest

from bot.domain.errors import StorageUnavailable
from bot.services.pager_process import SILENT_AFTER, PagerProcess, PagerWatch
from tests.harness.clock import FakeClock
from tests.harness.storage import Database


class Work:
    """Does so much in each turn, or fails."""

    def __init__(self, done: int = 0, error: Exception | None = None) -> None:
        self.done = done
        self.error = error
        self.turns = 0

    def __call__(self) -> int:
        self.turns += 1
        if self.error is not None:
            raise self.error
        return self.done


@pytest.fixture
def watch(database: Database, clock: FakeClock) -> PagerWatch:
    return PagerWatch(database, clock)


def _process(database: Database, clock: FakeClock, *work: Work) -> PagerProcess:
    return PagerProcess(database, clock, work)


def test_a_turn_does_all_the_work_and_says_how_much(database: Database, clock: FakeClock) -> None:
    assert _process(database, clock, Work(2), Work(0), Work(3)).once() == 5


@pytest.mark.parametrize("error", [StorageUnavailable(), ZeroDivisionError()])
def test_work_that_fails_does_not_keep_the_rest_from_its_turn(
    database: Database, clock: FakeClock, error: Exception
) -> None:
    last = Work(1)
    assert _process(database, clock, Work(error=error), last).once() is None
    assert last.turns == 1


def test_a_turn_that_was_done_is_a_sign_of_life(database: Database, clock: FakeClock, watch: PagerWatch) -> None:
    assert (watch.age(), watch.is_silent()) == (None, True)
    _process(database, clock, Work()).once()
    assert (watch.age(), watch.is_silent()) == (timedelta(0), False)


def test_a_pager_of_which_a_part_always_fails_gives_no_sign_of_life(
    database: Database, clock: FakeClock, watch: PagerWatch
) -> None:
    _process(database, clock, Work(1), Work(error=ZeroDivisionError())).once()
    assert watch.is_silent()


@pytest.mark.parametrize(("seconds", "silent"), [(0, False), (1, True)])
def test_a_pager_is_silent_past_the_limit(
    database: Database, clock: FakeClock, watch: PagerWatch, seconds: int, silent: bool
) -> None:
    _process(database, clock).once()
    clock.now += SILENT_AFTER
    clock.move(seconds=seconds)
    assert watch.is_silent() is silent


def test_signs_of_life_go_on_and_are_not_written_every_turn(
    database: Database, clock: FakeClock, watch: PagerWatch
) -> None:
    process = _process(database, clock)
    ages = []
    for _ in range(7):
        process.once()
        ages.append(watch.age().seconds)
        clock.move(seconds=1)
    assert ages == [0, 1, 2, 3, 4, 0, 1]


def test_a_sign_of_life_from_before_the_clock_was_set_back_does_not_count(
    database: Database, clock: FakeClock, watch: PagerWatch
) -> None:
    process = _process(database, clock)
    process.once()
    clock.move(hours=-1)
    assert watch.is_silent()
    process.once()
    assert not watch.is_silent()


def test_silence_is_said_loudly(database: Database, watch: PagerWatch, caplog: pytest.LogCaptureFixture) -> None:
    watch.look()
    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert "pager_silent nobody_is_paged=true" in record.getMessage()


def test_a_pager_that_is_at_work_is_not_talked_about(
    database: Database, clock: FakeClock, watch: PagerWatch, caplog: pytest.LogCaptureFixture
) -> None:
    _process(database, clock).once()
    watch.look()
    assert caplog.records == []


def test_whoever_watches_without_a_database_is_told_so(database: Database, watch: PagerWatch) -> None:
    database.goes_down()
    with pytest.raises(StorageUnavailable):
        watch.is_silent()


def test_the_loop_ends_when_it_is_told_to_and_what_is_due_is_done_without_a_pause(
    database: Database, clock: FakeClock
) -> None:
    stop, turns = threading.Event(), []

    def work() -> int:
        turns.append(1)
        if len(turns) == 100:
            stop.set()
        return 1

    PagerProcess(database, clock, [work]).run(stop)
    assert len(turns) == 100


def test_at_a_first_start_the_tables_are_waited_for_without_an_error(
    database: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Stop(threading.Event):
        """The database comes with the first pause; the second is the end."""

        pauses = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.pauses += 1
            database.comes_back()
            if self.pauses > 1:
                self.set()
            return self.is_set()

    database.goes_down()
    work = Work(0)
    with caplog.at_level(logging.INFO):
        _process(database, clock, work).run(Stop())
    assert work.turns == 1
    assert {record.levelname for record in caplog.records} == {"INFO"}
