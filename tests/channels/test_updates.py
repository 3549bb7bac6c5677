"""A talk is read: nothing is missed, nothing comes twice, and only with its token."""

from __future__ import annotations

import json

import pytest

from bot.domain.escalation import Outcome
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.talks import EVENTS, NOTICES_OF_A_REPORT, Talk, report, topics
from tests.channels.test_web import DATABASE_AWAY, REPORT


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    """A report that has just been made."""
    return await report(gateway)


# -- catching up ---------------------------------------------------------------


async def test_all_sides_of_a_talk_are_read_in_order(talk: Talk) -> None:
    talk.handling.say(talk.reference, "noor", "I am calling you now.")
    read = await talk.read()
    assert topics(read.body["messages"]) == [*NOTICES_OF_A_REPORT, "notice/joined", "staff/message"]
    authors = [(entry["from"], entry["name"]) for entry in read.body["messages"]]
    assert authors == [("patient", None), *3 * [("assistant", None)], ("staff", "Noor")]
    assert read.body["messages"][0]["text"] == REPORT
    assert read.headers["Cache-Control"] == "no-store"


async def test_only_what_came_after_a_position_is_read(talk: Talk) -> None:
    positions = [entry["position"] for entry in (await talk.read()).body["messages"]]
    assert positions == sorted(set(positions))
    later = await talk.read(after=str(positions[0]))
    assert [entry["position"] for entry in later.body["messages"]] == positions[1:]
    assert (await talk.read(after=str(positions[-1]))).body["messages"] == []


async def test_where_the_report_stands_is_read_with_the_first_name_of_who_has_it(talk: Talk) -> None:
    standing = (await talk.read()).body["escalation"]
    assert standing["reference"] == talk.reference
    assert (standing["tier"], standing["status"], standing["with"]) == ("emergency", "open", None)
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    standing = (await talk.read()).body["escalation"]
    assert (standing["status"], standing["with"]) == ("acknowledged", "Noor")
    talk.handling.resolve(talk.reference, "noor", Outcome.HANDLED)
    assert (await talk.read()).body["escalation"] is None


async def test_who_is_not_on_the_on_call_list_is_not_named_to_the_patient(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "temp-agency-7", "cli")
    read = await talk.read()
    assert read.body["escalation"]["with"] is None
    assert "temp-agency-7" not in json.dumps(read.body)


async def test_an_answer_says_who_has_it_as_the_talk_does(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    answer = await talk.gateway.say("thank you", talk.token)
    assert answer.body["escalation"] == (await talk.read()).body["escalation"]


async def test_a_talk_is_read_in_parts_where_it_is_long(talk: Talk) -> None:
    handling = talk.handling
    for number in range(201):
        handling.say(talk.reference, "noor", f"word {number}")
    first = (await talk.read()).body["messages"]
    rest = (await talk.read(after=str(first[-1]["position"]))).body["messages"]
    assert len(first) == 200
    assert rest[-1]["text"] == "word 200"
    assert rest[0]["position"] > first[-1]["position"]


# -- who may -------------------------------------------------------------------


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic Ym90OmJvdA=="])
async def test_without_a_token_nothing_is_read(gateway: Gateway, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    refused = await gateway.request("GET", path, headers=headers)
    assert (refused.status, refused.code) == (401, "token_missing")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("place", [0, 20, -1], ids=["id", "id's end", "signature"])
async def test_with_a_forged_token_nothing_is_read(talk: Talk, path: str, place: int) -> None:
    forged = list(talk.token)
    forged[place] = "A" if forged[place] != "A" else "B"
    headers = {"Authorization": f"Bearer {''.join(forged)}"}
    refused = await talk.gateway.request("GET", path, headers=headers)
    assert (refused.status, refused.code) == (404, "unknown_conversation")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_a_token_in_the_address_counts_for_nothing(talk: Talk, path: str) -> None:
    refused = await talk.gateway.request("GET", path, params={"conversation_id": talk.token})
    assert (refused.status, refused.code) == (401, "token_missing")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_a_talk_that_is_not_stored_is_unknown(start_gateway: StartGateway, path: str) -> None:
    before = await start_gateway(DATABASE_URL=DATABASE_AWAY)
    token = (await before.say("hello")).body["conversation_id"]  # signed, and never stored
    after = await start_gateway()
    refused = await after.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    assert (refused.status, refused.code) == (404, "unknown_conversation")


@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
@pytest.mark.parametrize("after", ["-1", "one", "1.5", "", "²", "1" * 10])
async def test_a_position_that_is_none_is_refused(talk: Talk, path: str, after: str) -> None:
    refused = await talk.gateway.request("GET", path, params={"after": after}, headers=talk.headers)
    assert (refused.status, refused.code) == (400, "after_wrong")


async def test_a_last_event_that_is_none_is_refused(talk: Talk) -> None:
    refused = await talk.gateway.request("GET", EVENTS, headers={**talk.headers, "Last-Event-ID": "x"})
    assert (refused.status, refused.code) == (400, "after_wrong")
