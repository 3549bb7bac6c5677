"""Texts and calls over the wire: the real gateway, Rasa and pager, with the pretend telephone company."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import re
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import closing
from typing import Any, TypeVar

import pytest
import yaml

from tests.e2e.server import REPLY_SECONDS, Server, run_bot
from tools.demo.cast import CLINIC_FILE
from tools.telephone_company import Call, TelephoneCompany

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

T = TypeVar("T")
NOOR = "+15550100101"
HANDOFF_KEY = "a-key-that-only-the-phone-tree-and-the-clinic-know"
REPORT = "I can't breathe and my lips are blue"


class Exchange:
    """The company in a thread of its own, so that a server may be waited for beside it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.company = TelephoneCompany()
        self.do(self.company.open())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Until it is done."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(REPLY_SECONDS)

    def close(self) -> None:
        """Hang up on everybody."""
        self.do(self.company.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(REPLY_SECONDS)
        self._loop.close()

    def text(self, number: str, words: str) -> None:
        """Somebody texts the clinic."""
        assert self.do(self.company.phone(number).text(words)).status == 200

    def received(self, number: str, part: str) -> str:
        """The next text that holds something."""
        while part not in (body := self.do(self.company.phone(number).receives()).body):
            pass
        return body

    def call(self, number: str) -> Call:
        """Somebody calls the clinic, and hears the greeting."""
        return self.do(self.company.phone(number).dials())


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    """For all tests here."""
    exchange = Exchange()
    yield exchange
    exchange.close()


@pytest.fixture(scope="module")
def clinic(model: object, exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration's clinic with one nurse who is always on call, and nobody at the desk."""
    folder = tmp_path_factory.mktemp("telephone")
    content = yaml.safe_load(CLINIC_FILE)
    people = content["on_call"]["people"]
    content["on_call"]["people"] = {"noor": {**people["noor"], "hours": ["mon-sun 00:00-24:00"]}, "kim": people["kim"]}
    for ladder in content["on_call"]["ladder"].values():
        ladder["steps"] = [{"page": ["noor"]}]
    del content["telephone"]["desk"]
    (folder / "clinic.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    server = Server(
        folder, CLINIC_FILE=str(folder / "clinic.yml"), CANARY_HOURS="0", HANDOFF_KEY=HANDOFF_KEY,
        **exchange.company.environment(),
    )  # fmt: skip
    exchange.company.serves(f"http://127.0.0.1:{server.port}")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.mark.usefixtures("clinic")
def test_a_question_by_text_is_answered_with_its_source(exchange: Exchange) -> None:
    ana = "+15550100161"
    exchange.text(ana, "Can I drive home after my session?")
    exchange.received(ana, "no person")
    assert "Source" in exchange.received(ana, "drive")
    exchange.text(ana, "STOP")
    exchange.received(ana, "no more texts")
    exchange.text(ana, "Can I eat before my session?")
    # What came before has been put through by now: nothing follows the confirmation.
    exchange.do(exchange.company.webhooks.settle())
    assert exchange.company.phone(ana).unseen() == []


def test_a_severe_text_pages_the_nurse_who_takes_it_by_text_and_the_patient_is_told(
    clinic: Server, exchange: Exchange
) -> None:
    ben = "+15550100162"
    exchange.text(ben, REPORT)
    reference = reference_in(exchange.received(ben, "Call 911 now"), r"saved for our staff as (\w+)")
    page = exchange.received(NOOR, reference)
    assert "lips" not in page
    exchange.text(NOOR, reference)
    exchange.received(NOOR, f"You have {reference}")
    exchange.received(ben, f"Noor (nurse) saw your report {reference}")
    assert run_bot(
        "say", reference, "I am on my way.", "--by", "noor", CLINIC_FILE=str(clinic.data_dir / "clinic.yml"),
        DATA_DIR=str(clinic.data_dir), PUBLIC_URL=f"http://127.0.0.1:{clinic.port}", **exchange.company.environment(),
    ).returncode == 0  # fmt: skip
    exchange.received(ben, "I am on my way.")


@pytest.mark.usefixtures("clinic")
def test_a_severe_call_is_put_through_and_taken_with_a_key(exchange: Exchange) -> None:
    call = exchange.call("+15550100163")
    exchange.do(call.says(REPORT))
    assert "Call 9 1 1 now" in call.heard
    nurse = exchange.do(exchange.do(exchange.company.phone(NOOR).rings()).answers())
    assert "Press one to take it" in nurse.heard
    exchange.do(nurse.presses("1"))
    assert nurse.talks_to is call
    exchange.do(nurse.hangs_up())
    exchange.do(call.hangs_up())


@pytest.mark.usefixtures("clinic")
def test_a_caller_who_is_not_heard_goes_on_by_text(exchange: Exchange) -> None:
    cleo = "+15550100164"
    call = exchange.call(cleo)
    exchange.do(call.keeps_silent())
    exchange.do(call.keeps_silent())
    exchange.do(call.presses("1"))
    exchange.received(cleo, "go on by text")
    exchange.text(cleo, "Can I drive home after my session?")
    exchange.received(cleo, "Source")
    exchange.do(call.hangs_up())


def test_another_phone_tree_hands_a_caller_over_to_text(clinic: Server, exchange: Exchange) -> None:
    dee = "+15550100165"
    body = json.dumps(
        {"id": "call-0001", "number": dee, "reason": "Can I drive home after my session?", "menu_path": "questions",
         "consent": True, "consent_words": "pressed 1 for a text"}
    ).encode()  # fmt: skip
    now = str(int(time.time()))
    signature = hmac.new(HANDOFF_KEY.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json", "X-Handoff-Timestamp": now, "X-Handoff-Signature": f"sha256={signature}",
    }  # fmt: skip
    with closing(http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=REPLY_SECONDS)) as connection:
        connection.request("POST", "/api/phone-tree/handoff", body, headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
    exchange.received(dee, "no person")


def test_drills_over_all_channels_find_every_link_good_and_reach_nobody(clinic: Server, exchange: Exchange) -> None:
    sent, called = len(exchange.company.texts), len(exchange.company.calls)
    drill = run_bot(
        "canary", DATA_DIR=str(clinic.data_dir), PORT=str(clinic.port),
        CLINIC_FILE=str(clinic.data_dir / "clinic.yml"), **exchange.company.environment(),
    )  # fmt: skip
    assert drill.returncode == 0, drill.stdout + drill.stderr
    lines = [line for line in drill.stdout.splitlines() if " ms  " in line]
    assert [line.split()[0] for line in lines] == ["ok"] * 15
    # An answer to a patient of another test may still arrive: nothing goes to staff, or back to ourselves.
    receivers = {text.to for text in exchange.company.texts[sent:]}
    assert receivers.isdisjoint({NOOR, exchange.company.main_number})
    assert len(exchange.company.calls) == called


def reference_in(text: str, pattern: str) -> str:
    """The case that a text names."""
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]
