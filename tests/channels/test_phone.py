"""The phone tree through the telephone company: what callers hear, and what becomes of it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from bot.domain.clock import utc_now
from bot.domain.escalation import Status, Tier
from bot.domain.spoken import spoken
from bot.services.telephone_ports import Consent
from tests.channels.channel import ChannelContract
from tests.channels.fake_rasa import FakeRasa
from tests.channels.phone_fixtures import OpenLine, company, line, open_line
from tests.harness.phone_line import ANA, DESK, LEE, NOOR, OPEN_DESK, PUBLIC, PhoneLine
from tools.telephone_company import Call, TelephoneCompany
from tools.telephone_company.twiml import read_voice

__all__ = ["company", "line", "open_line"]

REPORT = "I can't breathe"
VOICE = f"{PUBLIC}/webhooks/twilio/voice"
CLARIFY = [
    {"text": "Did you mean one of these?"},
    {
        "custom": {
            "kind": "clarify",
            "topic": "dialogue/choose",
            "buttons": [{"title": "Driving", "text": "When can I drive?"}, {"title": "Food", "text": "May I eat?"}],
        }
    },
]


# -- the contract of every channel -------------------------------------------------


class PhoneWire:
    """Ana, who says one thing a call."""

    def __init__(self, line: PhoneLine) -> None:
        self.line = line
        self.settings = line.settings

    async def says(self, text: str, message_id: str | None = None) -> list[str]:
        """What is said to that, sentence by sentence of ours."""
        call = {"CallSid": message_id or self.message_id(), "From": ANA, "To": self.line.company.main_number}
        for path, more in (("", {}), ("/turn/1", {"SpeechResult": text, "Confidence": "0.9"})):
            delivery = await self.line.company.webhooks.post(f"{VOICE}{path}", {**call, **more})
        verbs = read_voice(delivery.body)
        return [verb.text for outer in verbs for verb in (outer, *outer.inside) if verb.name == "Say"]

    async def says_unsigned(self, text: str) -> int:
        """With a signature of nobody."""
        form = {"CallSid": "CA1", "From": ANA, "SpeechResult": text}
        delivery = await self.line.company.webhooks.post(f"{VOICE}/turn/1", form, signature="bm9ib2R5")
        assert self.line.company.forget_errors()
        return delivery.status

    def form(self, text: str) -> str:
        """As a voice reads it."""
        return spoken(text)

    def message_id(self) -> str:
        """The provider's."""
        return f"CA{secrets.token_hex(16)}"


class TestPhone(ChannelContract):
    """Calls keep what every channel promises."""

    @pytest.fixture
    def wire(self, line: PhoneLine) -> PhoneWire:
        """The line of a clinic."""
        return PhoneWire(line)


async def test_without_an_account_there_is_no_telephone(start_gateway: Any) -> None:
    gateway = await start_gateway()
    async with gateway.client.post("/webhooks/twilio/voice", data={"CallSid": "CA1"}) as response:
        assert response.status == 404


async def test_the_same_turn_twice_is_answered_the_same_and_acted_on_once(
    line: PhoneLine, company: TelephoneCompany, rasa: FakeRasa
) -> None:
    call = await line.called_by()
    await call.says("when can I drive")
    asked = company.webhooks.delivered[-1]
    again = await asked.again()
    assert (again.status, again.body) == (200, asked.body)
    assert len(rasa.asked) == 1
    assert [author for author, _ in line.talk_of(ANA)] == ["patient", "bot"]


async def test_two_deliveries_of_a_turn_at_once_are_one(line: PhoneLine, company: TelephoneCompany) -> None:
    await line.called_by()
    first = company.webhooks.delivered[-1]
    url, form = f"{VOICE}/turn/1", {**first.form, "SpeechResult": REPORT, "Confidence": "0.9"}
    deliveries = await asyncio.gather(*(company.webhooks.post(url, form) for _ in range(4)))
    assert len({delivery.body for delivery in deliveries}) == 1
    assert line.history(line.case.reference).count("opened") == 1


async def test_with_rasa_down_the_staff_call_back(line: PhoneLine, rasa: FakeRasa) -> None:
    rasa.messages = []
    call = await line.called_by()
    await call.says("when can I drive")
    assert call.heard.startswith("I can't answer questions right now because of a technical problem.")
    assert "Our staff will call you back at the number that you are calling from." in call.heard
    assert line.case.tier is Tier.ROUTINE


# -- questions -----------------------------------------------------------------------


async def test_a_call_is_answered_with_the_greeting_the_emergency_number_and_the_menu(line: PhoneLine) -> None:
    call = await line.called_by()
    assert call.heard.startswith(
        "Thank you for calling Cleo's Clinic. If this is an emergency, hang up and call 9 1 1."
    )
    assert "1 for Driving afterwards, 2 for Nausea and vomiting" in call.heard
    assert call.languages == {"en-US", "es-US"}


async def test_a_spoken_question_gets_the_short_answer_and_its_source(line: PhoneLine, rasa: FakeRasa) -> None:
    call = await line.called_by()
    await call.says("when can I drive")
    assert call.heard.startswith("No driving for 24 hours. That is from: What To Know.")
    assert rasa.asked[0]["message"] == "when can I drive"


async def test_a_key_of_the_menu_asks_the_question_of_its_topic(line: PhoneLine, rasa: FakeRasa) -> None:
    call = await line.called_by()
    await call.presses("1")
    assert rasa.asked[0]["message"] == "When can I drive again after a ketamine session?"
    assert call.heard.startswith("No driving for 24 hours.")


async def test_without_a_menu_of_its_own_a_clinic_offers_what_is_asked_most(
    open_line: OpenLine, company: TelephoneCompany
) -> None:
    line = await open_line(clinic={"telephone": {"numbers": list(company.numbers)}})
    call = await line.called_by()
    assert "1 for Session length, 2 for Driving afterwards, 3 for Eating beforehand" in call.heard


async def test_choices_can_be_pressed_or_said(line: PhoneLine, rasa: FakeRasa) -> None:
    rasa.messages = CLARIFY
    call = await line.called_by()
    await call.says("what about after")
    assert call.heard.endswith("For Driving, press 1. For Food, press 2.")
    await call.presses("2")
    assert rasa.asked[-1]["message"] == "May I eat?"


async def test_speech_and_keys_are_gathered_together_and_nothing_is_starred_out(line: PhoneLine) -> None:
    call = await line.called_by()
    gather = call.awaits
    assert gather is not None
    assert gather.attributes["input"] == "dtmf speech"
    assert gather.attributes["profanityFilter"] == "false"
    assert "ketamine" in gather.attributes["hints"]
    assert gather.attributes.get("bargeIn") == "true"


async def test_two_unheard_turns_lead_to_the_offer_of_a_text(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.keeps_silent()
    assert call.heard.startswith("I did not hear anything.")
    await call.says("mumble", confidence=0.2)
    assert "we do not understand each other well by voice. Press one, and Cleo's Clinic texts you" in call.heard


async def test_a_caller_comes_back_in_the_language_of_the_call_before(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.presses("9")
    assert call.heard.startswith("Gracias por llamar a Cleo's Clinic. Si es una emergencia, cuelgue y llame al 9 1 1.")
    await call.hangs_up()
    again = await line.called_by()
    assert again.heard.startswith("Gracias por llamar a Cleo's Clinic.")
    assert "For English, press nine." in again.heard


async def test_spanish_speech_is_recognised_as_spanish_and_screened(line: PhoneLine, company: TelephoneCompany) -> None:
    call = await line.called_by()
    await call.says("español")
    assert call.awaits is not None
    assert call.awaits.attributes["language"] == "es-US"
    await call.says("no puedo respirar")
    assert call.heard.startswith("Esto puede ser una emergencia. Llame al 9 1 1 ahora")
    assert call.languages == {"es-US"}
    for number in (NOOR, LEE):
        await (await company.phone(number).rings()).declines()


# -- a person at the desk --------------------------------------------------------------


async def test_zero_puts_the_caller_through_to_the_desk_which_sees_who_calls(open_line: OpenLine) -> None:
    line = await open_line(desk=OPEN_DESK)
    call = await line.called_by()
    await call.presses("0")
    desk = await line.picks_up(DESK)
    assert (desk.sender, desk.talks_to) == (ANA, call)
    await desk.hangs_up()
    assert call.heard.endswith("In an emergency, call 9 1 1. Goodbye.")


async def test_a_caller_without_a_number_is_put_through_with_the_clinics(
    open_line: OpenLine, company: TelephoneCompany
) -> None:
    line = await open_line(desk=OPEN_DESK)
    call = await line.called_by(withheld=True)
    await call.says("operator")
    desk = await line.picks_up(DESK)
    assert desk.sender == company.main_number
    await call.hangs_up()


async def test_a_desk_that_does_not_answer_leads_to_the_offer(open_line: OpenLine, company: TelephoneCompany) -> None:
    line = await open_line(desk=OPEN_DESK)
    call = await line.called_by()
    await call.presses("0")
    await (await company.phone(DESK).rings()).rings_out()
    assert call.heard.startswith("Nobody at our desk could answer just now. Press one, and Cleo's Clinic texts you")


# -- texts ------------------------------------------------------------------------------


async def consents(line: PhoneLine, number: str = ANA) -> list[tuple[Consent, str]]:
    """What a number agreed to."""
    with line.house.unit_of_work() as uow:
        address = uow.addresses.find(number, line.company.main_number)
        assert address is not None
        return [(entry.consent, entry.how) for entry in uow.addresses.record_of(address.id)]


async def test_who_presses_one_twice_has_the_answer_in_the_outbox_after_who_we_are(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.says("when can I drive")
    await call.presses("1")
    await call.presses("1")
    assert call.heard.startswith("Thank you. A text message is on its way.")
    greeting, answer = line.texts()
    assert greeting.body.startswith("This is the automated assistant of Cleo's Clinic")
    assert answer.body.startswith("No driving for 24 hours.")
    assert await consents(line) == [(Consent.GIVEN, "pressed_key")]


async def test_who_was_not_understood_is_texted_an_opening(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.keeps_silent()
    await call.keeps_silent()
    await call.presses("1")
    assert line.texts()[-1].body == "We go on by text: what would you like to know?"


async def test_nobody_is_texted_who_did_not_agree(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.says("when can I drive")
    await call.hangs_up()
    assert (line.texts(), await consents(line)) == ([], [])


async def test_a_landline_is_not_offered_a_text(line: PhoneLine, company: TelephoneCompany) -> None:
    company.phone(ANA).line_type = "landline"
    call = await line.called_by()
    await call.keeps_silent()
    await call.keeps_silent()
    assert "Our staff will call you back at the number that you are calling from." in call.heard
    assert f"kept as {', '.join(line.case.reference)}." in call.heard
    assert line.case.reason == "callback_requested"


async def test_a_number_that_has_stopped_texts_is_not_offered_one(line: PhoneLine) -> None:
    call = await line.called_by()
    with line.house.unit_of_work() as uow:
        address = uow.addresses.find(ANA, line.company.main_number)
        assert address is not None
        uow.addresses.record(address.id, Consent.STOPPED, "keyword", "STOP", utc_now())
        uow.commit()
    await call.keeps_silent()
    await call.keeps_silent()
    assert "Our staff will call you back" in call.heard


async def test_a_withheld_number_is_asked_for_by_keys_and_kept_to_call_back(line: PhoneLine) -> None:
    call = await line.called_by(withheld=True)
    await call.presses("0")
    await call.presses("5550100177#")
    assert call.heard.startswith("The number is 5 5 5, 0 1 0, 0 1 7 7. Press one if that is right")
    await call.presses("1")
    assert call.heard.startswith("Our staff will call you back at 5 5 5, 0 1 0, 0 1 7 7.")
    talk_id = line.case.conversation_id
    with line.house.unit_of_work() as uow:
        talk = uow.conversations.get(talk_id)
    assert talk is not None
    assert talk.callback_number == "+15550100177"


async def test_two_callers_without_a_number_have_two_talks(line: PhoneLine) -> None:
    for _ in range(2):
        call = await line.called_by(withheld=True)
        await call.says(REPORT)
        await call.hangs_up()
    assert len({case.conversation_id for case in line.cases}) == 2


# -- severe reports ---------------------------------------------------------------------


@pytest.fixture
async def reporting(line: PhoneLine) -> Call:
    """Ana has said that she cannot breathe."""
    call = await line.called_by()
    await call.says(REPORT)
    return call


async def test_the_on_call_person_hears_the_reference_and_nothing_of_the_patient(
    line: PhoneLine, reporting: Call
) -> None:
    noor = await line.picks_up(NOOR)
    assert noor.heard == (
        f"This is Cleo's Clinic. Emergency report {', '.join(line.case.reference)}. The patient is on the line. "
        "Press one to take it and talk to the patient."
    )
    assert noor.sender == line.company.main_number
    await reporting.hangs_up()


async def test_the_key_acknowledges_as_that_person_and_connects(line: PhoneLine, reporting: Call) -> None:
    noor = await line.picks_up(NOOR)
    await noor.presses("1")
    assert noor.talks_to is reporting
    assert (line.case.status, line.case.owner) == (Status.ACKNOWLEDGED, "noor")
    assert line.history(line.case.reference)[-3:] == ["acknowledged", "patient_told", "speaks_by_phone"]
    await noor.hangs_up()
    assert reporting.heard.startswith("Your talk with our staff has ended.")


async def test_while_they_talk_nobody_else_is_paged_for_want_of_a_take_over(line: PhoneLine, reporting: Call) -> None:
    noor = await line.picks_up(NOOR)
    await noor.presses("1")
    await line.works()
    assert "acknowledgement_expired" not in line.history(line.case.reference)
    assert {timer.kind for timer in line.timers()} == {"close"}
    await noor.hangs_up()


async def test_a_voicemail_takes_nothing_and_the_next_phone_rings(
    line: PhoneLine, reporting: Call, company: TelephoneCompany
) -> None:
    await (await company.phone(NOOR).rings()).goes_to_voicemail()
    lee = await line.picks_up(LEE)
    assert line.case.status is Status.OPEN
    await lee.presses("1")
    assert (line.case.owner, lee.talks_to) == ("lee", reporting)
    await reporting.hangs_up()


async def test_any_other_key_takes_nothing(line: PhoneLine, reporting: Call, company: TelephoneCompany) -> None:
    noor = await line.picks_up(NOOR)
    await noor.presses("3")
    assert noor.heard == "The next person is called. Goodbye."
    await (await company.phone(LEE).rings()).declines()
    assert line.case.status is Status.OPEN


async def test_when_nobody_takes_it_the_caller_hears_the_truth_and_stays(
    line: PhoneLine, reporting: Call, company: TelephoneCompany
) -> None:
    for number in (NOOR, LEE):
        await (await company.phone(number).rings()).rings_out()
    assert reporting.heard.startswith(f"Your report {', '.join(line.case.reference)} is stored for our on-call staff.")
    line.house.handling.acknowledge(line.case.reference, "kim", "link")
    await reporting.keeps_silent()
    assert reporting.heard.startswith("Kim, medical director has seen your report")


async def test_somebody_who_has_it_by_link_is_named_to_whoever_presses_the_key(
    line: PhoneLine, reporting: Call
) -> None:
    noor = await line.picks_up(NOOR)
    line.house.handling.acknowledge(line.case.reference, "lee", "link")
    await noor.presses("1")
    assert noor.heard == "Lee has the report already. You are connected all the same."
    assert noor.talks_to is reporting
    await reporting.hangs_up()


async def test_a_hang_up_leaves_the_report_open_and_the_ladder_pages_on(line: PhoneLine, reporting: Call) -> None:
    await line.company.phone(NOOR).rings()  # and stops ringing
    await reporting.hangs_up()
    assert line.case.status is Status.OPEN
    assert line.history(line.case.reference)[-1] == "call_ended"
    await line.works()
    page = await line.picks_up(NOOR)
    assert page.heard.startswith(
        f"Cleo's Clinic. Emergency report {', '.join(line.case.reference)}, waiting 0 minutes."
    )
    await page.presses("1")
    assert line.case.owner == "noor"


async def test_whoever_presses_the_key_after_the_hang_up_is_told_to_call_back(
    line: PhoneLine, company: TelephoneCompany
) -> None:
    call = await line.called_by()
    await call.says(REPORT)
    noor = await line.picks_up(NOOR)
    await line.house_ends(call)
    await noor.presses("1")
    assert noor.heard == (
        f"You have the report {', '.join(line.case.reference)}. The patient has hung up: please call back now."
    )
    assert line.case.owner == "noor"
    await call.hangs_up()


async def test_who_calls_again_hears_where_the_report_stands(line: PhoneLine, reporting: Call) -> None:
    await line.company.phone(NOOR).rings()  # and stops ringing
    await reporting.hangs_up()
    again = await line.called_by()
    assert again.heard.startswith("Thank you for calling Cleo's Clinic. If this is an emergency")
    assert f"Your report {', '.join(line.case.reference)} is stored for our on-call staff." in again.heard
    await again.presses("0")
    noor = await line.picks_up(NOOR)
    await noor.presses("1")
    assert noor.talks_to is again
    await again.hangs_up()


async def test_a_report_counts_at_any_confidence(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.says(REPORT, confidence=0.05)
    assert call.heard.startswith("This may be an emergency.")
    await call.hangs_up()
    assert line.case.tier is Tier.EMERGENCY
