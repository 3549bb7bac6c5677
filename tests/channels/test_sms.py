"""Texts over the real gateway: the provider's webhooks in, TwiML, REST and receipts out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import build_house, build_pager
from bot.channels.sms import TEXTING
from bot.domain import wording
from bot.domain.sms_text import plain
from bot.services.pager_process import PagerProcess
from bot.services.texting import Texting
from bot.storage import tables
from bot.storage.engine import create_engine
from bot.twilio.paths import SMS, text_status
from bot.twilio.signature import HEADER, sign
from tests.channels.channel import QUESTION, ChannelContract
from tests.channels.conftest import Gateway, StartGateway
from tests.channels.fake_rasa import FakeRasa
from tests.harness.cast import EMERGENCY
from tests.harness.telephone_company import PUBLIC, telephone
from tests.harness.texter import ANAS, BENS, sid
from tools.telephone_company import TelephoneCompany

DRIVING = "No driving for 24 hours."


class Clinic:
    """A gateway whose patients text; `company` carries it."""

    def __init__(self, gateway: Gateway, company: TelephoneCompany) -> None:
        self.gateway, self.company = gateway, company
        self.settings = gateway.settings
        self.pager: PagerProcess = build_pager(self.settings)
        self.house = build_house(self.settings)

    async def post(self, path: str, form: Any, signature: str | None = None, **headers: str) -> tuple[int, str]:
        """A webhook, signed as the provider does unless told otherwise: status and body."""
        if signature is None:
            signature = sign(f"{PUBLIC}{path}", dict(form), self.company.accepted_tokens[0])
        all_headers = {"Content-Type": "application/x-www-form-urlencoded", HEADER: signature, **headers}
        async with self.gateway.client.post(path, data=urlencode(form), headers=all_headers) as response:
            return response.status, await response.text()

    async def works(self) -> None:
        """The pager does all that is due now, and the company tells what became of it."""
        while await asyncio.to_thread(self.pager.once):
            await self.company.webhooks.settle()

    def rows(self, table: Any) -> list[Any]:
        """Everything in a table."""
        engine = create_engine(self.settings.database_url)
        with engine.connect() as connection:
            return connection.execute(table.select()).all()


def texted(number: str = ANAS, body: str = QUESTION, **more: str) -> dict[str, str]:
    """A form as the provider posts it."""
    return {"From": number, "To": "+15550100150", "MessageSid": sid(), "Body": body, "NumMedia": "0", **more}


def bodies(document: str) -> list[str]:
    """What TwiML texts back."""
    root = ElementTree.fromstring(document)  # noqa: S314 - our own answer
    assert root.tag == "Response"
    return [message.text or "" for message in root.findall("Message")]


@pytest.fixture
async def company(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelephoneCompany]:
    """Who was not expected to be texted fails the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelephoneCompany() as company:
        yield company


@pytest.fixture
async def clinic(start_gateway: StartGateway, company: TelephoneCompany) -> Clinic:
    """The house is open."""
    numbers = [{"number": number, "per_second": 100} for number in company.numbers]
    gateway = await start_gateway({"telephone": {"numbers": numbers}}, PUBLIC_URL=PUBLIC, **company.environment())
    company.serves(str(gateway.client.make_url("/")), PUBLIC)
    return Clinic(gateway, company)


class SmsWire:
    """Ana, who texts for the first time."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.settings = clinic.settings

    async def says(self, text: str, message_id: str | None = None) -> list[str]:
        """What is texted back at once."""
        status, answer = await self.clinic.post(SMS, texted(body=text, MessageSid=message_id or sid()))
        assert status == 200
        return bodies(answer)

    async def says_unsigned(self, text: str) -> int:
        """With a signature of nobody."""
        status, _ = await self.clinic.post(SMS, texted(body=text), "nobody")
        return status

    def form(self, text: str) -> str:
        """Plain characters."""
        return plain(text)

    def message_id(self) -> str:
        """The provider's."""
        return sid()


class TestContract(ChannelContract):
    """SMS keeps what every channel promises."""

    @pytest.fixture
    def wire(self, clinic: Clinic) -> SmsWire:
        """Ana's phone."""
        return SmsWire(clinic)


# -- the whole way ---------------------------------------------------------------


async def test_a_text_is_answered_in_the_answer_to_its_webhook(clinic: Clinic) -> None:
    ana = clinic.company.phone(ANAS)
    await ana.text(QUESTION)
    await ana.receives("automated assistant of Cleo's Clinic", "911", "STOP")
    await ana.receives(DRIVING)


async def test_receipts_come_back_for_what_was_in_the_answer(clinic: Clinic) -> None:
    await clinic.company.phone(ANAS).text(QUESTION)
    await clinic.company.webhooks.settle()
    assert [row.state for row in clinic.rows(tables.texts)] == ["delivered", "delivered"]
    await clinic.company.phone(ANAS).receives()
    await clinic.company.phone(ANAS).receives()


async def test_an_answer_that_takes_long_comes_later_and_once(clinic: Clinic, rasa: FakeRasa) -> None:
    texting = clinic.gateway.client.app[TEXTING]
    object.__setattr__(texting._parts, "answer_seconds", 0.05)
    rasa.hangs = True
    ana = clinic.company.phone(ANAS)
    delivery = await ana.text(QUESTION)
    assert bodies(delivery.body) == []
    await texting.finish(5)  # the dialogue's own time is up
    await clinic.works()
    await ana.receives("automated assistant")
    await ana.receives("I can't answer questions right now")


async def test_notices_reach_a_patient_who_texts(clinic: Clinic) -> None:
    ana = clinic.company.phone(ANAS)
    await ana.text(EMERGENCY)
    await ana.receives("This may be an emergency. Call 911 now")
    await ana.receives("automated assistant")
    (case,) = clinic.house.desk.listing()
    await asyncio.to_thread(clinic.house.handling.say, case.reference, "noor", "Hello, this is Noor. How are you?")
    await clinic.works()
    await ana.receives("Hello, this is Noor.")


async def test_a_number_that_has_opted_out_with_the_provider_is_kept_as_that(clinic: Clinic) -> None:
    ana = clinic.company.phone(ANAS)
    ana.has_opted_out = True
    await ana.text(QUESTION)
    await clinic.company.webhooks.settle()
    (address,) = clinic.rows(tables.addresses)
    assert address.stopped


async def test_a_text_to_a_landline_lets_staff_phone(clinic: Clinic) -> None:
    ana = clinic.company.phone(ANAS)
    ana.line_type = "landline"
    await ana.text(EMERGENCY)
    await clinic.company.webhooks.settle()
    (case,) = clinic.house.desk.listing()
    reasons = [entry.detail.get("why") for entry in clinic.house.desk.history(case.reference)]
    assert "landline" in reasons


async def test_a_delivery_that_is_repeated_after_its_answer_arrived_brings_nothing_new(clinic: Clinic) -> None:
    ana = clinic.company.phone(ANAS)
    text = ana.writes(QUESTION)
    await text.arrives()
    await clinic.company.webhooks.settle()
    assert bodies((await text.arrives()).body) == []
    await ana.receives("automated assistant")
    await ana.receives(DRIVING)


async def test_an_old_token_is_good_while_it_is_replaced(
    start_gateway: StartGateway, company: TelephoneCompany
) -> None:
    company.replaces_token()
    gateway = await start_gateway({"telephone": telephone(company)}, PUBLIC_URL=PUBLIC, **company.environment())
    clinic = Clinic(gateway, company)
    old = sign(f"{PUBLIC}{SMS}", form := texted(), company.accepted_tokens[1])
    assert (await clinic.post(SMS, form, old))[0] == 200


# -- what is refused, and what is not ----------------------------------------------


async def test_without_an_account_nobody_texts(gateway: Gateway) -> None:
    for path in (SMS, text_status("x")):
        response = await gateway.request("POST", path, data={})
        assert (response.status, response.code) == (404, "telephone_off")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"From": ""}, 400),
        ({"From": "x" * 33}, 400),
        ({"To": "\x01"}, 400),
        ({"MessageSid": ""}, 400),
        ({"MessageSid": "SM 1"}, 400),
        ({"MessageSid": "S" * 65}, 400),
        ({"Body": "ketamine? " * 401}, 413),
        ({"Body": "\x00"}, 200),
        ({"NumMedia": "many"}, 200),
        ({"NumMedia": "9" * 30}, 200),
        ({"OptOutType": "MAYBE"}, 200),
        ({"From": "whatsapp:+15550100201"}, 200),
        ({"From": "12345"}, 200),
    ],
)
async def test_what_no_provider_posts_is_refused_in_words(clinic: Clinic, change: dict[str, str], status: int) -> None:
    assert (await clinic.post(SMS, texted(**change)))[0] == status


@pytest.mark.parametrize("missing", ["From", "To", "MessageSid"])
async def test_a_text_without_what_it_needs_is_refused(clinic: Clinic, missing: str) -> None:
    form = texted()
    del form[missing]
    status, body = await clinic.post(SMS, form)
    assert (status, "webhook_wrong" in body) == (400, True)


async def test_a_text_without_a_body_is_answered(clinic: Clinic) -> None:
    form = texted()
    del form["Body"]
    status, answer = await clinic.post(SMS, form)
    assert (status, len(bodies(answer))) == (200, 1)


async def test_a_long_report_is_taken_as_it_is(clinic: Clinic) -> None:
    status, answer = await clinic.post(SMS, texted(body=f"{EMERGENCY}. " + "It began an hour ago. " * 300))
    assert (status, bodies(answer)[0][:22]) == (200, "This may be an emergen")


async def test_a_text_to_a_number_that_is_not_set_is_an_error_in_the_log(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="bot"):
        _, answer = await clinic.post(SMS, texted(To="+15550100159"))
    assert "clinic_number_unknown" in caplog.text
    assert "For an emergency call 911" in bodies(answer)[0]


async def test_the_clinic_does_not_talk_to_itself(clinic: Clinic) -> None:
    status, answer = await clinic.post(SMS, texted("+15550100150"))
    assert (status, bodies(answer), clinic.rows(tables.messages)) == (200, [], [])


async def test_no_log_holds_a_number_or_a_word_of_a_patient(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="bot"):
        await clinic.post(SMS, texted(body=f"{EMERGENCY}, my name is Ana Garcia"))
        await clinic.post(SMS, texted(body="STOP"))
        await clinic.post(SMS, texted(), "nobody")
    assert not any(secret in caplog.text for secret in ("0201", "Garcia", "breathe"))


async def test_what_is_broken_is_answered_with_the_numbers_to_call(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(Texting, "receive", fail)
    status, answer = await clinic.post(SMS, texted(body=EMERGENCY))
    expected = wording.degraded_reply(clinic.settings.clinic, None)
    assert (status, bodies(answer)) == (200, [plain(expected.text)])


async def test_without_a_database_a_report_is_answered_and_kept_on_disk(
    start_gateway: StartGateway, company: TelephoneCompany
) -> None:
    gateway = await start_gateway(
        {"telephone": telephone(company)},
        PUBLIC_URL=PUBLIC,
        DATABASE_URL="sqlite:////nonexistent-folder/assistant.db",
        **company.environment(),
    )
    clinic_without = gateway.settings.clinic
    form = texted(body=EMERGENCY)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers[HEADER] = sign(f"{PUBLIC}{SMS}", form, company.accepted_tokens[0])
    async with gateway.client.post(SMS, data=urlencode(form), headers=headers) as response:
        (said,) = bodies(await response.text())
    assert said.startswith("This may be an emergency. Call 911 now")
    assert f"I could NOT pass this on to our staff. Please also call the clinic at {clinic_without.phone}" in said
    assert len(list((gateway.settings.data_dir / "spool").glob("*.json"))) == 1


# -- receipts ----------------------------------------------------------------------


async def test_a_receipt_without_a_status_is_refused(clinic: Clinic) -> None:
    for form in ({"MessageSid": sid()}, {"MessageSid": sid(), "MessageStatus": "fine"}):
        assert (await clinic.post(text_status("x"), form))[0] == 400


async def test_a_receipt_of_a_text_that_is_not_ours_is_refused(clinic: Clinic) -> None:
    status, body = await clinic.post(text_status("x"), {"MessageSid": sid(), "MessageStatus": "delivered"})
    assert (status, "unknown_text" in body) == (404, True)


async def test_an_unsigned_receipt_changes_nothing(clinic: Clinic) -> None:
    await clinic.post(SMS, texted())
    text = clinic.rows(tables.texts)[0]
    form = {"MessageSid": sid(), "MessageStatus": "failed", "ErrorCode": "21610"}
    assert (await clinic.post(text_status(text.id), form, "nobody"))[0] == 403
    assert not clinic.rows(tables.addresses)[0].stopped


@pytest.mark.parametrize(
    ("code", "state"), [("30006", "failed"), ("30008", "pending"), ("x", "failed"), ("", "failed")]
)
async def test_a_failure_is_what_its_code_says(clinic: Clinic, code: str, state: str) -> None:
    await clinic.post(SMS, texted())
    text = clinic.rows(tables.texts)[0]
    form = {"MessageSid": sid(), "MessageStatus": "undelivered", "ErrorCode": code}
    assert (await clinic.post(text_status(text.id), form))[0] == 204
    assert clinic.rows(tables.texts)[0].state == state


# -- anything at all ---------------------------------------------------------------

_TEXTS = st.text(max_size=200)
_FORMS = st.fixed_dictionaries(
    {},
    optional={
        "From": st.one_of(st.just(ANAS), st.just(BENS), _TEXTS),
        "To": st.one_of(st.just("+15550100150"), _TEXTS),
        "MessageSid": st.one_of(st.just("SM" + "0" * 32), st.uuids().map(lambda u: f"SM{u.hex}"), _TEXTS),
        "Body": st.one_of(_TEXTS, st.sampled_from(["STOP", "START", "HELP", "END", "MORE", "1", EMERGENCY, QUESTION])),
        "NumMedia": st.one_of(st.integers().map(str), _TEXTS),
        "OptOutType": st.one_of(st.sampled_from(["STOP", "START", "HELP"]), _TEXTS),
        "MessageStatus": st.one_of(st.sampled_from(["sent", "delivered", "failed"]), _TEXTS),
        "ErrorCode": st.one_of(st.sampled_from(["21610", "30003", "30006"]), _TEXTS),
    },
)
_ANYTHING = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@_ANYTHING
@given(form=_FORMS, extra=st.dictionaries(_TEXTS, _TEXTS, max_size=3))
async def test_no_form_breaks_the_gateway(clinic: Clinic, form: dict[str, str], extra: dict[str, str]) -> None:
    posted = {
        name: value.encode("utf-8", "replace").decode()
        for name, value in {**extra, **form}.items()
        if name.isprintable()
    }
    status, answer = await clinic.post(SMS, posted)
    assert status in (200, 400, 413)
    assert status != 200 or all(body.strip() for body in bodies(answer))
    for text in clinic.rows(tables.texts)[-1:]:
        assert (await clinic.post(text_status(text.id), posted))[0] in (204, 400)


@_ANYTHING
@given(body=st.binary(max_size=300), signature=_TEXTS)
async def test_no_bytes_break_the_gateway(clinic: Clinic, body: bytes, signature: str) -> None:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        HEADER: "".join(char for char in signature if char.isprintable() and ord(char) < 256),
    }
    async with clinic.gateway.client.post(SMS, data=body, headers=headers) as response:
        assert response.status in (400, 403)
