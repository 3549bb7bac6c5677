"""The demonstration's phones, switches and page, over the pretend company and a clinic that says one thing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.settings import load_settings
from tools.demo.cast import CAST, CLINIC_NUMBER
from tools.demo.pages import build_app
from tools.demo.product import Product
from tools.demo.stage import Impossible, Stage
from tools.telephone_company import TelephoneCompany

ANA, NOOR = "+15550100142", "+15550100101"
GATHER = (
    '<Response><Gather input="dtmf speech" action="/webhooks/twilio/voice/turn/1"><Say>Hello</Say></Gather></Response>'
)


@dataclass
class Clinic:
    """Answers every text with "seen", and every call with a question."""

    bodies: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Any webhook."""
        form = await request.post()
        if "/sms" not in request.path:
            return web.Response(text=GATHER)
        self.bodies.append(str(form["Body"]))
        return web.Response(text="<Response><Message>seen</Message></Response>")


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = Product(tmp_path, 18080, (18081, 18082))
    product.prepare()
    return product


@pytest.fixture
async def company() -> AsyncIterator[TelephoneCompany]:
    company = TelephoneCompany(CLINIC_NUMBER)
    await company.open()
    yield company
    await company.close()


@pytest.fixture
async def clinic(company: TelephoneCompany, aiohttp_server: Callable[..., Any]) -> Clinic:
    clinic = Clinic()
    app = web.Application()
    app.router.add_post("/{path:.*}", clinic.answer)
    company.serves(str((await aiohttp_server(app)).make_url("/")))
    return clinic


@pytest.fixture
async def stage(company: TelephoneCompany, product: Product) -> AsyncIterator[Stage]:
    settings = load_settings(product.environment(company.environment()))
    stage = Stage(company, settings.on_call, settings.clinic.time_zone)
    yield stage
    await stage.end()


@pytest.fixture
async def client(stage: Stage, product: Product, aiohttp_client: Callable[..., Any]) -> Any:
    return await aiohttp_client(build_app(stage, product))


def entries(stage: Stage, number: str) -> list[tuple[str, str]]:
    """What is on a phone."""
    (phone,) = (phone for phone in stage.state()["phones"] if phone["number"] == number)
    return [(entry["kind"], entry["text"]) for entry in phone["entries"]]


def test_the_clinic_of_the_demonstration_is_complete_and_reaches_nobody_real(product: Product) -> None:
    settings = load_settings(
        product.environment({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKENS": "0" * 32})
    )
    numbers = {role.number for role in CAST}
    contacts = [contact for person in settings.on_call.people.values() for contact in person.contacts]
    assert all(contact.address in numbers for contact in contacts)
    assert settings.clock_file == product.clock_file


@pytest.mark.usefixtures("clinic")
async def test_a_text_and_its_answer_are_on_the_phone(stage: Stage) -> None:
    await stage.act(ANA, "text", "hello")
    assert entries(stage, ANA) == [("sent", "hello"), ("received", "seen")]


@pytest.mark.usefixtures("clinic")
async def test_a_call_shows_what_is_heard_and_what_is_waited_for(stage: Stage) -> None:
    await stage.act(ANA, "dial", "")
    phone = stage.state()["phones"][0]
    assert (entries(stage, ANA)[-1], phone["call"]) == (
        ("heard", "Hello"), {"waits": "Gather", "keys": True, "speech": True},
    )  # fmt: skip
    await stage.act(ANA, "hang_up", "")
    assert stage.state()["phones"][0]["call"] is None


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize(
    ("number", "what"), [(ANA, "press"), (NOOR, "answer"), (ANA, "fly"), ("+15550100999", "text"), (ANA, "line")]
)
async def test_what_cannot_be_done_is_said(stage: Stage, number: str, what: str) -> None:
    with pytest.raises(Impossible):
        await stage.act(number, what, "1")


async def test_switches_repeat_and_reorder_texts(stage: Stage, clinic: Clinic) -> None:
    await stage.switches.set("repeats", True)
    await stage.act(ANA, "text", "one")
    assert clinic.bodies == ["one", "one"]
    await stage.switches.set("repeats", False)
    await stage.switches.set("reorders", True)
    await stage.act(ANA, "text", "two")
    await stage.act(ANA, "text", "three")
    await stage.act(ANA, "text", "four")
    assert clinic.bodies[2:] == ["three", "two"]
    await stage.switches.set("reorders", False)
    assert clinic.bodies[4:] == ["four"]


async def test_trouble_is_counted_and_ended(stage: Stage) -> None:
    stage.switches.trouble("hang", 3)
    assert stage.state()["switches"]["left"] == 3
    stage.switches.calm()
    assert stage.state()["switches"]["left"] == 0
    with pytest.raises(ValueError, match="choose one of"):
        stage.switches.trouble("explode", 1)


async def test_the_page_moves_the_clock(client: TestClient[Any, Any], product: Product) -> None:
    for minutes, seconds in ((10, "600"), (480, "29400"), (-9999, "0")):
        assert (await client.post("/clock", json={"minutes": minutes})).status == 200
        assert product.clock_file.read_text() == seconds


async def test_no_other_site_gets_at_the_phones(client: TestClient[Any, Any], stage: Stage) -> None:
    body = {"number": ANA, "do": "text", "words": "hello"}
    assert (await client.post("/phone", json=body, headers={"Host": "evil.example"})).status == 403
    assert (await client.post("/phone", data=body)).status == 415
    assert entries(stage, ANA) == []


@pytest.mark.parametrize(
    ("path", "body"), [("/phone", []), ("/clock", {"minutes": "soon"}), ("/company", {"switch": "sings"})]
)
async def test_a_request_that_makes_no_sense_is_refused(client: TestClient[Any, Any], path: str, body: object) -> None:
    response = await client.post(path, json=body)
    assert (response.status, bool((await response.json())["error"])) == (409, True)


async def test_the_page_and_its_parts_are_there(client: TestClient[Any, Any]) -> None:
    for path in ("/", "/demo.css", "/demo.js", "/favicon.svg"):
        assert (await client.get(path)).status == 200, path
