"""Plays: staff are paged by text and by call. Who answers, who does not, and who is called then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.on_call import OnCall
from bot.services.paging import PATIENCE
from tests.harness.cast import EMERGENCY, ON_CALL
from tests.harness.storage import copy_template
from tests.harness.telephone_company import PUBLIC
from tests.scenarios.telephoned import TelephonePlay, by_telephone
from tools.telephone_company import Manner, TelephoneCompany

TEXTED_FIRST = by_telephone(noor=("sms:+15550100101", "call:+15550100101"))
ALL_BY_TEXT = by_telephone(noor=("sms:+15550100101",), lee=("sms:+15550100111",))
Stage = Callable[..., Awaitable[TelephonePlay]]


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
async def stage(
    template: Path, tmp_path: Path, company: TelephoneCompany, aiohttp_server: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Sets up a play with a ladder; what nobody expected fails it at the end."""
    plays: list[TelephonePlay] = []

    async def set_up(on_call: OnCall = ON_CALL, **options: object) -> TelephonePlay:
        play = TelephonePlay(
            copy_template(template, tmp_path / "play.db"), tmp_path, company, on_call=on_call, **options
        )
        monkeypatch.setattr("bot.channels.staff_calls.utc_now", play.clock)
        server = await aiohttp_server(play.app())
        company.serves(str(server.make_url("/")), PUBLIC)
        plays.append(play)
        return play

    yield set_up
    for play in plays:
        play.curtain()
        play.nothing_said_holds(*(text for patient in play.patients.values() for text in patient.wrote))


# -- somebody takes it -----------------------------------------------------------


async def test_a_page_by_text_is_taken_by_replying_with_its_reference(stage: Stage) -> None:
    play = await stage(ALL_BY_TEXT)
    outcome = await play.writes(EMERGENCY)
    await play.passes(minutes=2)
    reference = outcome.escalation.reference
    await play.is_texted("noor", f"emergency report {reference}", f"reply {reference} or open {PUBLIC}/staff/pages/")
    assert str(await play.texts_back("noor", f" take {reference.lower()} ")).startswith(f"You have {reference}.")
    await play.passes(minutes=2)
    _, told = play.is_told("paged", "seen")
    assert "Noor" in told


async def test_a_page_by_call_is_taken_with_a_key(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes(minutes=2)
    call = await play.answers("noor")
    assert "waiting 2 minutes" in call.heard
    await call.presses("1")
    await play.passes(minutes=2)
    play.is_told("paged", "seen")
    assert play.case.owner == "noor"


async def test_the_second_to_take_it_hears_who_has_it(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes(minutes=3)
    noors, lees = await play.answers("noor"), await play.answers("lee")
    await lees.presses("1")
    await noors.presses("1")
    assert "is already with Lee" in noors.heard
    play.is_told("paged", "seen")


async def test_the_second_to_reply_is_texted_who_has_it(stage: Stage) -> None:
    play = await stage(ALL_BY_TEXT)
    outcome = await play.writes(EMERGENCY)
    await play.passes(minutes=3)
    for person in ("noor", "lee"):
        await play.is_texted(person)
    reference = outcome.escalation.reference
    await play.texts_back("lee", reference)
    assert (
        await play.texts_back("noor", reference) == f"{reference} is already with Lee. There is nothing for you to do."
    )
    play.is_told("paged", "seen")


async def test_taken_by_call_and_then_nothing_calls_everybody_again(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes()
    await (await play.answers("noor")).presses("1")
    await play.passes(minutes=5)
    call = await play.answers("noor")
    assert "waiting 5 minutes" in call.heard
    await call.presses("1")
    play.is_told("paged", "seen", "paged", "seen")


async def test_news_is_told_to_whoever_has_it_by_call(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes()
    await (await play.answers("noor")).presses("1")
    await play.writes(f"{EMERGENCY} at all")
    await play.passes()
    call = await play.answers("noor")
    assert "has a new report" in call.heard
    await call.presses("1")
    await play.passes()
    play.is_told("paged", "seen")


# -- nobody takes it -------------------------------------------------------------


@pytest.mark.parametrize("how", ["rings_out", "declines", "cannot_be_put_through", "goes_to_voicemail"])
async def test_unanswered_calls_lead_through_the_ladder_without_a_minute_lost(stage: Stage, how: str) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes()
    for person, number in (("noor", 1), ("noor", 2), ("lee", 1)):
        await getattr(await play.phone_rings(person, number), how)()
        await play.passes()
    await (await play.answers("kim")).presses("1")
    await (await play.phone_rings("lee")).declines()
    await play.passes(minutes=4)
    play.is_told("paged", "seen")


async def test_when_nobody_at_all_answers_the_last_resort_is_called_at_once(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes()
    for person, number in (("noor", 1), ("noor", 2), ("lee", 1), ("kim", 1), ("lee", 1)):
        await (await play.phone_rings(person, number)).rings_out()
        await play.passes()
    await (await play.answers("olga")).presses("1")
    play.is_told("paged", "nobody_yet", "seen")


async def test_a_call_that_rings_on_does_not_hold_up_the_ladder(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes(minutes=3)
    ringing = await play.phone_rings("noor")
    await (await play.answers("lee")).presses("1")
    assert "is already with Lee" in (await ringing.answers()).heard
    play.is_told("paged", "seen")


async def test_a_text_that_did_not_arrive_is_followed_by_a_call_at_once(stage: Stage) -> None:
    play = await stage(TEXTED_FIRST)
    play.company.phone(play.address("noor")).undelivered_code = 30005
    await play.writes(EMERGENCY)
    await play.passes()
    await (await play.answers("noor", 2)).presses("1")
    play.is_told("paged", "seen")


async def test_a_text_that_arrived_gives_the_ladder_its_time(stage: Stage) -> None:
    play = await stage(TEXTED_FIRST)
    await play.writes(EMERGENCY)
    await play.passes(minutes=2, seconds=59)
    await play.is_texted("noor")
    await play.passes(seconds=1)
    await (await play.answers("lee")).presses("1")
    play.is_told("paged", "seen")


# -- passed on -------------------------------------------------------------------


async def test_passed_on_the_next_is_called_at_once_and_has_their_own_three_minutes(stage: Stage) -> None:
    play = await stage()
    await play.writes(EMERGENCY)
    await play.passes(minutes=1)
    await (await play.answers("noor")).presses("3")
    await play.passes(minutes=2, seconds=59)
    lees = await play.answers("lee")
    await play.passes(seconds=1)
    await (await play.answers("kim")).presses("1")
    await lees.presses("1")
    assert "is already with Kim" in lees.heard
    await (await play.phone_rings("lee")).declines()
    play.is_told("paged", "seen")


# -- the company is in trouble ---------------------------------------------------


async def test_a_number_that_the_company_refuses_is_passed_over(stage: Stage) -> None:
    play = await stage()
    play.company.will_refuse(21211)
    await play.writes(EMERGENCY)
    await play.passes()
    await (await play.answers("noor", 2)).presses("1")
    play.is_told("paged", "seen")


async def test_a_company_that_is_too_busy_is_asked_again(stage: Stage) -> None:
    play = await stage()
    play.company.will_refuse(20429, 429, times=2)
    await play.writes(EMERGENCY)
    await play.passes(minutes=1)
    await (await play.answers("noor")).presses("1")
    play.is_told("paged", "seen")


async def test_a_text_whose_acceptance_was_not_heard_is_not_sent_again(stage: Stage) -> None:
    play = await stage(ALL_BY_TEXT)
    play.company.will(Manner.DROP_ACCEPTED)
    outcome = await play.writes(EMERGENCY)
    await play.passes(minutes=2)
    await play.is_texted("noor")
    assert len(play.company.texts) == 1
    await play.texts_back("noor", outcome.escalation.reference)
    play.is_told("paged", "seen")


async def test_a_call_whose_acceptance_was_not_heard_may_ring_twice_and_is_taken_once(stage: Stage) -> None:
    play = await stage()
    play.company.will(Manner.DROP_ACCEPTED)
    await play.writes(EMERGENCY)
    await play.passes(minutes=1)
    await (await play.answers("noor")).presses("1")
    assert "is already with Noor" in (await play.answers("noor")).heard
    play.is_told("paged", "seen")


async def test_a_company_that_hangs_delays_the_page_and_loses_nothing(stage: Stage) -> None:
    play = await stage()
    play.company.will(Manner.HANG, times=2)
    await play.writes(EMERGENCY)
    await play.passes(seconds=PATIENCE.total_seconds() + 10)
    await (await play.answers("noor")).presses("1")
    play.is_told("paged", "seen")


async def test_what_the_company_tells_twice_or_too_late_changes_nothing(stage: Stage) -> None:
    play = await stage()
    play.company.webhooks.hold_receipts()
    await play.writes(EMERGENCY)
    await play.passes()
    await (await play.phone_rings("noor")).rings_out()
    await play.passes(minutes=3)
    await (await play.answers("lee")).presses("1")
    await play.company.webhooks.release_receipts(reverse=True)
    await play.company.webhooks.delivered[-1].again()
    await play.passes(minutes=1)
    play.is_told("paged", "seen")
