"""The screen reads a message before anybody waits for it, and again where the talk has moved on since."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from bot.domain.escalation import Tier
from bot.domain.messages import Inbound, Reply, ReplyKind
from bot.services.exchange import Exchange
from tests.harness.cast import BENIGN, EMERGENCY, fresh_id, said
from tests.harness.house import House
from tests.harness.storage import Database
from tests.harness.texter import Texter

FIRST_HALF, SECOND_HALF = "I took all of my", "lozenges at once"


@pytest.fixture
def ahead(engine: Engine, tmp_path: Path) -> House:
    """A house that reads ahead."""
    return House(Database(engine), tmp_path / "spool", reads_ahead=True)


@pytest.mark.parametrize("text", [BENIGN, EMERGENCY])
async def test_a_message_is_read_once(ahead: House, text: str) -> None:
    talk = await ahead.talk()
    ahead.clock.move(minutes=5)
    ahead.screen.heard.clear()
    await ahead.hears(text, talk)
    assert [heard for heard, _ in ahead.screen.heard].count(text) == 1


async def test_no_writer_is_kept_waiting_by_the_screen(ahead: House) -> None:
    in_transaction: list[bool] = []
    screen = ahead.screen.__call__

    def read(text: str, earlier: tuple[str, ...] = ()) -> object:
        with ahead.database():  # waits five seconds, and fails, while another writes
            in_transaction.append(False)
        return screen(text, earlier)

    ahead.intake._triage._screen = read
    await ahead.hears(BENIGN)
    assert in_transaction == [False]


async def test_what_is_read_is_what_is_stored(ahead: House, house: House) -> None:
    for each in (ahead, house):
        talk = await each.talk()
        await each.hears("my chest feels tight", talk)
        await each.hears("and I can't breathe", talk)
    assert [case.categories for case in ahead.desk.listing()] == [case.categories for case in house.desk.listing()]


async def test_a_talk_that_has_moved_on_since_is_read_again(ahead: House) -> None:
    ahead.screen.finds(f"{FIRST_HALF} {SECOND_HALF}", Tier.EMERGENCY, "overdose_misuse")
    talk = await ahead.talk()
    ahead.clock.move(minutes=5)
    second = said(SECOND_HALF, talk, fresh_id())
    exchange = Exchange()
    before = ahead.intake._ahead.read(second, exchange)
    await ahead.hears(FIRST_HALF, talk)  # by another gateway, meanwhile
    taken = ahead.intake._take_in(second, exchange, before)
    assert taken.escalation is not None
    assert taken.escalation.categories == ("overdose_misuse",)


async def test_a_text_is_read_after_the_talk_of_its_number(ahead: House) -> None:
    ana = Texter(ahead)
    await ana.writes(FIRST_HALF)
    ahead.screen.heard.clear()
    await ana.writes(SECOND_HALF)
    assert (f"{FIRST_HALF} {SECOND_HALF}", ()) in ahead.screen.heard


async def test_a_button_is_read_as_what_it_says(ahead: House) -> None:
    ana = Texter(ahead)
    ahead.screen.doubts_about("my chest feels a bit odd")
    await ana.writes("my chest feels a bit odd")
    ahead.clock.move(minutes=2)
    ahead.screen.heard.clear()
    await ana.writes("YES")
    assert [heard for heard, _ in ahead.screen.heard] == ["Yes, right now"]


async def test_without_the_database_a_report_is_answered_and_kept(ahead: House) -> None:
    ahead.database.goes_down()
    outcome = await ahead.hears(EMERGENCY)
    assert outcome.replies[0].kind is ReplyKind.SAFETY
    assert len(ahead.spooled()) == 1


async def test_a_database_that_goes_away_between_reading_and_storing_loses_nothing(ahead: House) -> None:
    ahead.database.goes_down(after_transactions=1)
    outcome = await ahead.intake.receive(Inbound("web", EMERGENCY, fresh_id()))
    assert isinstance(outcome.replies[0], Reply)
    assert len(ahead.spooled()) == 1
