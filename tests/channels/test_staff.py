"""The page behind a page's link: looking changes nothing, the button acknowledges, the patient is not in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.app import House, build_house, build_pager
from bot.domain.clock import utc_now
from bot.domain.errors import StorageUnavailable
from bot.domain.escalation import Outcome, Status
from bot.domain.links import AcknowledgeLinks
from bot.services.handling import Handling
from bot.storage import tables
from bot.storage.engine import create_engine
from tests.channels.conftest import Gateway, StartGateway
from tests.harness.settings import ON_CALL
from tests.harness.storage import Database

NUMBER = "+1 212 555 0147"
REPORT = f"It is Ana Lopez, I can't breathe, call me on {NUMBER}"
BUTTON = "<button"
TWO_PEOPLE = {
    **ON_CALL,
    "people": {name: {"name": name.title(), "role": "nurse", "contacts": ["log"]} for name in ("noor", "lee")},
    "ladder": {tier: {"steps": [{"page": ["noor", "lee"]}]} for tier in ("emergency", "urgent")},
}


@dataclass(frozen=True)
class Opened:
    """What a browser shows."""

    status: int
    text: str
    headers: Any

    @property
    def said(self) -> str:
        """The sentence in the middle."""
        found = re.search(r'<p role="status">(.*?)</p>', self.text)
        assert found is not None, self.text
        return found[1]


@dataclass(frozen=True)
class Case:
    """A report that was paged."""

    gateway: Gateway
    house: House
    token: str
    reference: str

    @property
    def links(self) -> dict[str, str]:
        """Of each person's page, its address."""
        rows = Database(create_engine(self.gateway.settings.database_url)).rows(tables.pages)
        return {row.person: self.link(row.id) for row in rows}

    def link(self, page_id: str, age: timedelta = timedelta(0)) -> str:
        """A page's address, as if it had been sent a while ago."""
        return f"/staff/pages/{self.house.links.token_for_an_hour(page_id, utc_now() - age)}"

    async def look(self, path: str) -> Opened:
        """Open the link."""
        async with self.gateway.client.get(path) as response:
            return Opened(response.status, await response.text(), response.headers)

    async def press(self, path: str) -> Opened:
        """Press the button."""
        async with self.gateway.client.post(path) as response:
            return Opened(response.status, await response.text(), response.headers)

    @property
    def standing(self) -> tuple[Status, str | None]:
        """Status and owner."""
        (escalation,) = self.house.desk.listing(include_resolved=True)
        return escalation.status, escalation.owner

    @property
    def history(self) -> list[str]:
        """What happened, in order."""
        return [entry.event for entry in self.house.desk.history(self.reference)]


@pytest.fixture
async def case(start_gateway: StartGateway) -> Case:
    """A report whose pages are stored and not sent yet: each has its link."""
    gateway = await start_gateway({"on_call": TWO_PEOPLE})
    answer = await gateway.say(REPORT)
    body = answer.body
    return Case(gateway, build_house(gateway.settings), body["conversation_id"], body["escalation"]["reference"])


# -- looking -------------------------------------------------------------------


async def test_the_page_says_what_waits_and_has_a_button(case: Case) -> None:
    opened = await case.look(case.links["noor"])
    assert (opened.status, opened.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert opened.said.startswith(f"emergency report {case.reference}, open since ")
    assert opened.said.endswith("Nobody has taken it yet.")
    assert BUTTON in opened.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_opening_the_link_changes_nothing(case: Case, method: str) -> None:
    before, link = case.history, case.links["noor"]
    for _ in range(3):
        async with case.gateway.client.request(method, link) as response:
            assert response.status == 200
    assert (case.standing, case.history) == ((Status.OPEN, None), before)


async def test_nothing_about_the_patient_is_in_the_page(case: Case) -> None:
    link = case.links["noor"]
    pages = [await case.look(link), await case.press(link), await case.look(link)]
    for page in pages:
        shown = page.text.lower()
        words = ["ana", "lopez", "breathe", "555 0147", "2125550147", "respiratory", case.token.lower()]
        assert [word for word in words if re.search(rf"\b{re.escape(word)}\b", shown)] == []


async def test_the_page_is_kept_by_nobody_and_runs_no_script(case: Case) -> None:
    opened = await case.look(case.links["noor"])
    assert opened.headers["Cache-Control"] == "no-store"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert opened.headers["X-Robots-Tag"] == "noindex"
    assert "form-action 'self'" in opened.headers["Content-Security-Policy"]
    assert re.search(r"<script|\son\w+=|\sstyle=", opened.text) is None


async def test_its_style_is_served(case: Case) -> None:
    opened = await case.look(case.links["noor"])
    found = re.search(r'href="(/assets/[^"]+)"', opened.text)
    assert found is not None
    async with case.gateway.client.get(found[1]) as response:
        assert (response.status, response.content_type) == (200, "text/css")


async def test_a_clinics_name_is_never_html(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"name": '<b>&"'})
    async with gateway.client.get("/staff/pages/nothing") as response:
        text = await response.text()
    assert "&lt;b&gt;&amp;&quot;" in text
    assert "<b>" not in text


# -- pressing ------------------------------------------------------------------


async def test_the_button_acknowledges_for_who_was_paged(case: Case) -> None:
    pressed = await case.press(case.links["lee"])
    assert (pressed.status, case.standing) == (200, (Status.ACKNOWLEDGED, "lee"))
    assert pressed.said.startswith(f"You have {case.reference}.")
    assert BUTTON not in pressed.text
    (line,) = [entry for entry in case.house.desk.history(case.reference) if entry.event == "acknowledged"]
    assert (line.actor, line.detail) == ("lee", {"way": "link"})


async def test_after_the_button_nobody_else_is_paged(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    await case.press(case.links["lee"])
    build_pager(case.gateway.settings).once()
    assert "PAGE" not in caplog.text


async def test_pressed_twice_is_acknowledged_once(case: Case) -> None:
    link = case.links["noor"]
    assert [(await case.press(link)).status for _ in range(2)] == [200, 200]
    assert case.history.count("acknowledged") == 1


async def test_a_link_acknowledges_once_and_leads_to_the_console_then(case: Case) -> None:
    link = case.links["noor"]
    pressed = await case.press(link)
    console = f"/staff/escalations/{case.reference}"
    assert f'<a href="{console}">Open it in the console</a>' in pressed.text
    async with case.gateway.client.get(link, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, console)


async def test_a_used_link_does_nothing_when_the_case_waits_again(case: Case) -> None:
    link = case.links["noor"]
    await case.press(link)
    with case.house.unit_of_work() as uow:
        found = uow.escalations.by_reference(case.reference)
        assert found is not None
        case.house.ladder.start(uow, found.moved(Status.OPEN, utc_now()), utc_now())
        uow.commit()
    pressed = await case.press(link)
    assert (pressed.status, case.standing) == (410, (Status.OPEN, "noor"))
    assert pressed.said.startswith("This link was used before.")


async def test_a_link_that_came_too_late_is_not_used_up(case: Case) -> None:
    links = case.links
    await case.press(links["noor"])
    assert (await case.press(links["lee"])).status == 409
    assert (await case.look(links["lee"])).said.endswith("It is acknowledged, with Noor.")


async def test_who_comes_second_is_told_who_has_it(case: Case) -> None:
    links = case.links
    await case.press(links["noor"])
    second = await case.press(links["lee"])
    assert (second.status, second.said) == (409, f"{case.reference} is already with Noor.")
    assert case.standing == (Status.ACKNOWLEDGED, "noor")


async def test_who_looks_second_sees_who_has_it_and_no_button(case: Case) -> None:
    links = case.links
    await case.press(links["noor"])
    opened = await case.look(links["lee"])
    assert opened.said.endswith("It is acknowledged, with Noor.")
    assert BUTTON not in opened.text


async def test_what_is_closed_cannot_be_acknowledged(case: Case) -> None:
    link = case.links["noor"]
    case.house.handling.resolve(case.reference, "lee", Outcome.HANDLED)
    pressed = await case.press(link)
    assert (pressed.status, pressed.said) == (409, f"{case.reference} is resolved: it cannot become acknowledged.")
    assert BUTTON not in (await case.look(link)).text


async def test_who_is_paged_again_after_a_silence_may_acknowledge_again(case: Case) -> None:
    link = case.links["lee"]
    case.house.handling.acknowledge(case.reference, "noor", "cli")
    with case.house.unit_of_work() as uow:
        found = uow.escalations.by_reference(case.reference)
        assert found is not None
        case.house.ladder.start(uow, found.moved(Status.OPEN, utc_now()), utc_now())
        uow.commit()
    assert (await case.press(link)).status == 200
    assert case.standing == (Status.ACKNOWLEDGED, "lee")


# -- links that are none -------------------------------------------------------


async def refused(case: Case, link: str) -> None:
    """Neither way is anything shown or done."""
    for opened in (await case.look(link), await case.press(link)):
        assert (opened.status, BUTTON in opened.text) == (410, False)
        assert opened.said.startswith("This link is over.")
        assert case.reference not in opened.text
    assert case.standing == (Status.OPEN, None)


async def test_a_link_is_over_after_an_hour(case: Case) -> None:
    build_pager(case.gateway.settings).once()
    page_id = case.house.desk.sent_page(case.reference)
    assert page_id is not None
    assert (await case.look(case.link(page_id, timedelta(minutes=59)))).status == 200
    await refused(case, case.link(page_id, timedelta(minutes=61)))


@pytest.mark.parametrize("part", [0, 1, 2], ids=["page", "time", "signature"])
async def test_a_forged_link_is_refused(case: Case, part: int) -> None:
    path, _, token = case.links["noor"].rpartition("/")
    parts = token.split(".")
    parts[part] = ("1" if parts[part][0] != "1" else "2") + parts[part][1:]
    await refused(case, f"{path}/{'.'.join(parts)}")


async def test_a_link_to_no_page_is_refused(case: Case) -> None:
    await refused(case, case.link("0" * 32))


async def test_a_patients_token_opens_no_page(case: Case) -> None:
    await refused(case, f"/staff/pages/{case.token}")


async def test_a_link_of_another_installation_is_refused(case: Case) -> None:
    theirs = AcknowledgeLinks(b"their key, which nobody else has", case.gateway.settings.public_url)
    page_id = case.links["noor"].rpartition("/")[2].partition(".")[0]
    await refused(case, f"/staff/pages/{theirs.token_for_an_hour(page_id, utc_now())}")


# -- without the database ------------------------------------------------------


async def test_an_acknowledgement_that_cannot_be_stored_is_said_and_the_button_stays(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable

    link = case.links["noor"]
    monkeypatch.setattr(Handling, "acknowledge", fail)
    pressed = await case.press(link)
    assert (pressed.status, BUTTON in pressed.text) == (503, True)
    assert "could not be stored" in pressed.said


async def test_a_case_that_cannot_be_read_is_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable

    link = case.links["noor"]
    monkeypatch.setattr(Handling, "view", fail)
    async with case.gateway.client.get(link) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (503, "storage_unavailable")
