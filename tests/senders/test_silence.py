"""No log, error or output tells what is in a page, or the secrets of the URL that it goes to."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator

import pytest
from apprise import Apprise, NotifyBase

from bot.domain.errors import PageRefused, PageUnsent
from tests.harness.pager_service import Manner, PagerService
from tests.harness.settings import free_ports
from tests.senders.conftest import CONTACT, pager_for

TITLE, TEXT = "title-of-the-page", "text-of-the-page"
USER, PASSWORD, TOKEN, HEADER = "login-name", "pass-word", "path-token", "header-secret"
SECRETS = (TITLE, TEXT, USER, PASSWORD, TOKEN, HEADER)
LIBRARIES = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")


class Listener(logging.Handler):
    """Keeps everything about every record."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        error = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
        self.heard.append(f"{record.getMessage()} {record.__dict__} {error}")


@pytest.fixture
def listener(service: PagerService) -> Iterator[Listener]:
    """Hears the root logger, and each logger of the libraries, at the lowest level."""
    pager_for(service.apprise_url())  # the libraries are loaded, and hushed
    listener = Listener()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in LIBRARIES]
    loggers = [logging.getLogger(), *map(logging.getLogger, names)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(listener)
        logger.setLevel(1)
    yield listener
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(listener)
        logger.setLevel(level)


def secret_url(port: int) -> str:
    return f"json://{USER}:{PASSWORD}@127.0.0.1:{port}/{TOKEN}/?+X-Key={HEADER}"


def told(error: BaseException | None) -> str:
    """An error with all that it carries."""
    return "" if error is None else f"{error!r} {error.args}" + told(error.__cause__) + told(error.__context__)


def outcome(url: str, limit: float = 10.0) -> str:
    """What a caller may log of a send."""
    try:
        pager_for(url, limit).send(CONTACT, TITLE, TEXT)
    except (PageRefused, PageUnsent) as error:
        return told(error)
    return "sent"


def assert_silent(listener: Listener, capfd: pytest.CaptureFixture[str], outcome: str) -> None:
    seen = "\n".join([*listener.heard, *capfd.readouterr(), outcome])
    assert [secret for secret in SECRETS if secret in seen] == []


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500])
def test_an_answer_tells_nothing(
    service: PagerService, listener: Listener, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    service.will_answer(status)
    result = outcome(secret_url(service.port))
    assert service.received[0].payload["message"] == TEXT
    assert service.received[0].headers["X-Key"] == HEADER
    assert_silent(listener, capfd, result)


@pytest.mark.parametrize("manner", [Manner.DROP, Manner.HANG, Manner.TRICKLE])
def test_no_answer_tells_nothing(
    service: PagerService, listener: Listener, capfd: pytest.CaptureFixture[str], manner: Manner
) -> None:
    service.will(manner)
    result = outcome(secret_url(service.port), limit=1.0)
    assert "PageUnsent" in result
    assert_silent(listener, capfd, result)


def test_nobody_there_tells_nothing(listener: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    (port,) = free_ports(1)
    assert_silent(listener, capfd, outcome(secret_url(port)))


@pytest.mark.parametrize(
    "url", [f"nowhere://{USER}:{PASSWORD}@{TOKEN}/{HEADER}", f"{PASSWORD}", f"slack://{TOKEN}/{HEADER}", f"mailto://{PASSWORD}"]
)  # fmt: skip
def test_a_url_of_no_use_tells_nothing(listener: Listener, capfd: pytest.CaptureFixture[str], url: str) -> None:
    assert_silent(listener, capfd, outcome(url))


@pytest.mark.parametrize("fault", [RuntimeError, OSError])
def test_a_fault_in_a_plug_in_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, listener: Listener, capfd: pytest.CaptureFixture[str], fault: type[Exception]
) -> None:
    def broken(self: NotifyBase, **kwargs: object) -> bool:
        raise fault(f"{self.url()} {kwargs}")

    monkeypatch.setattr(NotifyBase, "notify", broken)
    assert_silent(listener, capfd, outcome(secret_url(9)))


def test_the_listener_would_hear_it(service: PagerService, listener: Listener) -> None:
    """Without the pager's filter the libraries tell all: the tests above can fail."""
    loggers = [logging.getLogger("apprise"), logging.getLogger("urllib3.connectionpool")]
    filters = [logger.filters[:] for logger in loggers]
    with contextlib.ExitStack() as restore:
        for logger, kept in zip(loggers, filters, strict=True):
            logger.filters.clear()
            restore.callback(logger.filters.extend, kept)
        plain = Apprise.instantiate(secret_url(service.port))
        assert plain is not None
        plain.notify(body=TEXT, title=TITLE)
    heard = "\n".join(listener.heard)
    assert all(secret in heard for secret in (TEXT, TITLE, TOKEN))


@pytest.mark.usefixtures("pager")
def test_a_logger_that_is_made_later_does_not_pass_its_records_on(caplog: pytest.LogCaptureFixture) -> None:
    for library in LIBRARIES:
        logging.getLogger(f"{library}.made_later").critical(PASSWORD)
    assert caplog.records == []
