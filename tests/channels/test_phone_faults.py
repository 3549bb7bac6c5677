"""Whatever is broken or posted: a signed webhook of a call gets TwiML that helps, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.escalation import Tier
from bot.domain.phone_tree import PhoneTree
from bot.services.calls import PhoneCalls
from bot.services.makeshift import Makeshift
from bot.services.whispers import Whispers
from bot.twilio.paths import VOICE
from tests.channels.phone_fixtures import OpenLine, company, line, open_line
from tests.harness.phone_line import ANA, DESK, NOOR, OPEN_DESK, PUBLIC, PhoneLine
from tools.telephone_company import TelephoneCompany
from tools.telephone_company.twiml import read_voice

__all__ = ["company", "line", "open_line"]

REPORT = "I can't breathe"
AWAY = "sqlite:////nonexistent-folder/assistant.db"
TECHNICAL = "I have a technical problem. If this is an emergency, hang up and call 9 1 1."


def breaks(*_: Any, **__: Any) -> Any:
    """Something that nobody thought of."""
    raise RuntimeError("broken")


async def fails(*_: Any, **__: Any) -> None:
    """The same, where it is waited for."""
    raise RuntimeError("broken")


# -- the database is away ------------------------------------------------------------


async def test_without_the_database_a_caller_hears_the_numbers_and_reaches_the_clinic(
    open_line: OpenLine, company: TelephoneCompany
) -> None:
    line = await open_line(desk=OPEN_DESK, DATABASE_URL=AWAY)
    call = await company.phone(ANA).dials()
    assert call.heard == (
        f"{TECHNICAL} For thoughts of suicide, call or text 9 8 8. You can reach the clinic at 5 5 5, 0 1 0, 0 1 2 3. "
        "I am connecting you with the clinic now."
    )
    assert line.settings.telephone.desk is not None
    desk = await (await company.phone(DESK).rings()).answers()
    assert desk.talks_to is call
    await call.hangs_up()


async def test_a_clinic_whose_only_number_is_ours_is_not_rung_in_a_circle(
    open_line: OpenLine, company: TelephoneCompany
) -> None:
    await open_line(clinic={"phone": company.main_number}, DATABASE_URL=AWAY)
    call = await company.phone(ANA).dials()
    assert call.heard.endswith("If it is urgent, tell me in a few words what is wrong.")
    assert call.awaits is not None
    assert call.awaits.name == "Gather"


async def test_a_report_without_the_database_is_said_kept_on_disk_and_rung(
    open_line: OpenLine, company: TelephoneCompany
) -> None:
    line = await open_line(clinic={"phone": company.main_number}, DATABASE_URL=AWAY)
    call = await company.phone(ANA).dials()
    await call.says(REPORT)
    assert call.heard.startswith("This may be an emergency. Call 9 1 1 now")
    assert "I could NOT pass this on to our staff." in call.heard
    assert len(list((line.settings.data_dir / "spool").glob("*.json"))) == 1
    rings = [await company.phone(NOOR).rings() for _ in range(2)]  # the alarm's call, and the caller's
    (transfer,) = [ring for ring in rings if ring.call.parent is call]
    noor = await transfer.answers()
    assert "The patient is on the line." in noor.heard
    await noor.presses("1")
    assert (noor.heard, noor.talks_to) == ("It could not be stored that you have it. You are connected now.", call)
    await call.hangs_up()
    for ring in rings:
        if ring is not transfer:
            await ring.declines()


# -- something else is broken --------------------------------------------------------------


async def test_a_fault_inside_is_never_the_callers_error_page(
    line: PhoneLine, company: TelephoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.called_by()
    monkeypatch.setattr(PhoneTree, "after", breaks)
    await call.says("when can I drive")
    assert call.heard.startswith(TECHNICAL)
    await call.hangs_up()


async def test_a_report_behind_a_fault_is_taken_in_and_said(line: PhoneLine, monkeypatch: pytest.MonkeyPatch) -> None:
    call = await line.called_by()
    monkeypatch.setattr(PhoneTree, "told", breaks)
    await call.says(REPORT)
    assert call.heard.startswith("This may be an emergency. Call 9 1 1 now")
    assert line.case.tier is Tier.EMERGENCY
    noor = await line.picks_up(NOOR)
    await noor.presses("1")
    assert (line.case.owner, noor.talks_to) == ("noor", call)
    await call.hangs_up()


async def test_with_everything_broken_the_numbers_are_said(
    line: PhoneLine, company: TelephoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PhoneCalls, "begin", breaks)
    monkeypatch.setattr(Makeshift, "turn", breaks)
    call = await company.phone(ANA).dials()
    assert call.heard.startswith(TECHNICAL)
    assert call.is_over


async def test_an_on_call_person_is_connected_though_nothing_can_be_looked_up(
    line: PhoneLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.called_by()
    await call.says(REPORT)
    monkeypatch.setattr(Whispers, "about", breaks)
    noor = await line.picks_up(NOOR)
    assert noor.heard.startswith("This is Cleo's Clinic.")
    await noor.presses("1")
    assert noor.talks_to is call
    await call.hangs_up()


async def test_a_status_that_cannot_be_stored_is_no_error(
    line: PhoneLine, company: TelephoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.called_by()
    monkeypatch.setattr(PhoneCalls, "ended", fails)
    await call.hangs_up()


# -- spoken messages ------------------------------------------------------------------------


async def test_a_message_is_transcribed_and_screened_after_the_caller_is_gone(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.presses("0")
    await call.presses("3")
    assert "if this is an emergency, hang up and call 9 1 1" in call.heard
    await call.leaves_message(f"this is Ana and {REPORT}")
    await line.company.webhooks.settle()
    assert line.case.tier is Tier.EMERGENCY
    assert ("patient", f"this is Ana and {REPORT}") in line.talk_of(ANA)


async def test_who_stays_after_a_message_hears_what_becomes_of_it(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.presses("0")
    await call.presses("3")
    await call.presses("#")
    assert call.heard.startswith("Thank you. Your message is kept for our staff as")
    await line.company.webhooks.settle()


async def test_a_message_that_nobody_understands_is_for_a_person_today(line: PhoneLine) -> None:
    call = await line.called_by()
    await call.presses("0")
    await call.presses("3")
    await call.leaves_message("…", understood=False)
    await line.company.webhooks.settle()
    assert line.case.tier is Tier.SAME_DAY


# -- whatever is posted -------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["CallSid", "From", "To", "SpeechResult", "Confidence", "Digits", "DialCallStatus", "DialBridged", "RecordingSid",
     "RecordingDuration", "TranscriptionText", "TranscriptionStatus", "CallStatus", "ParentCallSid", "AnsweredBy", "Zz"]
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(
        ["", "CA1", "+15550100142", "+15550100150", "anonymous", "+266696687", "0", "1", "9", "#", "*", "true", "nan",
         "-1", "1e400", "completed", "no-answer", "RE1", "help", REPORT, "operator", "español", "\x00", "é" * 300]
    ),
    st.text(max_size=40),
)  # fmt: skip
FORMS = st.dictionaries(NAMES, VALUES, max_size=8)
PATHS = st.sampled_from(
    [VOICE, *(f"{VOICE}/turn/{turn}" for turn in (0, 1, 2, 7, 999)), f"{VOICE}/whisper/CA1/noor",
     f"{VOICE}/whisper/CA1/noor/key", f"{VOICE}/whisper/%00/nobody/key"]
)  # fmt: skip
QUIET = st.sampled_from([f"{VOICE}/status", f"{VOICE}/transcript"])


@pytest.fixture
async def fuzzed(line: PhoneLine, company: TelephoneCompany) -> TelephoneCompany:
    """A company whose phones nobody answers."""
    await line.called_by()
    return company


async def test_every_signed_form_of_a_call_gets_twiml(fuzzed: TelephoneCompany) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(PATHS, FORMS)
    def collect(path: str, form: dict[str, str]) -> None:
        seen.append((path, form))

    await asyncio.to_thread(collect)
    for path, form in seen:
        delivery = await fuzzed.webhooks.post(f"{PUBLIC}{path}", _sendable(form))
        assert delivery.status == 200, (path, form)
        assert read_voice(delivery.body)
        ElementTree.fromstring(delivery.body)  # noqa: S314 - our own answer


async def test_no_signed_status_or_transcript_is_an_error(fuzzed: TelephoneCompany) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUIET, FORMS)
    def collect(path: str, form: dict[str, str]) -> None:
        seen.append((path, form))

    await asyncio.to_thread(collect)
    for path, form in seen:
        delivery = await fuzzed.webhooks.post(f"{PUBLIC}{path}", _sendable(form))
        assert delivery.status == 204, (path, form)


def _sendable(form: dict[str, str]) -> dict[str, str]:
    """Without halves of characters, which no form can hold."""
    return {name: value.encode("utf-8", "ignore").decode() for name, value in form.items()}
