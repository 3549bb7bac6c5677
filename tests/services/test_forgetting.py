"""A patient wants a talk forgotten: at once, or when the staff do not need it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.errors import StorageUnavailable, UnknownConversation
from bot.domain.escalation import Outcome
from bot.domain.language import Language
from bot.services.chores import Chores
from bot.services.forgetting import Forgetter
from bot.storage import tables
from tests.harness.cast import BENIGN, EMERGENCY, fresh_id, said
from tests.harness.house import House


@pytest.fixture
def remembered() -> set[str]:
    """What the dialogue remembers talks of; forgetting takes them out."""
    return set()


@pytest.fixture
def forgetter(house: House, remembered: set[str]) -> Forgetter:
    """On the house's database."""
    return Forgetter(house.database, house.clock, remembered.discard)


async def _report(house: House) -> tuple[str, str]:
    """Conversation and reference of an emergency."""
    outcome = await house.hears(EMERGENCY)
    assert outcome.escalation is not None
    return outcome.conversation_id, outcome.escalation.reference


async def test_an_ordinary_talk_is_forgotten_at_once(house: House, forgetter: Forgetter, remembered: set[str]) -> None:
    talk = (await house.hears(BENIGN)).conversation_id
    remembered.add(talk)
    assert forgetter.ask(talk) == (True, Language.ENGLISH)
    assert house.database.count(tables.messages) == 0
    assert remembered == set()


async def test_the_language_of_the_talk_is_known(house: House, forgetter: Forgetter) -> None:
    talk = (await house.hears("¿Cuánto dura una sesión de ketamina?")).conversation_id
    assert forgetter.ask(talk) == (True, Language.SPANISH)


async def test_a_talk_with_an_open_case_waits_and_staff_see_it(house: House, forgetter: Forgetter) -> None:
    talk, reference = await _report(house)
    assert [forgetter.ask(talk)[0] for _ in range(2)] == [False, False]
    assert house.database.count(tables.messages) > 0
    assert [line.event for line in house.desk.history(reference)].count("asked_to_forget") == 1


async def test_a_day_after_its_end_the_case_lets_go_of_the_talk(
    house: House, forgetter: Forgetter, remembered: set[str]
) -> None:
    talk, reference = await _report(house)
    remembered.add(talk)
    forgetter.ask(talk)
    house.handling.resolve(reference, "noor", Outcome.HANDLED)
    house.clock.move(hours=23, minutes=59)
    assert forgetter.tick() == 0
    house.clock.move(minutes=2)
    assert forgetter.tick() == 1
    assert (house.database.count(tables.messages), remembered) == (0, set())
    assert [line.event for line in house.desk.history(reference)][-2:] == ["patient_told", "forgotten"]
    assert forgetter.tick() == 0


async def test_a_talk_that_nobody_wants_forgotten_stays(house: House, forgetter: Forgetter) -> None:
    await house.hears(BENIGN)
    house.clock.move(days=400)
    assert forgetter.tick() == 0
    assert house.database.count(tables.messages) == 2


async def test_a_doubt_that_was_asked_back_about_is_not_forgotten_before_it_is_settled(
    house: House, forgetter: Forgetter
) -> None:
    house.screen.doubts_about("my chest does a thing")
    talk = (await house.hears("my chest does a thing")).conversation_id
    assert forgetter.ask(talk)[0] is False
    house.clock.move(minutes=6)
    assert house.unanswered.tick() == 1  # and the staff hear of it


async def test_what_the_dialogue_cannot_forget_is_not_said_to_be_forgotten(house: House) -> None:
    def fail(_: str) -> None:
        raise StorageUnavailable("away")

    talk = (await house.hears(BENIGN)).conversation_id
    with pytest.raises(StorageUnavailable):
        Forgetter(house.database, house.clock, fail).ask(talk)
    assert house.database.count(tables.messages) == 2


async def test_a_talk_that_is_not_there_or_forgotten_is_unknown(house: House, forgetter: Forgetter) -> None:
    talk = (await house.hears(BENIGN)).conversation_id
    forgetter.ask(talk)
    for unknown in (talk, "nobody's"):
        with pytest.raises(UnknownConversation):
            forgetter.ask(unknown)


# -- what is written to a forgotten talk -----------------------------------------


@pytest.fixture
async def forgotten(house: House, forgetter: Forgetter) -> str:
    """A talk that is."""
    talk = (await house.hears(BENIGN)).conversation_id
    forgetter.ask(talk)
    return talk


async def test_a_forgotten_talk_is_not_gone_on_with(house: House, forgotten: str) -> None:
    with pytest.raises(UnknownConversation):
        await house.hears(BENIGN, forgotten)
    assert house.database.count(tables.messages) == 0


async def test_a_report_to_a_forgotten_talk_begins_a_new_one_and_counts_once(house: House, forgotten: str) -> None:
    message = fresh_id()
    first, again = [await house.intake.receive(said(EMERGENCY, forgotten, message)) for _ in range(2)]
    assert first.conversation_id != forgotten
    assert (again.conversation_id, again.escalation) == (first.conversation_id, first.escalation)
    assert house.database.count(tables.escalations) == 1


async def test_a_spooled_report_to_a_forgotten_talk_is_taken_in(house: House, forgotten: str) -> None:
    house.database.goes_down()
    await house.hears(EMERGENCY, forgotten)
    house.database.comes_back()
    assert house.intake.take_in_spooled() == 1
    assert [escalation.tier for escalation in house.desk.listing()] == ["emergency"]
    assert house.spooled() == []


async def test_what_was_being_answered_meanwhile_is_said_and_not_kept(house: House, forgetter: Forgetter) -> None:
    house.dialogue.hangs()
    hearing = asyncio.create_task(house.hears(BENIGN))
    await house.dialogue.entered.wait()
    (talk,) = house.database.rows(tables.conversations)
    forgetter.ask(talk.id)
    house.dialogue.released.set()
    outcome = await hearing
    assert outcome.replies
    assert (outcome.state, house.database.count(tables.messages)) == ("received", 0)


# -- chores ----------------------------------------------------------------------


@pytest.fixture
def chores(house: House, forgetter: Forgetter) -> Chores:
    """Of the pager process."""
    return Chores(house.database, forgetter, house.clock)


async def test_once_a_minute_old_changes_are_cleared_away_and_talks_forgotten(
    house: House, forgetter: Forgetter, chores: Chores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.unit_of_work.utc_now", house.clock)
    talk, reference = await _report(house)
    forgetter.ask(talk)
    house.handling.resolve(reference, "noor", Outcome.HANDLED)
    assert chores.tick() == 0
    before = house.database.count(tables.changes)
    house.clock.move(hours=25)
    assert chores.tick() == 1
    assert house.database.count(tables.changes) < before


async def test_between_two_minutes_there_is_nothing_to_do(house: House, chores: Chores) -> None:
    chores.tick()
    house.database.goes_down()
    house.clock.move(seconds=59)
    assert chores.tick() == 0
    house.clock.move(seconds=1)
    with pytest.raises(StorageUnavailable):
        chores.tick()


@pytest.mark.parametrize("move", [lambda clock: clock.move(hours=-5), lambda clock: clock.move(hours=5)])
async def test_a_clock_that_leaps_holds_up_nothing(
    house: House, chores: Chores, move: Callable[[object], object]
) -> None:
    chores.tick()
    move(house.clock)
    house.database.goes_down()
    with pytest.raises(StorageUnavailable):
        chores.tick()
