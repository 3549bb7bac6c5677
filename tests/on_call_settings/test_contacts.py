"""Contacts are checked before anybody needs them, and no secret is quoted."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.domain.on_call import Contact, Method
from bot.on_call_settings.contacts import ContactReader
from bot.on_call_settings.notes import Notes

URL = "json://ana:hunter2@hooks.example"


def _read(*entries: Any, country: str = "US", **variables: str) -> tuple[tuple[Contact, ...], list[str], ContactReader]:
    reader, found = ContactReader(country, lambda name: variables.get(name, "")), list[str]()
    return reader.read(list(entries), Notes(found, "contacts: ")), found, reader


@pytest.mark.parametrize(
    ("entry", "country", "expected"),
    [
        ("call:+15550100101", "US", Contact(Method.CALL, "+15550100101")),
        ("sms:+15550100101", "DE", Contact(Method.SMS, "+15550100101")),
        ("sms: (555) 010-0101 ", "US", Contact(Method.SMS, "+15550100101")),
        ("call:1-555-010-0101", "US", Contact(Method.CALL, "+15550100101")),
        ("call:020 7946 0101", "GB", Contact(Method.CALL, "+442079460101")),
        ("call:+44 20 7946 0101", "US", Contact(Method.CALL, "+442079460101")),
        ("log", "US", Contact(Method.LOG)),
    ],
)
def test_numbers_are_kept_in_the_international_form(entry: str, country: str, expected: Contact) -> None:
    contacts, found, _ = _read(entry, country=country)
    assert (contacts, found) == ((expected,), [])


@pytest.mark.parametrize("text", ["", "call me", "911", "555-0101", "+1555010010112", "+999123456789", "+1555010"])
@pytest.mark.parametrize("method", ["call", "sms"])
def test_what_is_no_number_is_shown_with_the_form(method: str, text: str) -> None:
    contacts, found, _ = _read(f"{method}:{text}")
    assert contacts == ()
    assert found == [
        f"contacts: 1: {text!r} is not a telephone number: write it with area code, or in full such as {method}:+15550100101"
    ]


def test_an_extension_is_refused_since_nobody_dials_it() -> None:
    assert "has an extension" in _read("call:+1 555 010 0101 ext. 5")[1][0]


def test_contacts_keep_their_order_and_the_url_of_a_variable_is_kept() -> None:
    contacts, found, reader = _read("url:PAGE_NOOR", "sms:+15550100101", "log", PAGE_NOOR=URL)
    assert [contact.method for contact in contacts] == [Method.URL, Method.SMS, Method.LOG]
    assert (contacts[0].address, found, reader.urls) == ("PAGE_NOOR", [], {"PAGE_NOOR": URL})


def test_a_variable_that_is_not_set_is_named_with_both_ways_to_set_it() -> None:
    assert _read("url:PAGE_NOOR")[1] == [
        "contacts: 1: PAGE_NOOR is not set: set PAGE_NOOR or PAGE_NOOR_FILE to an Apprise URL, such as mailto://…"
    ]


@pytest.mark.parametrize("url", ["hunter2", "foo://hunter2", "twilio://hunter2", "slack://hunter2", "http://hunter2"])
def test_a_url_that_apprise_cannot_use_is_named_without_its_secrets(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        contacts, found, reader = _read("url:PAGE_NOOR", PAGE_NOOR=url)
    assert (contacts, reader.urls, len(found)) == ((), {}, 1)
    assert found[0].startswith("contacts: 1: PAGE_NOOR is not a URL that Apprise can use")
    assert "hunter2" not in "".join((*found, caplog.text, *capfd.readouterr()))
    assert not logging.getLogger("apprise").disabled


@pytest.mark.parametrize("entry", [f"url:{URL}", URL, "url:page_noor", "url:", "url:PAGE NOOR"])
def test_a_url_in_the_file_is_refused_without_being_quoted(entry: str) -> None:
    (problem,) = _read(entry)[1]
    assert "hunter2" not in problem
    assert "url:PAGE_NOOR" in problem


@pytest.mark.parametrize(
    "entry", ["mail:ana", "+15550100101", "log:loud", "LOG", "", 5550100101, None, {"sms": "+15550100101"}]
)
def test_what_is_no_contact_is_answered_with_the_forms(entry: Any) -> None:
    (problem,) = _read(entry)[1]
    assert problem.startswith('contacts: 1: is not a contact: write ["call:')


def test_a_contact_that_is_there_twice_is_refused_also_in_another_spelling() -> None:
    contacts, found, _ = _read("sms:+15550100101", "call:+15550100101", "sms:(555) 010-0101")
    assert (len(contacts), found) == (2, ["contacts: 3: is there twice: leave one out"])


def test_somebody_without_contacts_is_refused() -> None:
    assert "there are none, so nobody could be reached" in _read()[1][0]
