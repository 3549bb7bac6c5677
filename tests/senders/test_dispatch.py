"""The sender is chosen by the contact's method."""

from __future__ import annotations

import logging

import pytest

from bot.domain.errors import PageRefused
from bot.domain.on_call import Contact, Method
from bot.senders.apprise import ApprisePager
from bot.senders.dispatch import Dispatcher
from bot.senders.log import LogSender
from tests.harness.pager_service import PagerService
from tests.senders.conftest import CONTACT

TITLE, TEXT = "Urgent report KQ7-M2", "Harbor Clinic: urgent report KQ7-M2, waiting 3 min"


@pytest.fixture
def dispatcher(pager: ApprisePager) -> Dispatcher:
    return Dispatcher({Method.URL: pager, Method.LOG: LogSender()})


def test_a_url_goes_to_apprise_and_not_to_the_log(
    dispatcher: Dispatcher, service: PagerService, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher.send(CONTACT, TITLE, TEXT)
    assert [received.payload["message"] for received in service.accepted] == [TEXT]
    assert caplog.records == []


def test_the_log_gets_one_line_with_the_text(
    dispatcher: Dispatcher, service: PagerService, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher.send(Contact(Method.LOG), TITLE, TEXT)
    assert caplog.record_tuples == [("pager", logging.WARNING, f"PAGE {TEXT}")]
    assert service.received == []


def test_a_text_of_several_lines_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    LogSender().send(Contact(Method.LOG), TITLE, "one\r\ntwo\n\n100%s")
    assert caplog.messages == ["PAGE one two 100%s"]


@pytest.mark.parametrize("method", [Method.SMS, Method.CALL])
def test_a_method_that_nobody_serves_is_refused(dispatcher: Dispatcher, method: Method) -> None:
    with pytest.raises(PageRefused, match=r"^no_sender$"):
        dispatcher.send(Contact(method, "+12125550100"), TITLE, TEXT)


def test_a_failure_of_a_sender_reaches_the_caller(dispatcher: Dispatcher, service: PagerService) -> None:
    service.will_answer(410)
    with pytest.raises(PageRefused, match=r"^status_410$"):
        dispatcher.send(CONTACT, TITLE, TEXT)
