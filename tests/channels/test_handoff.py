"""A call is handed over by another phone tree: signed, once, and never to a dead end."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bot.channels.handoff import PATH, SIGNATURE, TIMESTAMP, sign
from bot.domain.escalation import Tier
from bot.services.telephone_ports import Consent
from tests.channels.conftest import Response
from tests.channels.fake_rasa import FakeRasa
from tests.channels.phone_fixtures import OpenLine, company, line, open_line
from tests.harness.phone_line import ANA, PhoneLine
from tools.telephone_company import TelephoneCompany

__all__ = ["company", "line", "open_line"]

KEY, OLD_KEY = "k" * 32, "o" * 40
WORDS = "Press 1 and we text you. Message and data rates may apply."
CALL = {
    "id": "CA0000000001",
    "number": ANA,
    "reason": "When can I drive again?",
    "menu_path": "Appointments > Changes",
    "language": "en",
    "consent": True,
    "consent_words": WORDS,
}
REPORT = "I can't breathe"


class OtherTree:
    """The clinic's own phone tree."""

    def __init__(self, line: PhoneLine) -> None:
        self.line = line

    async def hands_over(self, **changes: Any) -> Response:
        """A call, with some of it changed; None takes a field out."""
        body = {name: value for name, value in {**CALL, **changes}.items() if value is not None}
        return await self.posts(json.dumps(body).encode())

    async def posts(self, body: bytes, key: str = KEY, minutes: float = 0, **headers: str) -> Response:
        """Bytes, signed `minutes` from now."""
        timestamp = str(int(time.time() + minutes * 60))
        signed = {TIMESTAMP: timestamp, SIGNATURE: sign(key, timestamp, body), "Content-Type": "application/json"}
        return await self.line.gateway.request("POST", PATH, data=body, headers={**signed, **headers})


@pytest.fixture
async def tree(open_line: OpenLine) -> OtherTree:
    """With a key of its own, while an old one is replaced."""
    return OtherTree(await open_line(HANDOFF_KEY=f"{KEY},{OLD_KEY}"))


def bodies(tree: OtherTree) -> list[str]:
    """The outbox of texts."""
    return [text.body for text in tree.line.texts()]


# -- to text ----------------------------------------------------------------------


async def test_the_talk_goes_on_by_text_where_the_caller_was(tree: OtherTree, rasa: FakeRasa) -> None:
    receipt = await tree.hands_over()
    greeting, opening, answer = bodies(tree)
    assert greeting.startswith("This is the automated assistant of Cleo's Clinic")
    assert opening == "You called us about: Appointments > Changes."
    assert answer.startswith("No driving for 24 hours.")
    assert receipt.body == {
        "result": "texted",
        "why": None,
        "reference": None,
        "urgent": False,
        "say": "We are sending you a text message now. Answer it to go on in writing.",
    }


async def test_the_consent_is_recorded_in_the_words_that_were_heard(tree: OtherTree) -> None:
    await tree.hands_over()
    with tree.line.house.unit_of_work() as uow:
        address = uow.addresses.find(ANA, tree.line.company.main_number)
        assert address is not None
        (entry,) = uow.addresses.record_of(address.id)
    assert (entry.consent, entry.how, entry.words) == (Consent.GIVEN, "phone_tree", WORDS)


async def test_without_a_reason_the_caller_is_asked_for_one(tree: OtherTree, rasa: FakeRasa) -> None:
    await tree.hands_over(reason=None)
    assert bodies(tree)[-1] == (
        "You called us about: Appointments > Changes. We go on by text: what would you like to know?"
    )
    assert rasa.asked == []


async def test_a_spanish_caller_is_texted_and_told_in_spanish(tree: OtherTree) -> None:
    receipt = await tree.hands_over(reason=None, menu_path=None, language="es")
    assert bodies(tree)[-1] == "Seguimos por texto: ¿qué necesita?"
    assert receipt.body["say"].startswith("Le estamos mandando un mensaje de texto.")


async def test_the_same_call_again_gets_the_same_answer_and_no_second_text(tree: OtherTree, rasa: FakeRasa) -> None:
    first = await tree.hands_over()
    count = len(bodies(tree))
    assert (await tree.hands_over()).body == first.body
    assert (len(bodies(tree)), len(rasa.asked)) == (count, 1)


async def test_an_id_that_came_with_another_call_is_refused(tree: OtherTree) -> None:
    await tree.hands_over()
    again = await tree.hands_over(reason="something else")
    assert (again.status, again.code) == (409, "id_reused")


async def test_a_slow_dialogue_keeps_nobody_waiting_for_ever(tree: OtherTree, rasa: FakeRasa) -> None:
    rasa.hangs = True
    receipt = await tree.hands_over()
    assert receipt.body["result"] == "texted"
    assert "technical problem" in bodies(tree)[-1]


# -- to a call back -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consent": False}, "no_consent"),
        ({"number": None}, "withheld"),
        ({"number": "anonymous"}, "withheld"),
        ({"number": "+266696687"}, "withheld"),
    ],
)
async def test_who_cannot_be_texted_is_called_back(tree: OtherTree, changes: dict[str, Any], why: str) -> None:
    receipt = await tree.hands_over(**changes)
    case = tree.line.case
    assert receipt.body["result"] == "call_back"
    assert (receipt.body["why"], receipt.body["reference"]) == (why, case.reference)
    assert receipt.body["say"] == f"Our staff will call you back. Your request is kept as {case.reference}."
    assert (case.tier, case.reason, bodies(tree)) == (Tier.ROUTINE, "callback_requested", [])


async def test_a_landline_is_called_back(tree: OtherTree, company: TelephoneCompany) -> None:
    company.phone(ANA).line_type = "landline"
    assert (await tree.hands_over()).body["why"] == "landline"


async def test_a_number_that_has_stopped_texts_is_called_back(tree: OtherTree) -> None:
    await tree.hands_over(id="CA0000000009")
    with tree.line.house.unit_of_work() as uow:
        address = uow.addresses.find(ANA, tree.line.company.main_number)
        assert address is not None
        uow.addresses.record(address.id, Consent.STOPPED, "keyword", "STOP", uow.addresses.record_of(address.id)[0].at)
        uow.commit()
    count = len(bodies(tree))
    assert (await tree.hands_over()).body["why"] == "stopped"
    assert len(bodies(tree)) == count


async def test_the_staff_see_what_the_caller_said_and_where(tree: OtherTree) -> None:
    receipt = await tree.hands_over(consent=False)
    history = tree.line.house.desk.history(receipt.body["reference"])
    assert history[0].detail["menu"] == "Appointments > Changes"
    assert ("patient", "When can I drive again?") in tree.line.talk_of(ANA)


# -- what the caller said is screened ---------------------------------------------------


async def test_a_severe_reason_is_paged_said_and_texted_before_anything_else(tree: OtherTree) -> None:
    receipt = await tree.hands_over(reason=REPORT)
    assert receipt.body["urgent"]
    assert receipt.body["reference"] == tree.line.case.reference
    assert receipt.body["say"].startswith("This may be an emergency. Call 911 now")
    assert bodies(tree)[0].startswith("This may be an emergency.")
    assert "step_taken" in tree.line.history(tree.line.case.reference)


async def test_a_severe_reason_without_consent_is_paged_and_said(tree: OtherTree) -> None:
    receipt = await tree.hands_over(reason=REPORT, consent=False)
    assert receipt.body["say"].startswith("This may be an emergency.")
    assert (tree.line.case.tier, bodies(tree)) == (Tier.EMERGENCY, [])


async def test_a_severe_reason_of_nobody_knows_whom_is_paged_all_the_same(tree: OtherTree) -> None:
    await tree.hands_over(reason=REPORT, number=None)
    assert tree.line.case.tier is Tier.EMERGENCY


# -- the signature -----------------------------------------------------------------------


async def test_the_old_key_is_good_while_it_is_replaced(tree: OtherTree) -> None:
    assert (await tree.posts(json.dumps(CALL).encode(), key=OLD_KEY)).status == 200


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
async def test_clocks_may_differ_by_five_minutes(tree: OtherTree, minutes: float) -> None:
    assert (await tree.posts(json.dumps(CALL).encode(), minutes=minutes)).status == 200


@pytest.mark.parametrize(
    "options",
    [
        {"key": "x" * 32},
        {"minutes": -6},
        {"minutes": 6},
        {SIGNATURE: ""},
        {SIGNATURE: "sha256=é"},
        {TIMESTAMP: ""},
        {TIMESTAMP: "now"},
        {TIMESTAMP: "-1"},
    ],
)
async def test_what_is_not_signed_in_time_is_refused(tree: OtherTree, options: dict[str, Any]) -> None:
    response = await tree.posts(json.dumps(CALL).encode(), **options)
    assert (response.status, response.code) == (401, "handoff_signature_wrong")
    assert tree.line.talk_of(ANA) == []


async def test_a_body_that_was_changed_on_the_way_is_refused(tree: OtherTree) -> None:
    timestamp = str(int(time.time()))
    signature = sign(KEY, timestamp, json.dumps(CALL).encode())
    changed = json.dumps({**CALL, "number": "+15550100143"}).encode()
    response = await tree.posts(changed, **{TIMESTAMP: timestamp, SIGNATURE: signature})
    assert response.status == 401


# -- what is wrong with a call ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"id": "short"}, "id"),
        ({"id": "with spaces in it"}, "id"),
        ({"number": "call me maybe"}, "number"),
        ({"number": "12"}, "number"),
        ({"number": 15550100142}, "number"),
        ({"reason": "x" * 2001}, "reason"),
        ({"menu_path": ["a"]}, "menu_path"),
        ({"language": "fr"}, "language"),
        ({"consent": "yes"}, "consent"),
        ({"consent_words": ""}, "consent_words"),
        ({"clinic_number": "+15550100999"}, "clinic_number"),
    ],
)
async def test_what_is_wrong_is_named(tree: OtherTree, changes: dict[str, Any], word: str) -> None:
    response = await tree.hands_over(**changes)
    assert (response.status, response.code) == (400, "handoff_wrong")
    assert response.body["error"]["message"].split()[0].strip(",") in (word, "With")


async def test_a_field_that_is_not_known_is_named(tree: OtherTree) -> None:
    response = await tree.hands_over(name="Ana")
    assert (response.status, response.code) == (400, "unknown_field")


@pytest.mark.parametrize(("body", "code"), [(b"{", "bad_json"), (b"[]", "wrong_type"), (b"\xff", "bad_json")])
async def test_a_body_that_is_no_object_is_refused(tree: OtherTree, body: bytes, code: str) -> None:
    response = await tree.posts(body)
    assert (response.status, response.code) == (400, code)


async def test_without_a_key_nothing_is_handed_over(line: PhoneLine) -> None:
    response = await OtherTree(line).hands_over()
    assert (response.status, response.code) == (404, "handoff_off")


async def test_without_an_account_nothing_is_handed_over(start_gateway: Any) -> None:
    gateway = await start_gateway(HANDOFF_KEY=KEY)
    response = await gateway.request("POST", PATH, json=CALL)
    assert (response.status, response.code) == (404, "handoff_off")
