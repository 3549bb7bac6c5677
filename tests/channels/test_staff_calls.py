"""Staff who are paged by telephone: what they hear, what their keys do, and what follows when nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from bot.app import build_house, build_pager
from bot.domain.errors import StorageUnavailable
from bot.domain.on_call import Contact, Method
from bot.services.page_calls import PageCalls
from bot.services.pager_process import PagerProcess
from bot.settings import Settings
from bot.twilio.signature import HEADER, sign
from tests.channels.conftest import CLINIC, Gateway, StartGateway
from tests.harness.cast import EMERGENCY
from tests.harness.telephone_company import KIM, LEE, NOOR, NOORS_OTHER, PAGED_BY_TELEPHONE, PUBLIC, telephone
from tools.telephone_company import Call, TelephoneCompany

PAGE = "/webhooks/twilio/voice/page"


class OnCallByTelephone:
    """A gateway and a pager of a clinic that pages by telephone."""

    def __init__(self, gateway: Gateway, company: TelephoneCompany) -> None:
        self.gateway, self.company = gateway, company
        self.settings: Settings = gateway.settings
        self.pager: PagerProcess = build_pager(self.settings)
        self.house = build_house(self.settings)

    async def reports(self) -> str:
        """A patient is in danger, and the first page leaves; returns the reference."""
        response = await self.gateway.say(EMERGENCY)
        await self.works()
        return str(response.body["escalation"]["reference"])

    async def works(self) -> None:
        """The pager does all that is due now."""
        while await asyncio.to_thread(self.pager.once):
            pass

    async def answers(self, number: str) -> Call:
        """Somebody picks up a phone that rings."""
        return await (await self.company.phone(number).rings()).answers()

    def history(self, reference: str) -> list[str]:
        """What happened."""
        return [entry.event for entry in self.house.desk.history(reference)]


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """A real page is one try; who was not expected to be called fails the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
async def staff(start_gateway: StartGateway, company: TelephoneCompany) -> OnCallByTelephone:
    """The house is open."""
    clinic: dict[str, Any] = {"on_call": PAGED_BY_TELEPHONE, "telephone": telephone(company)}
    gateway = await start_gateway(clinic, PUBLIC_URL=PUBLIC, **company.environment())
    company.serves(str(gateway.client.make_url("/")), PUBLIC)
    return OnCallByTelephone(gateway, company)


def _spelled(reference: str) -> str:
    return ", ".join(reference)


# -- what is heard ---------------------------------------------------------------


async def test_a_call_says_clinic_tier_reference_and_keys_and_nothing_of_the_patient(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    call = await staff.answers(NOOR)
    assert call.heard == (
        f"{CLINIC['name']}. Emergency report {_spelled(reference)}, waiting 0 minutes. "
        "Press 1 to take it, 2 to hear this again, 3 to pass it on."
    )
    assert EMERGENCY not in str([delivery.form for delivery in staff.company.webhooks.delivered])
    await call.presses("1")


async def test_key_1_takes_the_report_and_paging_stops(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    call = await staff.answers(NOOR)
    await call.presses("1")
    assert call.heard.startswith(f"You have Report {_spelled(reference)}. Contact the patient now.")
    await staff.works()
    (taken,) = [entry for entry in staff.house.desk.history(reference) if entry.event == "acknowledged"]
    assert (taken.actor, taken.detail) == ("noor", {"way": "call"})


@pytest.mark.parametrize("key", ["2", "7", "#", "0"])
async def test_key_2_and_keys_that_mean_nothing_say_it_again(staff: OnCallByTelephone, key: str) -> None:
    await staff.reports()
    call = await staff.answers(NOOR)
    first = call.heard
    await call.presses(key)
    if key == "#":  # ends the input without a digit
        await call.presses("2")
    assert call.heard == first
    await call.presses("1")


async def test_key_3_calls_the_next_person_at_once(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    call = await staff.answers(NOOR)
    await call.presses("3")
    assert call.heard == "It is passed on. Goodbye."
    await staff.works()
    await staff.company.phone(LEE).receives(reference)
    assert "passed_on" in staff.history(reference)


async def test_whoever_is_late_hears_who_has_it(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    await asyncio.to_thread(staff.house.handling.acknowledge, reference, "lee", "cli")
    call = await staff.answers(NOOR)
    assert call.heard == f"Report {_spelled(reference)} is already with Lee. There is nothing for you to do. Goodbye."


async def test_of_two_at_once_the_second_hears_who_was_first(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    call = await staff.answers(NOOR)
    await asyncio.to_thread(staff.house.handling.acknowledge, reference, "lee", "cli")
    await call.presses("1")
    assert "is already with Lee" in call.heard


async def test_a_report_that_is_closed_by_then_is_said_to_be(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    await asyncio.to_thread(staff.house.handling.resolve, reference, "lee", "handled")
    assert "is closed" in (await staff.answers(NOOR)).heard


# -- nobody answers --------------------------------------------------------------


@pytest.mark.parametrize("how", ["rings_out", "declines", "cannot_be_put_through", "goes_to_voicemail"])
async def test_a_call_that_nobody_takes_goes_on_to_the_next_number_at_once(staff: OnCallByTelephone, how: str) -> None:
    reference = await staff.reports()
    await getattr(await staff.company.phone(NOOR).rings(), how)()
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")
    assert staff.history(reference).count("page_unanswered") == 1


async def test_voicemail_takes_the_words_in_and_takes_nothing(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    call = await (await staff.company.phone(NOOR).rings()).goes_to_voicemail()
    assert _spelled(reference) in call.said[0].text
    assert "acknowledged" not in staff.history(reference)
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")


async def test_a_person_who_was_taken_for_a_machine_can_press_a_key(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    ringing = await staff.company.phone(NOOR).rings()
    await ringing.call.takes_the_call("machine_end_silence")
    await ringing.call.presses("1")
    assert "acknowledged" in staff.history(reference)


async def test_whoever_picks_up_and_presses_nothing_has_not_taken_it(staff: OnCallByTelephone) -> None:
    await staff.reports()
    call = await staff.answers(NOOR)
    await call.keeps_silent()
    await call.keeps_silent()
    assert call.heard == "No key was pressed, so nobody has it yet. Goodbye."
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")


async def test_whoever_hangs_up_has_not_taken_it(staff: OnCallByTelephone) -> None:
    await staff.reports()
    await (await staff.answers(NOOR)).hangs_up()
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")


async def test_after_the_last_number_the_next_person_is_paged_at_once(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    for number in (NOOR, NOORS_OTHER):
        await (await staff.company.phone(number).rings()).rings_out()
        await staff.works()
    await staff.company.phone(LEE).receives(f"reply {reference} or open {PUBLIC}/staff/pages/")


async def test_a_text_that_does_not_arrive_is_followed_by_a_call(staff: OnCallByTelephone) -> None:
    staff.company.phone(LEE).undelivered_code = 30003
    await staff.reports()
    await (await staff.answers(NOOR)).presses("3")
    await staff.works()
    await staff.company.webhooks.settle()
    await staff.works()
    await (await staff.answers(LEE)).presses("1")


async def test_when_nobody_can_be_reached_the_last_resort_is_called_at_once(staff: OnCallByTelephone) -> None:
    staff.company.phone(LEE).undelivered_code = 30003
    await staff.reports()
    for number in (NOOR, NOORS_OTHER):
        await (await staff.company.phone(number).rings()).rings_out()
        await staff.works()
    await staff.company.webhooks.settle()
    await staff.works()
    await (await staff.company.phone(LEE).rings()).declines()
    await staff.works()
    await (await staff.answers(KIM)).presses("1")


async def test_the_same_end_told_twice_calls_nobody_twice(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    await (await staff.company.phone(NOOR).rings()).rings_out()
    await staff.company.webhooks.delivered[-1].again()
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")
    assert staff.history(reference).count("page_unanswered") == 1


async def test_the_end_of_a_call_that_was_taken_changes_nothing(staff: OnCallByTelephone) -> None:
    reference = await staff.reports()
    await (await staff.answers(NOOR)).presses("1")
    assert staff.company.webhooks.delivered[-1].form["CallStatus"] == "completed"
    await staff.works()
    assert "page_unanswered" not in staff.history(reference)


# -- news for whoever has it -----------------------------------------------------


async def test_news_is_said_to_whoever_has_the_report_and_hanging_up_after_it_is_enough(
    staff: OnCallByTelephone,
) -> None:
    response = await staff.gateway.say(EMERGENCY)
    await staff.works()
    await (await staff.answers(NOOR)).presses("1")
    await staff.gateway.say(f"{EMERGENCY} and now my chest hurts", response.body["conversation_id"])
    await staff.works()
    call = await staff.answers(NOOR)
    assert "has a new report, waiting" in call.heard
    assert "Press 1 to say that you have heard it" in call.heard
    await call.hangs_up()
    await staff.works()


# -- the wire --------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{PAGE}/x",
        f"{PAGE}/x/key",
        f"{PAGE}/x/status",
        "/webhooks/twilio/page/x/status",
        "/webhooks/twilio/voice/alarm/x",
    ],
)
@pytest.mark.parametrize("headers", [{}, {HEADER: "wrong"}])
async def test_what_the_provider_did_not_sign_is_refused(
    staff: OnCallByTelephone, path: str, headers: dict[str, str]
) -> None:
    async with staff.gateway.client.post(path, data={"Digits": "1"}, headers=headers) as response:
        assert response.status == 403


async def test_a_body_that_is_too_large_is_refused(staff: OnCallByTelephone) -> None:
    async with staff.gateway.client.post(f"{PAGE}/x", data={"Digits": "1" * 300_000}) as response:
        assert response.status == 413


@pytest.mark.parametrize("token", ["x", "é", "0" * 32 + ".6553f100.AAAAAAAAAAAAAAAAAAAAAA"])
@pytest.mark.parametrize("end", ["", "/key"])
async def test_a_token_that_is_not_ours_or_over_says_so(staff: OnCallByTelephone, token: str, end: str) -> None:
    delivery = await staff.company.webhooks.post(f"{PUBLIC}{PAGE}/{quote(token)}{end}", {"Digits": "1"})
    assert "This call is over. Use the newest page." in delivery.body


@pytest.mark.parametrize(
    "form",
    [{}, {"Digits": "é"}, {"Digits": "11"}, {"Digits": "1 "}, {"Digits": "A" * 5000}, {"AnsweredBy": "?", "x": ""}],
)
async def test_only_the_key_itself_takes_a_report(staff: OnCallByTelephone, form: dict[str, str]) -> None:
    reference = await staff.reports()
    ringing = await staff.company.phone(NOOR).rings()
    delivery = await staff.company.webhooks.post(f"{ringing.call.document_url}/key", {**ringing.call.fields(), **form})
    assert delivery.status == 200
    assert "acknowledged" not in staff.history(reference)


@pytest.mark.parametrize("words", ["%FF", "AAA", "not base64!"])
async def test_an_alarm_without_words_does_not_exist(staff: OnCallByTelephone, words: str) -> None:
    delivery = await staff.company.webhooks.post(f"{PUBLIC}/webhooks/twilio/voice/alarm/{quote(words, safe='%')}", {})
    assert delivery.status == 404
    staff.company.forget_errors()


async def test_without_an_account_there_is_no_such_address(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    form = {"Digits": "1"}
    async with gateway.client.post(
        f"{PAGE}/x", data=form, headers={HEADER: sign(f"{PUBLIC}{PAGE}/x", form, "")}
    ) as response:
        assert response.status == 404


# -- the database is gone --------------------------------------------------------


async def test_whoever_picks_up_while_the_database_is_gone_is_told(
    staff: OnCallByTelephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staff.reports()
    call = await staff.answers(NOOR)

    def away(*_: object) -> None:
        raise StorageUnavailable("the test took it away")

    with monkeypatch.context() as gone:
        gone.setattr(PageCalls, "view", away)
        await call.presses("1")
        assert call.heard.startswith("The database does not answer, so nothing could be stored.")
    await staff.works()
    await (await staff.answers(NOORS_OTHER)).presses("1")


async def test_a_call_without_a_stored_page_says_the_words_twice(staff: OnCallByTelephone) -> None:
    words = "Cleo's Clinic: emergency report, database unavailable. It is 50% kept / has no reference yet."
    await asyncio.to_thread(staff.house.pager.send, Contact(Method.CALL, KIM), "title", words)
    call = await staff.answers(KIM)
    assert call.heard.count("emergency report, database unavailable. It is 50 percent kept") == 2
    assert call.is_over
