"""Pages over the clinic's own number, through a company on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.domain.errors import PageRefused, PageUnsent
from bot.domain.on_call import Contact, Method
from bot.senders.telephone import CallSender, SmsSender
from bot.twilio.client import NotSent, TwilioTelephony
from tests.harness.telephone_company import NOOR, PUBLIC
from tools.telephone_company import Manner, TelephoneCompany

CLINIC = "+15550100150"
TEXT = (
    "Harbor Test Clinic: urgent report K7PQ4, waiting 3 min. To take it reply K7PQ4 or open https://chat.example.org/x"
)
TOKEN = "a-page"
Send = Callable[[TwilioTelephony], Awaitable[None]]
SMS, CALL = Contact(Method.SMS, NOOR), Contact(Method.CALL, NOOR)


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """Receipts are not what is tried here."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        company.sends_receipts = False
        yield company


@pytest.fixture
def telephony(company: TelephoneCompany) -> TwilioTelephony:
    return TwilioTelephony(company.account, PUBLIC, timeout=(0.5, 0.5))


async def _text(telephony: TwilioTelephony, text: str = TEXT) -> None:
    await asyncio.to_thread(SmsSender(telephony, CLINIC).send, SMS, "title", text, TOKEN)


async def _call(telephony: TwilioTelephony) -> None:
    await asyncio.to_thread(CallSender(telephony, CLINIC).send, CALL, "title", TEXT, TOKEN)


async def test_a_text_leaves_from_the_clinics_number_and_its_receipts_name_the_page(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    await _text(telephony)
    text = await company.phone(NOOR).receives(TEXT)
    assert (text.sender, text.callback) == (CLINIC, f"{PUBLIC}/webhooks/twilio/page/{TOKEN}/status")


async def test_signs_that_make_a_text_longer_are_replaced(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    await _text(telephony, "Ana’s Clinic – urgent report K7PQ4…")
    assert (await company.phone(NOOR).receives("K7PQ4")).body == "Ana's Clinic - urgent report K7PQ4..."


async def test_a_call_fetches_what_it_says_from_the_page(company: TelephoneCompany, telephony: TwilioTelephony) -> None:
    await _call(telephony)
    ringing = await company.phone(NOOR).rings()
    assert (ringing.call.sender, ringing.call.document_url) == (CLINIC, f"{PUBLIC}/webhooks/twilio/voice/page/{TOKEN}")


@pytest.mark.parametrize("send", [_text, _call])
async def test_a_number_that_does_not_exist_closes_the_way(
    company: TelephoneCompany, telephony: TwilioTelephony, send: Send
) -> None:
    company.will_refuse(21211)
    with pytest.raises(PageRefused, match=r"^no_such_number$"):
        await send(telephony)


@pytest.mark.parametrize("send", [_text, _call])
async def test_too_much_at_once_may_be_tried_again(
    company: TelephoneCompany, telephony: TwilioTelephony, send: Send
) -> None:
    company.will_refuse(20429, 429)
    with pytest.raises(NotSent):
        await send(telephony)


@pytest.mark.parametrize("manner", [Manner.ANSWER_LATE, Manner.DROP_ACCEPTED])
async def test_a_text_whose_answer_was_lost_is_found_in_the_list_and_counts_as_sent(
    company: TelephoneCompany, telephony: TwilioTelephony, manner: Manner
) -> None:
    company.will(manner)
    await _text(telephony)
    await company.phone(NOOR).receives(TEXT)


@pytest.mark.parametrize("manner", [Manner.HANG, Manner.DROP])
async def test_a_text_that_is_not_in_the_list_may_be_tried_again(
    company: TelephoneCompany, telephony: TwilioTelephony, manner: Manner
) -> None:
    company.will(manner)
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        await _text(telephony)


async def test_a_provider_that_hangs_altogether_may_be_tried_again(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.will(Manner.HANG, times=2)
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        await _text(telephony)


async def test_a_call_that_was_not_answered_for_may_be_tried_again(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.will(Manner.DROP)
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        await _call(telephony)
