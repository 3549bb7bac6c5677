"""Pages for trying it out: each is a line in the log."""

from __future__ import annotations

import logging

from bot.domain.on_call import Contact
from bot.services.ports import Page

log = logging.getLogger("pager")


class LogPager:
    """Writes pages to the log. It wakes nobody: a clinic needs a real one."""

    def send(self, page: Page, text: str) -> None:
        """One line a page."""
        log.warning("PAGE %s", text)


class LogSender:
    """Writes pages to the log, for contacts of the method `log`. It wakes nobody."""

    def send(self, contact: Contact, title: str, text: str) -> None:
        """One line a page, whatever line breaks it has."""
        log.warning("PAGE %s", " ".join(text.split()))
