"""The company on loopback behaves like the real one: what a test learns from it is so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.twilio.signature import HEADER, Signatures
from tools.telephone_company import Manner, TelephoneCompany
from tools.telephone_company.__main__ import Terminal

ANA, DESK, SECOND = "+1 555-010-0142", "+15550100199", "+15550100198"
PUBLIC = "https://chat.example.org"
Form = dict[str, str]


class Clinic:
    """Answers each path with the document that a test wrote for it, and keeps what was posted."""

    def __init__(self, company: TelephoneCompany) -> None:
        self.documents: dict[str, str] = {}
        self.posted: list[tuple[str, Form]] = []
        self.status = 200
        self._company = company

    async def answer(self, request: web.Request) -> web.Response:
        """Any webhook."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        good = Signatures(self._company.accepted_tokens, PUBLIC).are_good(
            request.raw_path, form, request.headers[HEADER]
        )
        assert good, "the signature does not fit"
        self.posted.append((request.path, form))
        body = self.documents.get(request.raw_path, self.documents.get(request.path, ""))
        return web.Response(text=f"<Response>{body}</Response>" if body else "<Response/>", status=self.status)

    def paths(self) -> list[str]:
        """Where webhooks came in, in order."""
        return [path for path, _ in self.posted]

    def last(self, path: str) -> Form:
        """The newest form for a path."""
        return [form for where, form in self.posted if where == path][-1]


@pytest.fixture
async def company() -> AsyncIterator[TelephoneCompany]:
    async with TelephoneCompany("+15550100150", "+15550100151") as company:
        yield company


@pytest.fixture
async def clinic(company: TelephoneCompany, aiohttp_server: Callable[..., Any]) -> Clinic:
    clinic = Clinic(company)
    app = web.Application()
    app.router.add_post("/{path:.*}", clinic.answer)
    server = await aiohttp_server(app)
    company.serves(str(server.make_url("/")), PUBLIC)
    return clinic


# -- texts -----------------------------------------------------------------------


async def test_a_text_reaches_the_clinic_with_all_that_twilio_says(company: TelephoneCompany, clinic: Clinic) -> None:
    await company.phone(ANA).text(" hello \n", media=("https://pictures.example/1",))
    form = clinic.last("/webhooks/twilio/sms")
    assert (form["From"], form["To"], form["Body"]) == ("+15550100142", "+15550100150", " hello \n")
    assert (form["NumMedia"], form["MediaUrl0"], form["FromCity"]) == ("1", "https://pictures.example/1", "")


async def test_the_answer_is_texted_back_and_its_receipts_go_where_it_says(
    company: TelephoneCompany, clinic: Clinic
) -> None:
    clinic.documents["/webhooks/twilio/sms"] = (
        '<Message statusCallback="/status/1">Hi\nAna</Message><Message>MORE</Message>'
    )
    await company.phone(ANA).text("hello")
    first = await company.phone(ANA).receives("Hi\nAna")
    await company.phone(ANA).receives("MORE")
    await company.webhooks.settle()
    receipts = [form["MessageStatus"] for path, form in clinic.posted if path == "/status/1"]
    assert receipts == ["queued", "sent", "delivered"]
    assert clinic.last("/status/1")["MessageSid"] == first.sid


async def test_the_same_text_may_come_twice_and_late(company: TelephoneCompany, clinic: Clinic) -> None:
    first, second = company.phone(ANA).writes("one"), company.phone(ANA).writes("two")
    for draft in (second, first, first):
        await draft.arrives()
    assert [form["Body"] for _, form in clinic.posted] == ["two", "one", "one"]
    assert len({form["MessageSid"] for _, form in clinic.posted}) == 2


@pytest.mark.parametrize(
    ("setting", "value", "status", "code"),
    [
        ("undelivered_code", 30003, "undelivered", "30003"),
        ("line_type", "landline", "undelivered", "30006"),
        ("has_opted_out", True, "failed", "21610"),
    ],
)
async def test_a_text_that_does_not_arrive_has_a_receipt_with_the_reason(
    company: TelephoneCompany, clinic: Clinic, setting: str, value: object, status: str, code: str
) -> None:
    setattr(company.phone(ANA), setting, value)
    clinic.documents["/webhooks/twilio/sms"] = '<Message statusCallback="/status/1">Hi</Message>'
    await company.phone(ANA).text("hello")
    await company.webhooks.settle()
    assert (clinic.last("/status/1")["MessageStatus"], clinic.last("/status/1")["ErrorCode"]) == (status, code)


async def test_receipts_can_come_in_another_order(company: TelephoneCompany, clinic: Clinic) -> None:
    company.webhooks.hold_receipts()
    company.deliver(company.new_text("+15550100150", "+15550100142", "Hi", "outbound-api", f"{PUBLIC}/status/1"))
    await company.webhooks.settle()
    assert clinic.posted == []
    await company.webhooks.release_receipts(reverse=True)
    assert [form["MessageStatus"] for _, form in clinic.posted] == ["delivered", "sent", "queued"]
    await company.phone(ANA).receives("Hi")


# -- what nobody expected --------------------------------------------------------


async def test_a_text_that_nobody_expected_fails_at_the_end(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents["/webhooks/twilio/sms"] = "<Message>Surprise</Message>"
    await company.phone(ANA).text("hello")
    with pytest.raises(AssertionError, match="was texted 'Surprise'"):
        await company.curtain()


async def test_a_webhook_that_failed_fails_at_the_end(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.status = 500
    await company.phone(ANA).text("hello")
    with pytest.raises(AssertionError, match="11200"):
        await company.curtain()
    assert len(company.forget_errors()) == 1


async def test_trouble_that_nobody_met_fails_at_the_end(company: TelephoneCompany) -> None:
    company.will(Manner.HANG)
    with pytest.raises(AssertionError, match="1 requests were to meet trouble"):
        await company.curtain()
    company.troubles.take(None)


# -- calls -----------------------------------------------------------------------

MENU = '<Gather input="dtmf speech" numDigits="1" action="/menu"><Say>Press one.</Say></Gather><Say>Bye.</Say>'


async def test_a_caller_hears_and_presses(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents |= {
        "/webhooks/twilio/voice": f"<Say language='es-US'>Hola.</Say>{MENU}",
        "/menu": "<Say>Yes.</Say>",
    }
    call = await company.phone(ANA).dials()
    assert (call.heard, call.languages) == ("Hola. Press one.", {"es-US", "en-US"})
    await call.presses("1")
    assert (call.heard, call.is_over) == ("Yes.", True)
    assert (clinic.last("/menu")["Digits"], clinic.last("/menu")["CallSid"]) == ("1", call.sid)


async def test_a_caller_speaks(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents |= {"/webhooks/twilio/voice": MENU}
    call = await company.phone(ANA).dials()
    await call.says("can I drive", confidence=0.5)
    assert (clinic.last("/menu")["SpeechResult"], clinic.last("/menu")["Confidence"]) == ("can I drive", "0.5000")


async def test_silence_leads_on_in_the_document_unless_it_is_asked_for(
    company: TelephoneCompany, clinic: Clinic
) -> None:
    clinic.documents["/webhooks/twilio/voice"] = MENU
    call = await company.phone(ANA).dials()
    await call.keeps_silent()
    assert (call.heard, clinic.paths()) == ("Bye.", ["/webhooks/twilio/voice"])
    clinic.documents["/webhooks/twilio/voice"] = MENU.replace("<Gather ", '<Gather actionOnEmptyResult="true" ')
    call = await company.phone(ANA).dials(withheld=True)
    await call.keeps_silent()
    assert (clinic.paths()[-1], clinic.last("/menu")["From"], "Digits" in clinic.last("/menu")) == (
        "/menu", "+266696687", False,
    )  # fmt: skip


async def test_documents_in_a_circle_end_with_an_apology(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents["/webhooks/twilio/voice"] = "<Redirect>/webhooks/twilio/voice</Redirect>"
    call = await company.phone(ANA).dials()
    assert ("application error" in call.heard, call.is_over) == (True, True)
    assert "circle" in company.forget_errors()[0]


@pytest.mark.parametrize("document", ["<Say>", "<Sing>la</Sing>", "<Gather><Dial>1</Dial></Gather>"])
async def test_what_twilio_would_not_take_is_named(company: TelephoneCompany, clinic: Clinic, document: str) -> None:
    clinic.documents["/webhooks/twilio/voice"] = document
    call = await company.phone(ANA).dials()
    assert (call.is_over, len(company.forget_errors())) == (True, 1)


async def test_a_message_is_recorded_and_written_down(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents["/webhooks/twilio/voice"] = '<Record action="/done" transcribeCallback="/words"/>'
    call = await company.phone(ANA).dials()
    await call.leaves_message("call me back", seconds=9)
    await company.webhooks.settle()
    assert (clinic.last("/done")["Digits"], clinic.last("/done")["RecordingDuration"]) == ("hangup", "9")
    assert (clinic.last("/words")["TranscriptionText"], clinic.last("/words")["CallSid"]) == ("call me back", call.sid)


# -- calls that are passed on ----------------------------------------------------

DIAL = f'<Dial action="/dialled"><Number url="/whisper">{DESK}</Number><Number url="/whisper">{SECOND}</Number></Dial>'


async def test_the_first_to_pick_up_and_take_it_talks_with_the_caller(
    company: TelephoneCompany, clinic: Clinic
) -> None:
    whisper = '<Gather numDigits="1" action="/taken"><Say>Press 1 to take it.</Say></Gather><Hangup/>'
    clinic.documents |= {"/webhooks/twilio/voice": DIAL, "/whisper": whisper, "/dialled": "<Say>Goodbye.</Say>"}
    call = await company.phone(ANA).dials()
    desk = await (await company.phone(DESK).rings()).answers()
    second = await company.phone(SECOND).rings()
    assert (desk.heard, second.call.status, call.talks_to) == ("Press 1 to take it.", "canceled", None)
    assert clinic.last("/whisper")["ParentCallSid"] == call.sid
    await desk.presses("1")
    assert call.talks_to is desk
    await desk.hangs_up()
    form = clinic.last("/dialled")
    assert (form["DialCallStatus"], form["DialBridged"], call.heard) == ("completed", "true", "Goodbye.")


async def test_whoever_does_not_take_it_leaves_the_caller_to_the_next_document(
    company: TelephoneCompany, clinic: Clinic
) -> None:
    clinic.documents |= {"/webhooks/twilio/voice": DIAL, "/whisper": "<Hangup/>", "/dialled": "<Say>Nobody.</Say>"}
    call = await company.phone(ANA).dials()
    await (await company.phone(DESK).rings()).answers()
    form = clinic.last("/dialled")
    assert (form["DialCallStatus"], form["DialBridged"], call.heard) == ("completed", "false", "Nobody.")
    await company.phone(SECOND).rings()


async def test_the_document_goes_on_when_all_have_rung_out(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents |= {"/webhooks/twilio/voice": DIAL, "/dialled": "<Say>Nobody.</Say>"}
    call = await company.phone(ANA).dials()
    await (await company.phone(DESK).rings()).declines()
    assert call.heard == ""
    await (await company.phone(SECOND).rings()).rings_out()
    assert (clinic.last("/dialled")["DialCallStatus"], call.heard) == ("no-answer", "Nobody.")


async def test_a_caller_who_hangs_up_while_it_rings_is_reported(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents |= {"/webhooks/twilio/voice": DIAL}
    call = await company.phone(ANA).dials()
    await call.hangs_up()
    form = clinic.last("/dialled")
    assert (form["CallStatus"], form["DialCallStatus"], form["DialBridged"]) == ("completed", "no-answer", "false")
    assert {leg.status for leg in call.dialled} == {"canceled"}


# -- calls of the clinic's -------------------------------------------------------


def _calls(company: TelephoneCompany) -> None:
    company.call_out(
        {"From": "+15550100150", "To": DESK, "Url": f"{PUBLIC}/page", "StatusCallback": f"{PUBLIC}/page/status", "MachineDetection": "Enable"}
    )  # fmt: skip


async def test_a_phone_is_rung_and_whoever_answers_hears_the_document(
    company: TelephoneCompany, clinic: Clinic
) -> None:
    clinic.documents["/page"] = MENU
    _calls(company)
    call = await (await company.phone(DESK).rings()).answers()
    assert (call.heard, clinic.last("/page")["AnsweredBy"]) == ("Press one.", "human")
    await call.hangs_up()
    assert (clinic.last("/page/status")["CallStatus"], call.status) == ("completed", "completed")


async def test_voicemail_takes_the_words_in_to_their_end(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents["/page"] = MENU
    _calls(company)
    call = await (await company.phone(DESK).rings()).goes_to_voicemail()
    assert clinic.last("/page")["AnsweredBy"] == "machine_end_beep"
    assert ([said.text for said in call.said], call.is_over) == (["Press one.", "Bye."], True)


async def test_a_phone_that_nobody_answers_is_reported(company: TelephoneCompany, clinic: Clinic) -> None:
    for act, status in (("rings_out", "no-answer"), ("declines", "busy"), ("cannot_be_put_through", "failed")):
        _calls(company)
        await getattr(await company.phone(DESK).rings(), act)()
        assert clinic.last("/page/status")["CallStatus"] == status


async def test_a_call_that_nobody_expected_fails_at_the_end(company: TelephoneCompany, clinic: Clinic) -> None:
    _calls(company)
    with pytest.raises(AssertionError, match="was called by"):
        await company.curtain()


async def test_a_new_token_signs_and_the_old_one_may_still_ask(company: TelephoneCompany, clinic: Clinic) -> None:
    old = company.accepted_tokens[0]
    new = company.replaces_token()
    await company.phone(ANA).text("hello")
    assert (company.accepted_tokens, company.account.tokens) == ([new, old], (new, old))
    company.forgets_old_tokens()
    assert company.account.tokens == (new,)


async def test_whoever_waits_for_a_text_in_vain_is_told_so(
    company: TelephoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.telephone_company.phones._PATIENCE_SECONDS", 0)
    with pytest.raises(AssertionError, match=r"no text came to \+15550100142"):
        await company.phone(ANA).receives()


# -- in a terminal ---------------------------------------------------------------


async def test_lines_of_a_terminal_text_call_and_answer(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents |= {
        "/webhooks/twilio/sms": "<Message>Hi Ana</Message>", "/webhooks/twilio/voice": MENU, "/menu": "<Say>Yes.</Say>",
        "/page": "<Say>A report.</Say>",
    }  # fmt: skip
    shown: list[str] = []
    terminal = Terminal(company, shown.append)
    _calls(company)
    for line in ("+1 x", "+15550100142 text hello", "+15550100142 dial", "+15550100142 press 1", f"{DESK} answer", ""):
        await terminal.do(line)
    assert shown == [
        "+15550100199 rings: call from +15550100150",
        "? +1 is in no call",
        "+15550100142 text: Hi Ana",
        "the clinic answered 200",
        "+15550100142 heard: Press one.",
        "+15550100142 heard: Yes.",
        "+15550100142 call over: completed",
        "+15550100199 heard: A report.",
        "+15550100199 call over: completed",
    ]
    await company.phone(ANA).receives("Hi Ana")


async def test_a_terminal_says_what_cannot_be_done(company: TelephoneCompany, clinic: Clinic) -> None:
    clinic.documents["/webhooks/twilio/voice"] = MENU
    shown: list[str] = []
    terminal = Terminal(company, shown.append)
    for line in ("+15550100142 dial", "+15550100142 message hello", "+15550100142 sing", "+15550100142 hang up"):
        await terminal.do(line)
    assert [line for line in shown if line.startswith("?")] == [
        "? nothing is recorded here",
        "? 'sing' is none of text, dial, press, say, wait, hang up, message, answer, decline, ignore, voicemail, landline, off, on, stopped",
    ]
    clinic.status = 500
    await terminal.do("+15550100142 text hello")
    assert shown[-1].startswith("! 11200")
