"""What happens without being asked: pages, people, messages, and connections that break meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from bot.domain.clock import utc_now
from bot.domain.escalation import Outcome
from tests.widget.stage import Stage
from tests.widget.visit import OpenVisit, Visit

pytestmark = pytest.mark.browser

EVENTS = "**/api/chat/events**"
HIDE = """(hidden) => { Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange")); }"""
Break = Callable[[Visit], None]


def standing(visit: Visit, text: str) -> None:
    """The line about the report says so."""
    expect(visit.find(".standing")).to_have_text(re.compile(text))


def steps(visit: Visit) -> int:
    """How many steps of the report's way are done."""
    return visit.find(".steps .on").count()


def test_a_report_is_followed_from_being_stored_to_being_closed(visit: Visit, stage: Stage) -> None:
    handling = stage.house.handling
    reference = visit.reports()
    standing(visit, "^Saved for our staff$")
    stage.page()
    standing(visit, r"^Staff were paged at \d+:\d\d [AP]M; nobody has seen it yet$")
    assert steps(visit) == 2
    handling.acknowledge(reference, "noor", "link")
    standing(visit, r"^Seen by Noor at \d+:\d\d [AP]M$")
    handling.say(reference, "noor", "I am calling you now.")
    standing(visit, "^Noor is with you here$")
    assert steps(visit) == 4
    handling.typing(reference, "noor")
    standing(visit, "^Noor is writing …$")
    handling.resolve(reference, "noor", Outcome.HANDLED)
    expect(visit.find(".report")).to_be_hidden()
    for text in ("were paged about", "saw your report", "has joined", "have closed"):
        visit.sees(text)


def test_that_nobody_has_answered_yet_is_said_loudly(visit: Visit, stage: Stage) -> None:
    reference = visit.reports()
    stage.page()
    with stage.house.unit_of_work() as uow:
        escalation = uow.escalations.by_reference(reference)
        assert escalation is not None
        stage.house.notices.nobody_yet(uow, escalation, utc_now())
        uow.commit()
    standing(visit, "Nobody has answered yet. Do not wait: call now")
    expect(visit.find(".report")).to_have_class(re.compile("alarm"))
    expect(visit.find(".safety .calls").last).to_be_visible()


def test_a_staff_message_arrives_with_its_name_once(visit: Visit, stage: Stage) -> None:
    reference = visit.reports()
    stage.house.handling.say(reference, "noor", "I am calling you now.")
    expect(visit.find(".staff .text")).to_have_text("I am calling you now.")
    expect(visit.find(".staff .who")).to_have_text(re.compile("^Noor, clinic staff"))
    visit.page.reload()
    expect(visit.find(".staff .text")).to_have_text("I am calling you now.")


def test_with_staff_nothing_says_that_a_machine_answers(visit: Visit, stage: Stage) -> None:
    reference = visit.reports()
    stage.house.handling.say(reference, "noor", "I am here.")
    visit.sees("I am here.")
    expect(visit.find(".subtitle")).to_have_text("Noor is with you here")
    expect(visit.button("Talk to a person")).to_be_hidden()
    replies = visit.replies.count()
    visit.say("Thank you, Noor")
    visit.is_stored()
    expect(visit.find(".answering")).to_be_hidden()
    expect(visit.replies).to_have_count(replies)


def test_staff_see_that_the_patient_is_writing(visit: Visit, stage: Stage) -> None:
    reference = visit.reports()
    visit.input.press_sequentially("x")
    assert not any(address.endswith("/typing") for address in visit.addresses)
    stage.house.handling.say(reference, "noor", "I am here.")
    standing(visit, "is with you")
    with visit.page.expect_response("**/api/chat/typing") as answer:
        visit.input.press_sequentially("Thank you")
    assert answer.value.json() == {"shown": True}


def test_with_the_chat_closed_news_are_counted_on_the_launcher(visit: Visit, stage: Stage) -> None:
    reference = visit.reports()
    visit.button("Close the chat").click()
    stage.house.handling.say(reference, "noor", "I am calling you now.")
    expect(visit.find(".badge")).to_have_text("2")
    expect(visit.launcher).to_have_accessible_name("Ask the clinic, new messages: 2")
    expect(visit.find("[role=log]")).to_contain_text("Noor, clinic staff: I am calling you now.")
    visit.page.reload()
    expect(visit.find(".badge")).to_have_text("2")
    visit.open()
    visit.button("Close the chat").click()
    expect(visit.find(".badge")).to_have_count(0)


def test_what_was_missed_while_the_connection_was_lost_comes_once(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    reference = visit.reports()
    stage.stop()
    stage.house.handling.say(reference, "noor", "First")
    stage.start()
    visit.sees("First")
    stage.stop()
    stage.house.handling.say(reference, "noor", "Second")
    stage.start()
    visit.sees("Second")
    expect(visit.find(".staff .text")).to_have_text(["First", "Second"])


def test_a_crowd_of_missed_messages_is_counted_not_read_out(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    reference = visit.reports()
    stage.stop()
    for number in range(5):
        stage.house.handling.say(reference, "noor", f"Message {number}")
    stage.start()
    visit.sees("Message 4")
    expect(visit.find("[role=log]")).to_have_text("6 new messages in the chat")


def refuse(visit: Visit) -> None:
    """The server has no place for a stream."""
    visit.page.route(
        EVENTS,
        lambda route: route.fulfill(
            status=429,
            body="{}",
            headers={
                "Retry-After": "1",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
            },
        ),
    )


def hold_back(visit: Visit) -> None:
    """Something on the way swallows the stream."""
    visit.page.clock.install()
    visit.page.route(EVENTS, swallow)


def swallow(route: Route) -> None:
    """No answer, ever."""


@pytest.mark.parametrize("break_stream", [refuse, hold_back])
def test_without_a_stream_news_are_asked_for(open_visit: OpenVisit, stage: Stage, break_stream: Break) -> None:
    visit = open_visit(None)
    visit.is_rough = True
    break_stream(visit)
    visit.go("plain")
    visit.open()
    reference = visit.reports()
    stage.house.handling.say(reference, "noor", "I am calling you now.")
    if break_stream is hold_back:
        visit.page.clock.fast_forward(41_000)
    visit.sees("I am calling you now.")


def test_a_tab_that_nobody_looks_at_gives_its_connection_back(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit(None)
    visit.page.clock.install()
    visit.go("plain")
    with visit.page.expect_request(EVENTS) as first:
        visit.open().asks()
    with visit.page.expect_event("requestfailed", lambda request: request == first.value):
        visit.page.evaluate(HIDE, True)
        visit.page.clock.fast_forward(61_000)
    with visit.page.expect_request(EVENTS):
        visit.page.evaluate(HIDE, False)


def test_somebody_who_waits_for_the_staff_may_look_elsewhere(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit(None)
    visit.page.clock.install()
    visit.go("plain")
    reference = visit.open().reports()
    visit.page.evaluate(HIDE, True)
    visit.page.clock.fast_forward(61_000)
    stage.house.handling.say(reference, "noor", "I am calling you now.")
    visit.sees("I am calling you now.")


def test_an_answer_that_takes_long_is_said_to(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit(None)
    visit.page.clock.install()
    visit.go("plain")
    visit.open()
    stage.rasa.hangs = True
    visit.say("Can Ben drive home?")
    expect(visit.find(".answering")).to_contain_text("Waiting for an answer")
    visit.page.clock.fast_forward(11_000)
    expect(visit.find(".answering")).to_contain_text("This takes longer than usual.")
    stage.rasa_answers()
    visit.is_stored()
    expect(visit.find(".answering")).to_be_hidden()
