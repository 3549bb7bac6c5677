"""Ways to reach a person: telephone numbers, Apprise URLs from the environment, the log."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from typing import Any

import apprise

from bot.domain.on_call import Contact, Method
from bot.on_call_settings.notes import Notes, read_list
from bot.on_call_settings.numbers import read_phone

FORM = '["call:+15550100101", "sms:+15550100101", "url:PAGE_NOOR"], or ["log"] to try it out'
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")

# The value of a variable or of the file that NAME_FILE names: empty if not set, None if that was reported already.
Variable = Callable[[str], str | None]


class ContactReader:
    """Reads contacts; `urls` holds the Apprise URL of every variable that one of them names."""

    def __init__(self, country: str, variable: Variable) -> None:
        self._country = country
        self._variable = variable
        self.urls: dict[str, str] = {}

    def read(self, data: Any, notes: Notes) -> tuple[Contact, ...]:
        """A person's contacts, in the order in which they are tried; what cannot be used is reported."""
        found: list[Contact] = []
        entries = read_list(data, notes, FORM)
        if data == []:
            notes.add(f"there are none, so nobody could be reached: write {FORM}")
        for number, entry in enumerate(entries, 1):
            contact = self._contact(entry, notes.at(number))
            if contact in found:
                notes.at(number).add("is there twice: leave one out")
            elif contact is not None:
                found.append(contact)
        return tuple(found)

    def _contact(self, entry: Any, notes: Notes) -> Contact | None:
        method, _, address = entry.partition(":") if isinstance(entry, str) else ("", "", "")
        match method.strip():
            case Method.LOG if not address:
                return Contact(Method.LOG)
            case Method.SMS | Method.CALL as by_phone:
                return self._phone(Method(by_phone), address.strip(), notes)
            case Method.URL:
                return self._url(address.strip(), notes)
        # Not quoted: it may be a URL with a password in it.
        notes.add(f"is not a contact: write {FORM}")
        return None

    def _phone(self, method: Method, text: str, notes: Notes) -> Contact | None:
        number = read_phone(text, notes, self._country, f"{method}:+15550100101")
        return Contact(method, number) if number else None

    def _url(self, name: str, notes: Notes) -> Contact | None:
        if not _NAME.fullmatch(name):
            notes.add(
                "is not the name of an environment variable: a URL holds secrets, so put it into a variable "
                'such as PAGE_NOOR and write "url:PAGE_NOOR"'
            )
            return None
        url = self._variable(name)
        if url == "":
            notes.add(f"{name} is not set: set {name} or {name}_FILE to an Apprise URL, such as mailto://…")
        elif url and not is_apprise_url(url):
            notes.add(
                f"{name} is not a URL that Apprise can use: see the form of the service in Apprise's documentation"
            )
        elif url:
            self.urls[name] = url
            return Contact(Method.URL, name)
        return None


def is_apprise_url(url: str) -> bool:
    """Whether Apprise knows the service and all it needs is there. Nothing is sent."""
    logger = logging.getLogger("apprise")
    before, logger.disabled = logger.disabled, True  # it would log the parts that it does not like: secrets
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # its plug-ins use an old module of Python
            return apprise.Apprise.instantiate(url) is not None
    finally:
        logger.disabled = before
