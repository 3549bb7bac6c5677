"""Pages through Apprise: one try a page, bounded in time, nothing of it in any log."""

from __future__ import annotations

import logging
import os
import queue
import re
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType

from bot.domain.errors import PageRefused, PageUnsent
from bot.domain.on_call import Contact

LIMIT_SECONDS = 10.0
# A silent socket gives up first, so that a thread is left behind only by a service that keeps talking.
_SOCKET_SHARE = 0.8
# Of one address: a service that hangs holds up its own pages, not those of others.
_AT_ONCE = 32
_TRY_LATER = frozenset({408, 425, 429})

# They write URLs, headers and bodies: secrets and pages.
_TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
_HTTP_LOGGER = "urllib3.connectionpool"
_STATUS = re.compile(r'" (\d{3}) \S+\Z')

# The HTTP status that the send of this thread was last answered with.
_answers: ContextVar[list[int] | None] = ContextVar("answers", default=None)


class ApprisePager:
    """Sends to the service whose Apprise URL the environment has under the contact's address.

    NAME or NAME_FILE, as for settings. When to try again is the caller's decision: nothing is tried twice here.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, limit: float = LIMIT_SECONDS) -> None:
        """`limit`: seconds after which a send counts as failed."""
        self._environment = os.environ if environment is None else environment
        self._limit = limit
        self._turns: dict[str, threading.BoundedSemaphore] = {}
        Apprise.instantiate("json://localhost")  # loads the plug-ins now: the first page does not wait for them
        _hush()

    def send(self, contact: Contact, title: str, text: str, token: str = "") -> None:
        """Return when the service accepted it.

        Raises PageRefused when it never will, PageUnsent when it did not now or not in time.
        """
        url = _read_url(self._environment, contact.address)
        deadline = time.monotonic() + self._limit
        turn = self._turns.setdefault(contact.address, threading.BoundedSemaphore(_AT_ONCE))
        if not turn.acquire(timeout=self._limit):
            raise PageUnsent("too_many_hang")
        outcomes: queue.SimpleQueue[PageRefused | PageUnsent | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                outcomes.put(_try_once(url, title, text, self._limit * _SOCKET_SHARE))
            finally:
                turn.release()

        # A thread of its own: one from a pool would be missing there while it hangs, and is waited for at exit.
        threading.Thread(target=work, name="page", daemon=True).start()
        try:
            failure = outcomes.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise PageUnsent("cut_off") from None
        if failure is not None:
            raise failure


def _read_url(environment: Mapping[str, str], name: str) -> str:
    url = environment.get(name, "")
    if path := environment.get(f"{name}_FILE"):
        try:
            url = Path(path).read_text(encoding="utf-8")
        except (OSError, ValueError):  # ValueError: no UTF-8, or no path
            raise PageRefused("url_unreadable") from None
    if not url.strip():
        raise PageRefused("url_missing")
    return url.strip()


def _try_once(url: str, title: str, text: str, socket_seconds: float) -> PageRefused | PageUnsent | None:
    """What went wrong, if anything. Errors are returned, because those of a service carry its URL as their context."""
    answers: list[int] = []
    _answers.set(answers)
    try:
        service = _open(url, socket_seconds)
        if service is None:
            return PageRefused("url_unusable")
        # Not Apprise.notify: it repeats (`retry=` in the URL), and calls a failure a success (`optional=`).
        # FAILURE is what PagerDuty and its like take for critical.
        if service.notify(body=text, title=title, notify_type=NotifyType.FAILURE, body_format=NotifyFormat.TEXT):
            return None
    except OSError:
        return PageUnsent("no_answer")
    except Exception:  # noqa: BLE001  # a fault of one of 150 services; the next way must have its turn
        return PageRefused("service_broken")
    return _why(answers)


def _open(url: str, socket_seconds: float) -> NotifyBase | None:
    """The service of a URL; None when Apprise has none for it, or not here."""
    asset = AppriseAsset(app_id="Clinic assistant", app_desc="", app_url="", image_url_mask="", image_url_logo="")
    service = Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.socket_connect_timeout = service.socket_read_timeout = socket_seconds
        # A POST that is redirected goes on as a GET: answered with 200, and nobody was paged.
        service.redirects = False
    return service


def _why(answers: list[int]) -> PageRefused | PageUnsent:
    if not answers:
        return PageUnsent("no_answer")
    status = answers[-1]
    later = status in _TRY_LATER or status >= 500
    return PageUnsent(f"status_{status}") if later else PageRefused(f"status_{status}")


def _hush() -> None:
    """Let nothing of Apprise and what it sends with reach any log."""
    for name in (*_TALKATIVE, *logging.root.manager.loggerDict):
        if name.split(".")[0] in _TALKATIVE:
            logging.getLogger(name).addFilter(_overhear)
    for name in _TALKATIVE:
        logging.getLogger(name).propagate = False  # for loggers that are made later
    # Apprise says only whether a page was accepted; this says with which status.
    logging.getLogger(_HTTP_LOGGER).setLevel(logging.DEBUG)


def _overhear(record: logging.LogRecord) -> bool:
    """A filter that stops every record, after reading the HTTP status from those that have one."""
    answers = _answers.get()
    if answers is not None and record.name == _HTTP_LOGGER:
        message = record.getMessage()
        if message.startswith("Starting new"):
            answers.clear()  # the status before was of another request, such as for a token
        elif found := _STATUS.search(message):
            answers.append(int(found[1]))
    return False
