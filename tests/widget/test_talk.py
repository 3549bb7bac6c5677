"""A patient talks: questions, sources, quick replies, a person, feedback."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bot.storage import tables
from tests.widget.stage import OFFER, Stage
from tests.widget.visit import OpenVisit, Visit

pytestmark = pytest.mark.browser


def test_a_question_is_answered(visit: Visit) -> None:
    visit.asks("Can Ben drive home?")
    expect(visit.own).to_have_text("Can Ben drive home?")
    visit.sees("Do not drive for at least 24 hours.")
    visit.is_stored()


def test_sources_unfold(visit: Visit) -> None:
    visit.asks()
    expect(visit.find(".sources li")).to_have_count(2)
    expect(visit.find(".sources li").first).to_be_hidden()
    visit.page.get_by_text("Sources (2)").click()
    expect(visit.find(".sources li").first).to_have_text("What To Know Before – After Your Session")


def test_the_numbers_are_in_view_before_and_after(visit: Visit) -> None:
    for number in ("tel:911", "tel:988", "sms:988", "tel:+15550100123"):
        expect(visit.find(f".strip a[href='{number}']")).to_be_in_viewport(ratio=1)
    for _ in range(3):
        visit.asks()
    expect(visit.find(".strip a[href='tel:911']")).to_be_in_viewport(ratio=1)


def test_an_example_question_is_asked_with_a_press(visit: Visit) -> None:
    visit.button("Is it safe?").click()
    expect(visit.own).to_have_text("Is it safe?")
    expect(visit.button("Is it safe?")).to_be_hidden()
    visit.sees("24 hours")


def test_a_quick_reply_is_sent_and_then_gone(visit: Visit, stage: Stage) -> None:
    stage.rasa.messages = OFFER
    visit.asks("What does it cost?")
    visit.button("Yes, ask the staff").click()
    expect(visit.own.last).to_have_text("Yes, ask the staff")
    expect(visit.find(".log .choices")).to_have_count(1)  # of the reply to that
    visit.is_stored()
    assert stage.said() == ["What does it cost?", "Yes please ask them"]


def test_quick_replies_of_an_older_answer_are_gone_after_a_reload(visit: Visit, stage: Stage) -> None:
    stage.rasa.messages = OFFER
    visit.asks("What does it cost?")
    visit.page.reload()
    expect(visit.button("Yes, ask the staff")).to_be_visible()
    visit.asks("And what should Ana wear?")
    expect(visit.button("Yes, ask the staff")).to_have_count(1)


def test_a_person_is_asked_for_with_a_press(visit: Visit, stage: Stage) -> None:
    visit.button("Talk to a person").click()
    expect(visit.own).to_have_text("I would like to talk to a person, please.")
    visit.is_stored()
    assert stage.said() == ["I would like to talk to a person, please."]


def test_an_answer_is_found_helpful_and_that_is_stored(visit: Visit, stage: Stage) -> None:
    visit.asks()
    visit.button("Yes").click()
    expect(visit.find(".rate")).to_contain_text("Thank you.")
    visit.page.wait_for_function("() => !JSON.stringify(sessionStorage).includes('untold\\\\\":true')")
    with stage.engine.connect() as connection:
        rows = connection.execute(tables.feedback.select()).all()
    assert [row.helpful for row in rows] == [True]


def test_an_opinion_is_changed_and_taken_back(visit: Visit) -> None:
    visit.asks()
    visit.button("Yes").click()
    visit.button("No").click()
    expect(visit.button("Yes")).to_have_attribute("aria-pressed", "false")
    expect(visit.button("No")).to_have_attribute("aria-pressed", "true")
    visit.button("No").click()
    expect(visit.button("No")).to_have_attribute("aria-pressed", "false")
    expect(visit.find(".rate")).to_contain_text("Was this helpful?")


def test_only_approved_answers_can_be_rated(visit: Visit, stage: Stage) -> None:
    stage.rasa.messages = OFFER
    visit.asks("What does it cost?")
    expect(visit.find(".rate")).to_have_count(0)


def test_a_severe_report_stands_out_with_links_to_call(visit: Visit) -> None:
    reference = visit.reports()
    bubble = visit.find(".safety .bubble").first
    expect(bubble).to_contain_text("Safety message")
    expect(bubble).to_contain_text(reference)
    expect(bubble.locator(".calls a").first).to_have_attribute("href", "tel:911")
    expect(visit.find(".report")).to_be_in_viewport()


def test_our_own_numbers_in_an_answer_can_be_called(visit: Visit) -> None:
    visit.asks()
    expect(visit.find(".theirs .text a")).to_have_attribute("href", "tel:+15550100123")


def test_numbers_and_addresses_are_linked_only_where_they_are_ours(visit: Visit, stage: Stage) -> None:
    text = "Call 911, not 1911 or 911-5550; see https://clinic.example/a_b?c=1. Not http://x.example or javascript:alert(1)."
    stage.rasa.messages = [{"recipient_id": "x", "text": text}, {"recipient_id": "x", "custom": {"topic": "faq/x"}}]
    visit.asks("Call 911 and see https://evil.example")
    links = visit.find(".theirs .text a")
    expect(links).to_have_text(["911", "https://clinic.example/a_b?c=1"])
    expect(links.last).to_have_attribute("rel", "noopener noreferrer")
    expect(visit.find(".theirs .text")).to_have_text(text)
    expect(visit.own.locator("a")).to_have_count(0)


def test_enter_sends_and_shift_enter_begins_a_line(visit: Visit, stage: Stage) -> None:
    visit.input.focus()
    visit.page.keyboard.type("One")
    visit.page.keyboard.press("Shift+Enter")
    visit.page.keyboard.type("two")
    visit.page.keyboard.press("Enter")
    visit.is_stored()
    assert stage.said() == ["One\ntwo"]
    expect(visit.input).to_have_value("")
    expect(visit.input).to_be_focused()


def test_enter_that_ends_a_composed_character_does_not_send(visit: Visit) -> None:
    visit.input.fill("か")
    visit.evaluate(
        "root.querySelector('textarea').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(visit.own).to_have_count(0)
    expect(visit.input).to_have_value("か")


def test_an_empty_message_is_not_sent(visit: Visit) -> None:
    visit.say("   ")
    expect(visit.own).to_have_count(0)


def test_the_talk_goes_on_on_the_next_page_of_the_site(visit: Visit) -> None:
    visit.asks()
    visit.go("strict")
    expect(visit.panel).to_be_visible()
    visit.sees("Do not drive for at least 24 hours.")


def test_a_page_may_open_close_and_say(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit()
    visit.evaluate("chat.open()")
    expect(visit.panel).to_be_visible()
    visit.evaluate("chat.close()")
    expect(visit.panel).to_be_hidden()
    visit.evaluate("chat.send('What should Ana wear?')")
    expect(visit.panel).to_be_visible()
    visit.is_stored()
    assert stage.said() == ["What should Ana wear?"]


def test_a_page_hears_that_something_happened_but_not_what_was_said(open_visit: OpenVisit) -> None:
    visit = open_visit()
    visit.page.evaluate(
        """() => { window.heard = [];
        for (const name of ["open", "close", "news"])
          document.addEventListener(`clinic-chat-${name}`, (event) => heard.push([event.type, event.detail])); }"""
    )
    visit.open().asks()
    visit.button("Close the chat").click()
    assert visit.page.evaluate("heard") == [
        ["clinic-chat-open", None],
        ["clinic-chat-news", {"from": "assistant"}],
        ["clinic-chat-close", None],
    ]


def test_nobody_else_is_asked_for_anything_and_no_cookie_is_set(visit: Visit, stage: Stage) -> None:
    visit.asks()
    visit.reports()
    ours = (stage.home, stage.site, "data:")
    assert [address for address in visit.addresses if not address.startswith(ours)] == []
    assert visit.page.context.cookies() == []


def test_the_times_are_those_of_the_patient(open_visit: OpenVisit) -> None:
    visit = open_visit(timezone_id="Asia/Kolkata", locale="en-US").open()
    visit.asks()
    now = visit.page.evaluate("new Intl.DateTimeFormat('en', {hour: 'numeric'}).format(new Date()).split(/\\s/)[0]")
    expect(visit.find(".who").last).to_have_text(re.compile(rf"^Assistant · {now}:\d\d"))
