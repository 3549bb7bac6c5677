"""The client tells apart: taken, refused for good, not taken, and nobody knows."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.telephone import Account
from bot.services.telephone_ports import TextRefused, TextUnsure
from bot.twilio.client import NotSent, TwilioTelephony
from tools.telephone_company import Manner, TelephoneCompany

CLINIC, ANA = "+15550100150", "+15550100142"
SECRET_WORDS = "I feel strange after Tuesday"


async def _send(telephony: TwilioTelephony, body: str = SECRET_WORDS, to: str = ANA, sender: str = CLINIC) -> str:
    return await asyncio.to_thread(telephony.send_text, sender, to, body, "/webhooks/twilio/status/t-1")


async def _was_sent(telephony: TwilioTelephony, body: str = SECRET_WORDS, ago: float = 60) -> str | None:
    since = datetime.now(UTC) - timedelta(seconds=ago)
    return await asyncio.to_thread(telephony.was_sent, CLINIC, ANA, body, since)


async def _takes_texts(telephony: TwilioTelephony, number: str = ANA) -> bool | None:
    return await asyncio.to_thread(telephony.takes_texts, number)


# -- texts -----------------------------------------------------------------------


async def test_a_text_is_taken_and_its_receipts_come_to_our_address(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.webhooks.hold_receipts()
    sid = await _send(telephony, "Plan two hours.\n¿Sí? 😀")
    text = await company.phone(ANA).receives("Plan two hours.\n¿Sí? 😀")
    assert (text.sid, text.sender, text.callback) == (
        sid,
        CLINIC,
        "https://chat.example.org/webhooks/twilio/status/t-1",
    )


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (21211, 400, "no_such_number"),
        (21614, 400, "landline"),
        (21635, 400, "landline"),
        (21408, 400, "code_21408"),
        (21612, 400, "code_21612"),
        (20403, 403, "code_20403"),
        (20404, 404, "code_20404"),
    ],
)
async def test_what_will_never_be_taken_is_refused(
    company: TelephoneCompany, telephony: TwilioTelephony, code: int, status: int, reason: str
) -> None:
    company.will_refuse(code, status)
    with pytest.raises(TextRefused, match=f"^{reason}$") as caught:
        await _send(telephony)
    assert not caught.value.stopped


async def test_a_patient_who_opted_out_with_the_provider_is_told_apart(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.phone(ANA).has_opted_out = True
    with pytest.raises(TextRefused, match=r"^stopped$") as caught:
        await _send(telephony)
    assert caught.value.stopped


@pytest.mark.parametrize(("code", "status"), [(20429, 429), (21611, 400), (63038, 400), (20503, 503), (30001, 400)])
async def test_what_is_too_much_now_may_be_taken_later(
    company: TelephoneCompany, telephony: TwilioTelephony, code: int, status: int
) -> None:
    company.will_refuse(code, status)
    with pytest.raises(NotSent):
        await _send(telephony)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_failure_of_the_provider_may_have_come_after_it_took_the_text(
    company: TelephoneCompany, telephony: TwilioTelephony, status: int
) -> None:
    company.will_refuse(20500, status)
    with pytest.raises(TextUnsure):
        await _send(telephony)


async def test_nobody_listens_so_nothing_was_sent(telephony: TwilioTelephony) -> None:
    away = TwilioTelephony(Account("AC0", ("x" * 32,), "http://127.0.0.1:9"), "https://chat.example.org", (0.5, 0.5))
    with pytest.raises(NotSent, match=r"^no_connection$"):
        await _send(away)


@pytest.mark.parametrize("manner", [Manner.HANG, Manner.DROP])
async def test_no_answer_leaves_open_whether_it_was_taken_and_the_list_says_no(
    company: TelephoneCompany, telephony: TwilioTelephony, manner: Manner
) -> None:
    company.will(manner)
    with pytest.raises(TextUnsure, match=r"^no_answer$"):
        await _send(telephony)
    assert await _was_sent(telephony) is None


@pytest.mark.parametrize("manner", [Manner.ANSWER_LATE, Manner.DROP_ACCEPTED])
async def test_no_answer_leaves_open_whether_it_was_taken_and_the_list_says_yes(
    company: TelephoneCompany, telephony: TwilioTelephony, manner: Manner
) -> None:
    company.webhooks.hold_receipts()
    company.will(manner)
    with pytest.raises(TextUnsure, match=r"^no_answer$"):
        await _send(telephony)
    text = await company.phone(ANA).receives(SECRET_WORDS)
    assert await _was_sent(telephony) == text.sid


async def test_nothing_is_tried_twice_by_itself(company: TelephoneCompany, telephony: TwilioTelephony) -> None:
    company.will(Manner.DROP)
    with pytest.raises(TextUnsure):
        await _send(telephony)
    assert company.texts == []


# -- the list --------------------------------------------------------------------


async def test_the_list_is_read_to_its_end(company: TelephoneCompany, telephony: TwilioTelephony) -> None:
    wanted = company.new_text(CLINIC, ANA, SECRET_WORDS, "outbound-api")
    for number in range(410):
        company.new_text(CLINIC, ANA, f"text {number}", "outbound-api")
    assert await _was_sent(telephony) == wanted.sid


async def test_only_the_same_text_to_the_same_patient_counts(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.new_text(CLINIC, "+15550100143", SECRET_WORDS, "outbound-api")
    company.new_text("+15550100151", ANA, SECRET_WORDS, "outbound-api")
    company.new_text(ANA, CLINIC, SECRET_WORDS, "inbound")
    company.new_text(CLINIC, ANA, f"{SECRET_WORDS}!", "outbound-api")
    assert await _was_sent(telephony) is None


async def test_an_older_one_with_the_same_words_does_not_count(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.new_text(CLINIC, ANA, SECRET_WORDS, "outbound-api").created -= timedelta(minutes=10)
    assert await _was_sent(telephony, ago=300) is None
    assert await _was_sent(telephony, ago=900) is not None


async def test_one_that_still_waits_with_the_provider_counts(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    waiting = company.new_text(CLINIC, ANA, SECRET_WORDS, "outbound-api")
    assert waiting.as_json("AC0")["date_sent"] is None
    assert await _was_sent(telephony) == waiting.sid


async def test_what_a_trial_account_puts_before_the_words_does_not_matter(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    text = company.new_text(CLINIC, ANA, f"Sent from your Twilio trial account - {SECRET_WORDS}", "outbound-api")
    assert await _was_sent(telephony) == text.sid


@pytest.mark.parametrize("status", [429, 500])
async def test_a_list_that_cannot_be_read_says_nothing(
    company: TelephoneCompany, telephony: TwilioTelephony, status: int
) -> None:
    company.will_refuse(20500, status)
    with pytest.raises(OSError, match=f"^status_{status}$"):
        await _was_sent(telephony)


# -- calls -----------------------------------------------------------------------


async def test_a_call_names_what_is_spoken_and_who_hears_of_its_end(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    path = "/webhooks/twilio/voice/page/abc"
    sid = await asyncio.to_thread(telephony.place_call, CLINIC, ANA, path)
    call = (await company.phone(ANA).rings()).call
    assert (call.sid, call.document_url) == (sid, f"https://chat.example.org{path}")
    assert call.status_url == f"https://chat.example.org{path}/status"
    assert call.detects_machines


async def test_a_call_that_is_refused_is_told_apart_from_one_that_may_be_placed(
    company: TelephoneCompany, telephony: TwilioTelephony
) -> None:
    company.will_refuse(21217)
    with pytest.raises(TextRefused, match=r"^no_such_number$"):
        await asyncio.to_thread(telephony.place_call, CLINIC, ANA, "/x")
    company.will(Manner.HANG)
    with pytest.raises(TextUnsure):
        await asyncio.to_thread(telephony.place_call, CLINIC, ANA, "/x")


# -- numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line_type", "takes"),
    [
        ("mobile", True),
        ("nonFixedVoip", True),
        ("landline", False),
        ("fixedVoip", None),
        ("tollFree", None),
        (None, None),
    ],
)
async def test_a_landline_takes_no_texts(
    company: TelephoneCompany, telephony: TwilioTelephony, line_type: str | None, takes: bool | None
) -> None:
    company.phone(ANA).line_type = line_type
    assert await _takes_texts(telephony) is takes


async def test_a_number_that_does_not_exist_takes_none(company: TelephoneCompany, telephony: TwilioTelephony) -> None:
    assert await _takes_texts(telephony, "+1") is False


async def test_without_the_service_nobody_knows(company: TelephoneCompany, telephony: TwilioTelephony) -> None:
    company.has_no_lookup = True
    assert await _takes_texts(telephony) is None
    company.has_no_lookup = False
    company.will(Manner.HANG)
    assert await _takes_texts(telephony) is None


# -- tokens ----------------------------------------------------------------------


async def test_while_a_token_is_replaced_requests_go_through(company: TelephoneCompany) -> None:
    company.webhooks.hold_receipts()
    old = company.accepted_tokens[0]
    new = company.replaces_token()
    company.forgets_old_tokens()
    both = TwilioTelephony(Account(company.sid, (old, new), company.api_url), "https://chat.example.org")
    await _send(both)
    await company.phone(ANA).receives(SECRET_WORDS)
    assert len(company.forget_errors()) == 1


async def test_with_a_wrong_token_it_may_be_taken_once_that_is_set_right(company: TelephoneCompany) -> None:
    wrong = TwilioTelephony(Account(company.sid, ("y" * 32,), company.api_url), "https://chat.example.org")
    with pytest.raises(NotSent, match=r"^status_401$"):
        await _send(wrong)
    assert len(company.forget_errors()) == 1


# -- what is said about it -------------------------------------------------------


async def test_no_error_and_no_log_holds_a_number_words_or_a_token(
    company: TelephoneCompany, telephony: TwilioTelephony, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for manner in (Manner.HANG, Manner.DROP):
        company.will(manner)
        with pytest.raises(TextUnsure) as caught:
            await _send(telephony)
        assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    company.will_refuse(21614)
    with pytest.raises(TextRefused) as refused:
        await _send(telephony)
    await _was_sent(telephony)
    await _takes_texts(telephony)
    said = f"{caught.value!r} {refused.value!r} {caplog.text}"
    assert [secret for secret in (ANA, ANA[1:], SECRET_WORDS, company.accepted_tokens[0]) if secret in said] == []
