"""A page that is a line in the log."""

from __future__ import annotations

import logging

from bot.domain.on_call import Contact

log = logging.getLogger("pager")


class LogPager:
    """Writes pages to the log. It wakes nobody: for trying it out, and for drills."""

    def send(self, contact: Contact, title: str, text: str) -> None:
        """One line a page."""
        log.warning("PAGE %s", text)
