"""The outbox: each page is sent by one worker at a time, each timer is taken once, and nothing is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.paging_policy import Position
from bot.services.ports import Page, PagePlan, Timer, TimerKind
from bot.storage import tables
from tests.harness.clock import START, FakeClock
from tests.harness.storage import Database
from tests.storage.test_repositories import an_escalation

LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
STEP = "1.0.0/noor/0"


def _escalate(database: Database, tier: Tier = Tier.EMERGENCY, **changes: object) -> str:
    """An escalation with one page that is due at START."""
    with database() as uow:
        escalation = an_escalation(uow.conversations.add("web", START).id, tier, **changes)
        uow.escalations.add(escalation)
        uow.pages.add(PagePlan(escalation.id, STEP, "noor", 0), START, START)
        uow.commit()
    return escalation.id


@pytest.fixture
def escalation_id(database: Database) -> str:
    """An emergency with one page that is due at START."""
    return _escalate(database)


def _add(database: Database, escalation_id: str, *steps: str) -> list[bool]:
    with database() as uow:
        added = [uow.pages.add(PagePlan(escalation_id, step, "noor", 0), START, START) for step in steps]
        uow.commit()
    return added


def _lease(database: Database, clock: FakeClock, limit: int = 9) -> tuple[Page, ...]:
    with database() as uow:
        due = uow.pages.lease_due(clock.now, clock.now + LEASE, limit)
        uow.commit()
    return due


def _state(database: Database) -> str:
    (row,) = database.rows(tables.pages)
    return str(row.state)


# -- pages ---------------------------------------------------------------------


def test_a_page_knows_what_it_is_about(database: Database, clock: FakeClock, escalation_id: str) -> None:
    (page,) = _lease(database, clock)
    assert (page.escalation_id, page.tier, page.opened_at) == (escalation_id, Tier.EMERGENCY, START)
    assert (page.step, page.person, page.contact, page.attempts, page.canary) == (STEP, "noor", 0, 1, False)


def test_a_page_of_a_drill_says_so(database: Database, clock: FakeClock) -> None:
    _escalate(database, canary=True)
    assert _lease(database, clock)[0].canary


def test_a_page_tells_the_language_that_the_patient_writes_by_now(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    with database() as uow:
        uow.conversations.set_language(uow.escalations.get(escalation_id).conversation_id, Language.SPANISH, START)
        uow.commit()
    assert _lease(database, clock)[0].language == Language.SPANISH


def test_a_page_is_found_by_its_id_whatever_its_state(database: Database, clock: FakeClock, escalation_id: str) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.cancel(escalation_id)
        assert uow.pages.get(page.id).reference == page.reference
        assert uow.pages.get("no page") is None


def test_a_step_has_one_page(database: Database, escalation_id: str) -> None:
    assert _add(database, escalation_id, STEP, "1.0.0/noor/1") == [False, True]


@pytest.mark.usefixtures("escalation_id")
def test_a_page_is_not_due_before_its_time(database: Database, clock: FakeClock) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.mark_failed(page, "OSError", START + 2 * LEASE)
        uow.commit()
    clock.now += LEASE + SECOND
    assert _lease(database, clock) == ()


@pytest.mark.usefixtures("escalation_id")
def test_a_second_worker_does_not_get_a_leased_page(database: Database, clock: FakeClock) -> None:
    assert len(_lease(database, clock)) == 1
    clock.move(seconds=1)
    assert _lease(database, clock) == ()


@pytest.mark.usefixtures("escalation_id")
def test_of_workers_at_the_same_moment_one_gets_the_page(database: Database, clock: FakeClock) -> None:
    start = Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return len(_lease(database, clock))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1


@pytest.mark.usefixtures("escalation_id")
def test_a_page_of_a_worker_that_died_is_due_again(database: Database, clock: FakeClock) -> None:
    (first,) = _lease(database, clock)
    clock.now += LEASE + SECOND
    (again,) = _lease(database, clock)
    assert again == replace(first, attempts=2)


@pytest.mark.usefixtures("escalation_id")
def test_a_page_is_due_though_the_clock_was_set_back_after_it_was_stored(database: Database, clock: FakeClock) -> None:
    clock.move(hours=-1)
    assert len(_lease(database, clock)) == 1


@pytest.mark.usefixtures("escalation_id")
def test_a_lease_of_a_worker_that_died_before_the_clock_was_set_back_ends_all_the_same(
    database: Database, clock: FakeClock
) -> None:
    _lease(database, clock)
    clock.move(hours=-1)
    assert len(_lease(database, clock)) == 1


@pytest.mark.usefixtures("escalation_id")
def test_a_page_stays_with_a_worker_whose_clock_is_ahead(database: Database, clock: FakeClock) -> None:
    _lease(database, FakeClock(START + SECOND))
    assert _lease(database, clock) == ()


def test_emergencies_leave_first_however_long_others_wait(database: Database, clock: FakeClock) -> None:
    _escalate(database, Tier.URGENT)
    emergency = _escalate(database)
    assert [page.escalation_id for page in _lease(database, clock, limit=1)] == [emergency]


@pytest.mark.usefixtures("escalation_id")
def test_a_sent_page_is_never_due_again(database: Database, clock: FakeClock) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.mark_sent(page.id, START)
        uow.commit()
    clock.now += 10 * LEASE
    assert _lease(database, clock) == ()


@pytest.mark.usefixtures("escalation_id")
@pytest.mark.parametrize(("after", "due"), [(9, 0), (10, 1)])
def test_a_failed_page_waits_for_its_retry(database: Database, clock: FakeClock, after: int, due: int) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        assert uow.pages.mark_failed(page, "OSError" * 100, START + timedelta(seconds=10))
        uow.commit()
    clock.move(seconds=after)
    assert len(_lease(database, clock)) == due
    assert len(database.rows(tables.pages)[0].last_error) == 200


@pytest.mark.usefixtures("escalation_id")
def test_a_refused_page_is_never_due_again(database: Database, clock: FakeClock) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        assert uow.pages.mark_refused(page, "unknown_number")
        uow.commit()
    clock.now += 10 * LEASE
    assert (_lease(database, clock), _state(database)) == ((), "refused")


@pytest.mark.parametrize("ending", ["mark_failed", "mark_refused"])
@pytest.mark.parametrize("meanwhile", ["cancelled", "sent"])
def test_the_end_of_a_try_does_not_bring_back_what_is_over(
    database: Database, clock: FakeClock, escalation_id: str, ending: str, meanwhile: str
) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        if meanwhile == "cancelled":
            uow.pages.cancel(escalation_id)
        else:
            uow.pages.mark_sent(page.id, START)
        news = (
            uow.pages.mark_failed(page, "OSError", START)
            if ending == "mark_failed"
            else uow.pages.mark_refused(page, "x")
        )
        uow.commit()
    assert (news, _state(database)) == (False, meanwhile)
    clock.now += LEASE + SECOND
    assert _lease(database, clock) == ()


@pytest.mark.usefixtures("escalation_id")
def test_the_end_of_a_try_does_not_end_the_lease_of_the_next_one(database: Database, clock: FakeClock) -> None:
    (late,) = _lease(database, clock)
    clock.now += LEASE + SECOND
    _lease(database, clock)
    with database() as uow:
        assert not uow.pages.mark_failed(late, "OSError", clock.now)
        uow.commit()
    assert _lease(database, clock) == ()


@pytest.mark.parametrize("sent", [True, False])
def test_a_page_that_reached_nobody_is_over_once(
    database: Database, clock: FakeClock, escalation_id: str, sent: bool
) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        if sent:
            uow.pages.mark_sent(page.id, clock.now)
        assert [uow.pages.mark_unanswered(page.id, "busy"), uow.pages.mark_unanswered(page.id, "busy")] == [True, False]
        uow.commit()
    clock.move(hours=1)
    assert (_state(database), _lease(database, clock)) == ("unanswered", ())


def test_that_nobody_was_reached_may_be_known_before_the_page_is_recorded_as_sent(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.mark_unanswered(page.id, "busy")
        uow.pages.mark_sent(page.id, clock.now)
        uow.commit()
    (row,) = database.rows(tables.pages)
    assert (row.state, row.sent_at) == ("unanswered", clock.now)


def test_a_page_that_was_refused_or_cancelled_cannot_be_unanswered(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.mark_refused(page, "unknown_number")
        assert not uow.pages.mark_unanswered(page.id, "busy")


def test_a_page_that_left_after_it_was_cancelled_counts_as_sent(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    (page,) = _lease(database, clock)
    with database() as uow:
        uow.pages.cancel(escalation_id)
        uow.pages.mark_sent(page.id, START)
        uow.commit()
    assert _state(database) == "sent"


def test_cancelling_takes_back_what_is_still_to_go_of_one_escalation(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    other = _escalate(database)
    _add(database, escalation_id, "1.0.1/lee/0")
    with database() as uow:
        assert [uow.pages.cancel(escalation_id), uow.pages.cancel(escalation_id)] == [2, 0]
        uow.commit()
    assert [page.escalation_id for page in _lease(database, clock)] == [other]


def test_the_states_of_a_step_are_those_of_its_pages_alone(database: Database, escalation_id: str) -> None:
    _escalate(database)
    with database() as uow:
        uow.pages.cancel(escalation_id)
        uow.commit()
    _add(database, escalation_id, "1.0.01/lee/0", "1.0.1/lee/0")
    with database() as uow:
        states = {prefix: uow.pages.states(escalation_id, prefix) for prefix in ("1.0.0/", "1.0.1/", "1.0.", "1_0.")}
    assert states == {
        "1.0.0/": {"cancelled"},
        "1.0.1/": {"pending"},
        "1.0.": {"cancelled", "pending"},
        "1_0.": frozenset(),
    }


def test_no_more_pages_are_leased_than_asked_for(database: Database, clock: FakeClock, escalation_id: str) -> None:
    _add(database, escalation_id, *(f"1.1.{step}/noor/0" for step in range(3)))
    assert [len(_lease(database, clock, limit=2)) for _ in range(3)] == [2, 2, 0]


# -- timers --------------------------------------------------------------------


def _timer(
    escalation_id: str, kind: TimerKind = TimerKind.LADDER, after: timedelta = HOUR, position: Position | None = None
) -> Timer:
    return Timer(escalation_id, kind, position or Position(1, 2), START + after)


def _set(database: Database, *timers: Timer) -> None:
    with database() as uow:
        for timer in timers:
            uow.timers.set(timer, START)
        uow.commit()


def _due(database: Database, clock: FakeClock, limit: int = 9) -> tuple[Timer, ...]:
    with database() as uow:
        due = uow.timers.due(clock.now, limit)
        uow.commit()
    return due


@pytest.mark.parametrize(("seconds", "due"), [(-1, 0), (0, 1)])
def test_a_timer_is_due_at_its_time_as_it_was_set(
    database: Database, clock: FakeClock, escalation_id: str, seconds: int, due: int
) -> None:
    timer = _timer(escalation_id)
    _set(database, timer)
    clock.move(hours=1, seconds=seconds)
    assert _due(database, clock) == (timer,) * due


def test_a_timer_replaces_the_one_of_its_kind_only(database: Database, escalation_id: str) -> None:
    answer = _timer(escalation_id, TimerKind.ANSWER)
    _set(database, _timer(escalation_id, after=SECOND), answer, _timer(escalation_id, position=Position(0, 1)))
    with database() as uow:
        assert uow.timers.get(escalation_id, TimerKind.LADDER) == _timer(escalation_id, position=Position(0, 1))
        assert uow.timers.get(escalation_id, TimerKind.ANSWER) == answer
        assert uow.timers.get(escalation_id, TimerKind.CLOSE) is None


@pytest.mark.parametrize(("kinds", "left"), [((), 0), ((TimerKind.LADDER,), 1), ((TimerKind.CLOSE,), 2)])
def test_timers_are_cleared_all_or_by_kind_and_of_one_escalation(
    database: Database, escalation_id: str, kinds: tuple[TimerKind, ...], left: int
) -> None:
    _set(database, _timer(escalation_id), _timer(escalation_id, TimerKind.ANSWER), _timer(_escalate(database)))
    with database() as uow:
        uow.timers.clear(escalation_id, *kinds)
        uow.commit()
    assert database.count(tables.timers) == left + 1


def test_a_timer_is_taken_once(database: Database, escalation_id: str) -> None:
    timer = _timer(escalation_id)
    _set(database, timer)
    with database() as uow:
        assert [uow.timers.take(timer), uow.timers.take(timer)] == [True, False]


def test_a_timer_whose_taker_dies_is_still_there(database: Database, escalation_id: str) -> None:
    timer = _timer(escalation_id)
    _set(database, timer)
    with database() as uow:
        uow.timers.take(timer)
    with database() as uow:
        assert uow.timers.take(timer)


@pytest.mark.parametrize("changed", [{"due_at": START}, {"position": Position(1, 3)}])
def test_a_timer_that_was_set_anew_is_not_taken_for_the_old_one(
    database: Database, escalation_id: str, changed: dict[str, object]
) -> None:
    timer = _timer(escalation_id)
    _set(database, timer, replace(timer, **changed))
    with database() as uow:
        assert not uow.timers.take(timer)


def test_the_longest_due_come_first_and_no_more_than_asked_for(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    late, early = _timer(escalation_id, after=2 * SECOND), _timer(escalation_id, TimerKind.ANSWER, SECOND)
    _set(database, late, early)
    clock.move(hours=1)
    assert (_due(database, clock), _due(database, clock, limit=1)) == ((early, late), (early,))


def test_a_timer_takes_as_long_as_before_when_the_clock_is_set_back(
    database: Database, clock: FakeClock, escalation_id: str
) -> None:
    _set(database, _timer(escalation_id, after=3 * SECOND))
    clock.move(hours=-1)
    assert _due(database, clock) == ()
    clock.move(seconds=3)
    (timer,) = _due(database, clock)
    assert timer == _timer(escalation_id, after=3 * SECOND - HOUR)
    with database() as uow:
        assert uow.timers.take(timer)


# -- heartbeats ----------------------------------------------------------------


def test_the_last_sign_of_life_is_kept_for_each_process(database: Database) -> None:
    with database() as uow:
        for name, at in (("pager", START), ("other", START), ("pager", START + HOUR)):
            uow.heartbeats.beat(name, at)
        assert [uow.heartbeats.last(name) for name in ("pager", "other", "nobody")] == [START + HOUR, START, None]
