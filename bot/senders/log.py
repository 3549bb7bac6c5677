"""A pager for development: the page is a line in the log."""

from __future__ import annotations

import logging

from bot.services.ports import Page

log = logging.getLogger("pager")


class LogPager:
    """Writes pages to the log. It wakes nobody: a clinic needs a real one."""

    def send(self, page: Page, text: str) -> None:
        """One line a page."""
        log.warning("PAGE %s", text)
