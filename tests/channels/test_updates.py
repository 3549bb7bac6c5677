"""A talk is read: nothing is missed, nothing comes twice, and only with its token."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.domain.clock import utc_now
from bot.domain.escalation import Outcome
from bot.domain.paging_policy import Position
from bot.services.ports import Timer, TimerKind
from tests.channels.conftest import MESSAGES, Gateway, StartGateway
from tests.channels.talks import EVENTS, NOTICES_OF_A_REPORT, Talk, report, topics
from tests.channels.test_web import DATABASE_AWAY, REPORT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


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


async def test_a_talk_is_read_in_parts_where_it_is_long(talk: Talk) -> None:
    words = talk.staff_wrote(201)
    first = (await talk.read()).body["messages"]
    rest = (await talk.read(after=str(first[-1]["position"]))).body["messages"]
    assert len(first) == 200
    assert rest[-1]["text"] == words[-1]
    assert rest[0]["position"] > first[-1]["position"]


async def test_a_page_is_as_long_as_asked_for_and_says_whether_there_is_more(talk: Talk) -> None:
    first = (await talk.read(limit="2")).body
    rest = (await talk.read(limit="2", after=str(first["messages"][-1]["position"]))).body
    assert ([entry["position"] for entry in first["messages"]], first["more"]) == ([1, 2], True)
    assert ([entry["position"] for entry in rest["messages"]], rest["more"]) == ([3], False)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "", "1000000"])
async def test_a_length_that_is_none_is_refused(talk: Talk, limit: str) -> None:
    refused = await talk.gateway.request("GET", MESSAGES, params={"limit": limit}, headers=talk.headers)
    assert (refused.status, refused.code) == (400, "limit_wrong")


async def test_since_when_staff_were_paged_and_have_it_is_read(talk: Talk) -> None:
    assert [(await talk.standing())[key] for key in ("paged_at", "seen_at")] == [None, None]
    with talk.house.unit_of_work() as uow:
        case = uow.escalations.by_reference(talk.reference)
        talk.house.notices.paged(uow, case, NOON)
        uow.commit()
    before = utc_now()
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    standing = await talk.standing()
    assert datetime.fromisoformat(standing["paged_at"]) == NOON
    assert before <= datetime.fromisoformat(standing["seen_at"]) <= utc_now()


async def test_a_case_that_nobody_has_any_more_is_seen_by_nobody(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    with talk.house.unit_of_work() as uow:
        case = uow.escalations.by_reference(talk.reference)
        talk.house.ladder.due(uow, case, Timer(case.id, TimerKind.TAKE_OVER, Position(), NOON), utc_now())
        uow.commit()
    standing = await talk.standing()
    assert (standing["status"], standing["seen_at"]) == ("open", None)


async def test_an_answer_says_where_the_report_stands_as_the_talk_does(talk: Talk) -> None:
    talk.handling.take_over(talk.reference, "noor")
    talk.handling.typing(talk.reference, "noor")
    answer = await talk.gateway.say("thank you", talk.token)
    assert answer.body["escalation"] == await talk.standing()
    assert answer.body["escalation"]["writing"] is True


# -- what a client that was reloaded needs ---------------------------------------


async def test_what_arrived_is_known_by_the_senders_own_id(gateway: Gateway) -> None:
    answer = await gateway.say("hello", message_id="an-id-of-the-sender")
    own, reply = (await Talk(gateway, answer.body["conversation_id"]).read()).body["messages"]
    assert (own["message_id"], own["state"], own["in_reply_to"]) == ("an-id-of-the-sender", "answered", None)
    assert (reply["message_id"], reply["state"], reply["in_reply_to"]) == (None, None, "an-id-of-the-sender")


async def test_a_message_that_is_not_answered_yet_is_received(talk: Talk) -> None:
    conversation_id = talk.token.partition(".")[0]
    with talk.house.unit_of_work() as uow:
        uow.messages.add_inbound(conversation_id, "an-id-of-the-sender", "hello?", {}, NOON)
        uow.commit()
    (own,) = (await talk.read(after="3")).body["messages"]
    assert (own["message_id"], own["state"]) == ("an-id-of-the-sender", "received")


async def test_replies_have_the_same_places_in_the_answer_and_in_the_talk(talk: Talk) -> None:
    answer = await talk.gateway.say("hello", talk.token)
    read = (await talk.read(after="3")).body["messages"]
    assert answer.body["replies"] == [entry["reply"] for entry in read if entry["reply"]]
    assert [entry["reply"]["position"] for entry in read if entry["reply"]] == [
        entry["position"] for entry in read if entry["reply"]
    ]


async def test_the_keys_of_notices_are_nobodys_business(talk: Talk) -> None:
    talk.handling.acknowledge(talk.reference, "noor", "cli")
    notice = (await talk.read(after="3")).body["messages"][0]
    assert (notice["message_id"], notice["in_reply_to"]) == (None, None)


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
