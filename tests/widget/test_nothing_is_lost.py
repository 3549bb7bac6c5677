"""Reloads, dead servers, no network, no storage, several tabs: what a patient writes arrives, once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from bot.widget.assemble import widget_script
from tests.widget.conftest import SetStage
from tests.widget.stage import Stage
from tests.widget.visit import REPORT, OpenVisit, Visit

pytestmark = pytest.mark.browser

NO_STORAGE = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("switched off", "SecurityError"); } });"""
FULL_STORAGE = 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
MESSAGES = "**/api/chat/messages"
ALLOWED = {"Access-Control-Allow-Origin": "*"}


# -- reloads ----------------------------------------------------------------------


def test_a_reload_in_mid_send_sends_once_and_shows_the_answer_once(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    stage.rasa.hangs = True
    visit.say("Can Ben drive home?")
    expect(visit.find(".sending")).to_be_visible()
    visit.page.reload()
    expect(visit.own).to_have_text("Can Ben drive home?")
    stage.rasa_answers()
    visit.is_stored()
    expect(visit.replies).to_have_count(1)
    assert stage.said() == ["Can Ben drive home?"]


def test_what_could_not_be_sent_before_a_reload_is_sent_after_it(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    stage.stop()
    visit.say("Can Ben drive home?")
    expect(visit.find(".waiting")).to_be_visible()
    # The browser has the script still, as it would for a week.
    script = widget_script(stage.settings.clinic, stage.settings.max_characters)
    visit.page.route("**/widget.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    visit.page.reload()
    expect(visit.own).to_have_text("Can Ben drive home?")
    stage.start()
    visit.is_stored()
    assert stage.said() == ["Can Ben drive home?"]


def test_history_survives_a_reload(visit: Visit) -> None:
    visit.asks()
    visit.reports()
    said = visit.find(".log").inner_text()
    visit.page.reload()
    expect(visit.panel).to_be_visible()
    assert visit.find(".log").inner_text() == said


def test_a_draft_survives_a_reload(visit: Visit) -> None:
    visit.input.fill("I wanted to ask")
    visit.page.reload()
    expect(visit.input).to_have_value("I wanted to ask")


# -- servers and networks that go and come ------------------------------------------


def test_what_is_written_while_the_server_is_dead_arrives_in_order_when_it_is_back(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    visit.asks("Zero")
    stage.stop()
    visit.say("One")
    visit.say("Two")
    expect(visit.find(".waiting")).to_have_count(2)
    expect(visit.trouble).to_contain_text("No connection to the clinic.")
    expect(visit.trouble.get_by_role("link", name="+1 555-010-0123")).to_be_visible()
    stage.start()
    visit.is_stored()
    expect(visit.trouble).to_be_empty()
    assert stage.said() == ["Zero", "One", "Two"]


def test_a_server_that_dies_in_mid_send_acts_once(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    stage.rasa.hangs = True
    visit.say("Can Ben drive home?")
    expect(visit.find(".sending")).to_be_visible()
    stage.until_asked()
    stage.stop()
    stage.rasa_answers()
    stage.start()
    visit.is_stored()
    visit.sees("Do not drive")
    expect(visit.replies).to_have_count(1)
    assert stage.said() == ["Can Ben drive home?"]


def test_a_chat_that_is_opened_while_the_server_is_dead_says_so_before_anything_is_written(
    open_visit: OpenVisit, stage: Stage
) -> None:
    visit = open_visit()
    visit.is_rough = True
    expect(visit.launcher).to_be_visible()
    stage.stop()
    visit.open()
    expect(visit.trouble).to_contain_text("No connection to the clinic.")
    stage.start()
    expect(visit.trouble).to_be_empty()


def test_offline_and_online_again(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    visit.page.context.set_offline(True)
    expect(visit.trouble).to_contain_text("No connection to the clinic.")
    visit.say("Can Ben drive home?")
    expect(visit.find(".waiting")).to_be_visible()
    expect(visit.trouble.get_by_role("button", name="Try now")).to_be_visible()
    visit.page.context.set_offline(False)
    visit.is_stored()
    expect(visit.trouble).to_be_empty()
    assert stage.said() == ["Can Ben drive home?"]


def test_without_rasa_the_message_is_stored_and_the_patient_told(visit: Visit, stage: Stage) -> None:
    stage.rasa.status = 500
    visit.asks()
    visit.is_stored()
    visit.sees("I can't answer questions right now because of a technical problem.")
    expect(visit.find(".theirs .text a[href='tel:+15550100123']")).to_be_visible()
    assert stage.said() == ["Can Ben drive home?"]


@pytest.fixture
def held(stage: Stage) -> Iterator[sqlite3.Connection]:
    """Somebody holds the database, and nothing can be stored until `rollback`."""
    connection = sqlite3.connect(stage.settings.data_dir / "assistant.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_what_is_not_stored_is_not_called_received_and_is_sent_again(
    open_visit: OpenVisit, stage: Stage, held: sqlite3.Connection
) -> None:
    visit = open_visit().open()
    visit.is_rough = True
    visit.say("Can Ben drive home?")
    visit.sees("I could not keep your question either.")
    expect(visit.find(".mine .meta")).to_contain_text("Not sent yet")
    expect(visit.trouble).to_contain_text("takes no messages right now")
    held.rollback()
    visit.is_stored()
    visit.sees("Do not drive")
    expect(visit.replies.filter(has_text="I could not keep your question")).to_have_count(1)
    assert stage.said() == ["Can Ben drive home?"]


def test_a_report_without_a_database_is_kept_and_followed_when_it_is_back(
    open_visit: OpenVisit, stage: Stage, held: sqlite3.Connection
) -> None:
    visit = open_visit().open()
    visit.is_rough = True
    visit.say(REPORT)
    visit.sees("This may be an emergency")
    visit.is_stored()
    held.rollback()
    expect(visit.find(".report")).to_be_visible()
    expect(visit.own).to_have_count(1)
    assert stage.said() == [REPORT]


def test_a_server_that_is_too_busy_is_asked_again_when_it_says(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=429, headers={"Retry-After": "1", **ALLOWED}, body="{}")

    visit.page.route(MESSAGES, refuse_once)
    visit.say("Can Ben drive home?")
    expect(visit.trouble).to_contain_text("is busy")
    visit.is_stored()
    expect(visit.trouble).to_be_empty()
    assert stage.said() == ["Can Ben drive home?"]


def test_a_message_that_hangs_does_not_hold_back_an_emergency_and_is_still_sent_once(
    set_stage: SetStage, open_visit: OpenVisit
) -> None:
    stage = set_stage(DIALOGUE_TIMEOUT="60")
    visit = open_visit(on=stage).open()
    visit.is_rough = True
    stage.rasa.hangs = True
    visit.say("Can Ben drive home?")
    stage.until_asked()
    visit.say(REPORT)
    visit.sees("This may be an emergency")
    expect(visit.find(".report")).to_be_visible()
    # The report has opened a talk of its own; the hanging message goes on in the one that it was sent to.
    stage.stop()
    stage.rasa_answers()
    stage.start()
    visit.is_stored()
    visit.sees("Do not drive")
    assert sorted(stage.said()) == sorted(["Can Ben drive home?", REPORT])


# -- what the server refuses -----------------------------------------------------


def test_a_talk_that_the_server_no_longer_knows_goes_on_as_a_new_one(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    visit.asks("Zero")
    stage.stop()
    visit.say("One")
    stage.forget_everything()
    stage.start()
    visit.is_stored()
    expect(visit.find(".note")).to_have_text("The clinic’s system no longer has the talk above. A new one begins here.")
    expect(visit.own).to_have_text(["Zero", "One"])
    assert stage.said() == ["One"]
    visit.asks("Two")


def test_the_counter_warns_and_a_message_that_is_too_long_can_be_edited(
    set_stage: SetStage, open_visit: OpenVisit
) -> None:
    stage = set_stage(MAX_CHARACTERS="100")
    visit = open_visit(on=stage).open()
    visit.is_rough = True
    visit.input.fill("a" * 85)
    expect(visit.find(".count")).to_have_text("15 characters left")
    visit.input.fill("a" * 103)
    expect(visit.find(".count")).to_contain_text("Too long by 3 characters.")
    expect(visit.input).to_have_attribute("aria-invalid", "true")
    visit.page.keyboard.press("Enter")
    expect(visit.find(".failed")).to_contain_text("This message is too long.")
    visit.button("Edit it").click()
    expect(visit.input).to_have_value("a" * 103)
    expect(visit.own).to_have_count(0)
    visit.say("a" * 90)
    visit.is_stored()


def test_a_long_report_is_taken_in(set_stage: SetStage, open_visit: OpenVisit) -> None:
    stage = set_stage(MAX_CHARACTERS="100")
    visit = open_visit(on=stage).open()
    visit.say(f"{REPORT}, and it began this morning after breakfast. {'I am alone here. ' * 10}")
    visit.sees("This may be an emergency")
    visit.is_stored()


def test_half_of_a_character_does_no_harm(visit: Visit, stage: Stage) -> None:
    visit.evaluate("chat.send('Is it \\ud83d safe \\ude00?')")
    visit.is_stored()
    assert stage.said() == ["Is it \ufffd safe \ufffd?"]


# -- storage of the browser ----------------------------------------------------------


@pytest.mark.parametrize("trouble", [NO_STORAGE, FULL_STORAGE], ids=["switched off", "full"])
def test_without_storage_the_talk_works_as_long_as_the_page_and_says_so(open_visit: OpenVisit, trouble: str) -> None:
    visit = open_visit(None)
    visit.page.add_init_script(trouble)
    visit.go("plain")
    visit.open()
    expect(visit.trouble).to_contain_text("it ends when you leave or reload the page")
    visit.asks()
    visit.is_stored()


def test_storage_that_fills_up_loses_no_message(visit: Visit, stage: Stage) -> None:
    visit.asks("Zero")
    visit.page.evaluate(
        """() => { const set = Storage.prototype.setItem;
        Storage.prototype.setItem = function (key, value) {
          if (value.length > 900) throw new DOMException("full", "QuotaExceededError");
          set.call(this, key, value); }; }"""
    )
    visit.asks("One")
    visit.page.reload()
    expect(visit.button("Show earlier messages")).to_be_visible()
    visit.button("Show earlier messages").click()
    expect(visit.own).to_have_text(["Zero", "One"])
    assert stage.said() == ["Zero", "One"]


def test_a_storage_with_rubbish_in_it_is_survived(open_visit: OpenVisit, stage: Stage) -> None:
    visit = open_visit()
    visit.is_rough = True
    rubbish = [
        {"token": 7, "seen": "x", "entries": {"a": 1}, "escalation": [1], "toForget": 3},
        {
            "entries": [
                None,
                1,
                {"from": "patient"},
                {"from": "staff", "buttons": [3]},
                {"from": "note", "text": "toString"},
            ]
        },
        {"escalation": {"reference": {}, "tier": []}, "entries": "no"},
    ]
    for value in rubbish:
        visit.page.evaluate(
            "([key, value]) => sessionStorage.setItem(key, value)",
            [f"clinic-chat:{stage.home}:talk", json.dumps(value)],
        )
        visit.page.reload()
        expect(visit.launcher).to_be_visible()


# -- several tabs -------------------------------------------------------------------


def test_two_tabs_are_two_talks(context: BrowserContext, stage: Stage) -> None:
    tabs = [Visit.begin(context, stage, "plain").open() for _ in range(2)]
    tabs[0].asks("From the first")
    tabs[1].asks("From the second")
    tabs[0].page.reload()
    expect(tabs[0].own).to_have_text(["From the first"])
    expect(tabs[1].own).to_have_text(["From the second"])
    for tab in tabs:
        assert tab.unexpected == []


def test_a_tab_that_was_duplicated_shares_the_talk_and_sends_nothing_twice(visit: Visit, stage: Stage) -> None:
    visit.asks("Zero")
    stage.rasa.hangs = True
    visit.say("One")
    expect(visit.find(".sending")).to_be_visible()
    with visit.page.context.expect_page() as opened:
        visit.page.evaluate("window.open(location.href)")
    copy = Visit(opened.value, stage)
    expect(copy.own).to_have_text(["Zero", "One"])
    stage.rasa_answers()
    copy.is_stored()
    visit.listen()
    copy.say("Two")
    expect(visit.own).to_have_text(["Zero", "One", "Two"])
    expect(visit.replies).to_have_count(3)
    expect(copy.replies).to_have_count(3)
    # What is said in one's own name elsewhere is no news.
    assert [text.partition(":")[0] for text in visit.announced] == ["Assistant"]
    assert stage.said() == ["Zero", "One", "Two"]


# -- forgetting -----------------------------------------------------------------------


def test_a_talk_is_forgotten_here_and_on_the_server(visit: Visit, stage: Stage) -> None:
    visit.asks()
    visit.button("Forget this talk").click()
    visit.button("Forget it").click()
    expect(visit.find(".log > li")).to_have_count(0)
    expect(visit.input).to_be_focused()
    expect(visit.find("[role=log]")).to_have_text("The talk was deleted, here and at the clinic.")
    assert stage.said() == []
    visit.page.reload()
    expect(visit.find(".log > li")).to_have_count(0)
    visit.asks("A new talk")


def test_keeping_a_talk_is_the_first_choice(visit: Visit, stage: Stage) -> None:
    visit.asks()
    visit.button("Forget this talk").click()
    expect(visit.button("Keep it")).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(visit.button("Forget this talk")).to_be_focused()
    visit.sees("Do not drive")
    assert stage.said() == ["Can Ben drive home?"]


def test_a_talk_that_staff_still_need_is_kept_and_can_be_removed_here(visit: Visit, stage: Stage) -> None:
    visit.reports()
    visit.button("Forget this talk").click()
    visit.button("Forget it").click()
    expect(visit.find(".question")).to_contain_text("Our staff still need this talk")
    visit.sees("This may be an emergency")
    visit.button("Remove it here").click()
    expect(visit.find(".log > li")).to_have_count(0)
    assert stage.said() == [REPORT]


def test_a_talk_that_is_forgotten_without_a_connection_is_deleted_when_there_is_one(visit: Visit, stage: Stage) -> None:
    visit.is_rough = True
    visit.asks()
    stage.stop()
    visit.button("Forget this talk").click()
    visit.button("Forget it").click()
    visit.button("Remove it here").click()
    expect(visit.find(".log > li")).to_have_count(0)
    stage.start()
    stage.until(lambda: stage.said() == [])


def test_the_other_tab_of_a_forgotten_talk_forgets_it_too(visit: Visit, stage: Stage) -> None:
    visit.asks()
    with visit.page.context.expect_page() as opened:
        visit.page.evaluate("window.open(location.href)")
    copy = Visit(opened.value, stage)
    expect(copy.own).to_have_count(1)
    visit.button("Forget this talk").click()
    visit.button("Forget it").click()
    expect(copy.own).to_have_count(0)
