"""Drills over texts and calls: every link, nothing for the provider, and no mark that others could make."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bot import canary, staff_commands
from bot.app import build_house, build_pager
from bot.canary import HEADER, TEXT, Canary, signature
from bot.canary import Link as CanaryLink
from bot.domain.clock import utc_now
from bot.domain.drill import drill_sender, is_drill_number
from bot.domain.errors import ConfigurationError
from bot.domain.escalation import Status
from bot.domain.telephone import Telephone
from bot.twilio import paths
from bot.twilio.signature import HEADER as PROVIDER_HEADER
from bot.twilio.signature import sign
from tests.channels.phone_fixtures import company, line, open_line
from tests.harness.phone_line import PUBLIC, PhoneLine
from tools.telephone_company import TelephoneCompany

__all__ = ["company", "line", "open_line"]

CHANNELS = ("sms", "phone")


@dataclass(frozen=True)
class Drills:
    """As the command line has them, with a pager at work."""

    line: PhoneLine

    async def run(self, channel: str) -> list[CanaryLink]:
        """What a drill says of each link."""
        settings, base_url = self.line.gateway.settings, str(self.line.gateway.client.make_url("")).rstrip("/")
        house, pager = build_house(settings), build_pager(settings)

        def resolve(reference: str, outcome: object) -> object:
            return house.handling.resolve(reference, "canary", outcome, "drill")  # type: ignore[arg-type]

        def link_of(page: str) -> str:
            return f"{base_url}/staff/pages/{house.links.token_for_an_hour(page, utc_now())}"

        settings = replace(settings, host="127.0.0.1", port=self.line.gateway.client.port)
        front = staff_commands.fronts(settings, house, channel)[channel]
        drill = Canary(base_url, settings.secret_key, house.desk.sent_page, link_of, resolve, front)
        stop = threading.Event()
        at_work = asyncio.create_task(asyncio.to_thread(pager.run, stop))
        try:
            return await asyncio.to_thread(lambda: list(drill.run()))
        finally:
            stop.set()
            await at_work


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "_PAGE_WITHIN_SECONDS", 10.0)


@pytest.fixture
def drills(line: PhoneLine) -> Drills:
    return Drills(line)


def cases(line: PhoneLine) -> list[tuple[Status, bool]]:
    """Status of every case, and whether it is a drill's."""
    with build_house(line.gateway.settings).unit_of_work() as uow:
        return [(case.status, case.canary) for case in uow.escalations.listing(include_resolved=True, canaries=True)]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_drill_goes_the_whole_way_and_the_provider_hears_nothing(
    drills: Drills, company: TelephoneCompany, channel: str
) -> None:
    links = await drills.run(channel)
    assert [link.problem for link in links] == [None] * 5
    assert cases(drills.line) == [(Status.RESOLVED, True)]
    assert (company.texts, company.calls) == ([], [])


@pytest.mark.parametrize("channel", CHANNELS)
async def test_one_drill_after_the_other_is_a_talk_of_its_own(drills: Drills, channel: str) -> None:
    for _ in range(2):
        assert [link.problem for link in await drills.run(channel)] == [None] * 5
    assert cases(drills.line) == [(Status.RESOLVED, True)] * 2


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_report_that_is_not_found_is_named(
    drills: Drills, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    monkeypatch.setattr(canary, "TEXT", "How long is a session?")
    (link,) = await drills.run(channel)
    assert link.problem == canary.NOT_ESCALATED


MARKS: dict[str, Callable[[bytes, str], str]] = {
    "any text": lambda _, __: "1",
    "another text's": lambda key, _: signature(key, "SM" + "0" * 32),
    "another key's": lambda _, sid: signature(b"another key", sid),
}


@pytest.mark.parametrize("mark", MARKS)
async def test_a_report_cannot_be_taken_for_a_drill(line: PhoneLine, company: TelephoneCompany, mark: str) -> None:
    """Not even by somebody who could sign like the provider."""
    sid = "SM" + secrets.token_hex(16)
    form = {"MessageSid": sid, "From": "+15550100142", "To": company.main_number, "Body": TEXT, "NumMedia": "0"}
    headers = {
        PROVIDER_HEADER: sign(f"{PUBLIC}{paths.SMS}", form, company.webhooks.token),
        HEADER: MARKS[mark](line.gateway.settings.secret_key, sid),
    }
    response = await line.gateway.client.post(paths.SMS, data=form, headers=headers)
    assert response.status == 200
    assert cases(line) == [(Status.OPEN, False)]


async def test_a_mark_alone_is_not_let_in(line: PhoneLine, company: TelephoneCompany) -> None:
    sid = "SM" + secrets.token_hex(16)
    form = {"MessageSid": sid, "From": company.main_number, "To": company.main_number, "Body": TEXT, "NumMedia": "0"}
    headers = {HEADER: signature(line.gateway.settings.secret_key, sid)}
    assert (await line.gateway.client.post(paths.SMS, data=form, headers=headers)).status == 403
    assert cases(line) == []


def test_no_telephone_number_is_a_drills() -> None:
    assert is_drill_number(drill_sender("SM1", "+15550100150").number)
    assert not is_drill_number("+15550100142")


async def test_without_a_telephone_there_is_no_drill_by_telephone(line: PhoneLine) -> None:
    settings = line.gateway.settings
    assert list(staff_commands.fronts(settings, build_house(settings), "all")) == ["web", "sms", "phone"]
    assert list(staff_commands.fronts(settings, build_house(settings), "sms")) == ["sms"]
    with pytest.raises(ConfigurationError, match="TWILIO_ACCOUNT_SID is not set"):
        staff_commands.fronts(replace(settings, telephone=Telephone()), build_house(settings), "phone")
