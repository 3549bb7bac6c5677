"""Pages through Apprise, to a provider on a real socket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from apprise import NotifyBase

from bot.domain.errors import PageRefused, PageUnsent
from bot.domain.on_call import Contact, Method
from bot.senders.apprise import LIMIT_SECONDS, ApprisePager, _open
from tests.harness.pager_service import Manner, PagerService
from tests.harness.settings import free_ports
from tests.senders.conftest import CONTACT, pager_for

TITLE = "Emergency report KQ7-M2"
TEXT = "Harbor Clinic: emergency report KQ7-M2, waiting 3 min"
SHORT = 1.0  # seconds; nothing here waits for a clock, but a silent service must be given up on


def page(pager: ApprisePager) -> None:
    pager.send(CONTACT, TITLE, TEXT)


@pytest.fixture
def patient_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets that wait longer than the page does."""
    monkeypatch.setattr("bot.senders.apprise._SOCKET_SHARE", 60)


def test_a_page_is_accepted_once_with_exactly_what_was_given(pager: ApprisePager, service: PagerService) -> None:
    page(pager)
    (received,) = service.accepted
    assert received.path == "/hook"
    assert received.payload == {
        "version": "1.0", "title": TITLE, "message": TEXT, "attachments": [], "type": "failure",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["<b>& ü € 🚑</b>", "*stars* _lines_ `ticks`", r"C:\new \t \u0041", "a\nb", ":smile: {x}"]
)
def test_text_is_not_interpreted(pager: ApprisePager, service: PagerService, text: str) -> None:
    pager.send(CONTACT, TITLE, text)
    assert service.accepted[0].payload["message"] == text


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422])
def test_a_refusal_for_good_is_permanent(pager: ApprisePager, service: PagerService, status: int) -> None:
    service.will_answer(status)
    with pytest.raises(PageRefused) as caught:
        page(pager)
    assert (caught.value.reason, len(service.received)) == (f"status_{status}", 1)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_refusal_for_now_is_temporary(pager: ApprisePager, service: PagerService, status: int) -> None:
    service.will_answer(status)
    with pytest.raises(OSError) as caught:  # noqa: PT011  # the type is what callers go by
        page(pager)
    assert isinstance(caught.value, PageUnsent)
    assert (caught.value.reason, len(service.received)) == (f"status_{status}", 1)


def test_a_page_that_was_refused_for_now_is_accepted_later(pager: ApprisePager, service: PagerService) -> None:
    service.will_answer(503, times=2)
    for _ in range(2):
        with pytest.raises(PageUnsent):
            page(pager)
    page(pager)
    assert (len(service.received), len(service.accepted)) == (3, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307])
@pytest.mark.parametrize("query", ["", "redirect=yes"])
def test_a_redirect_is_no_acceptance(service: PagerService, status: int, query: str) -> None:
    service.will_answer(status, Location=service.http_url("/elsewhere"))
    with pytest.raises(PageRefused, match=f"^status_{status}$"):
        page(pager_for(service.apprise_url(query=query)))
    assert len(service.received) == 1


def test_a_service_that_nobody_runs_is_temporary() -> None:
    (port,) = free_ports(1)
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        page(pager_for(f"json://127.0.0.1:{port}/"))


def test_a_dropped_connection_is_temporary(pager: ApprisePager, service: PagerService) -> None:
    service.will(Manner.DROP)
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        page(pager)
    assert len(service.received) == 1


@pytest.mark.parametrize("manner", [Manner.HANG, Manner.DELAY, Manner.ANSWER_LATE, Manner.TRICKLE])
def test_a_service_that_does_not_come_to_an_end_is_given_up_on(service: PagerService, manner: Manner) -> None:
    service.will(manner)
    with pytest.raises(PageUnsent, match=r"^(no_answer|cut_off)$"):
        page(pager_for(service.apprise_url(), SHORT))


@pytest.mark.usefixtures("patient_sockets")
def test_a_service_that_keeps_its_socket_alive_is_cut_off(service: PagerService) -> None:
    service.will(Manner.TRICKLE)
    with pytest.raises(PageUnsent, match=r"^cut_off$"):
        page(pager_for(service.apprise_url(), SHORT))


@pytest.mark.parametrize("query", ["", "?rto=600&cto=600"])
def test_a_socket_gives_up_before_the_page_whatever_the_url_says(query: str) -> None:
    opened = _open(f"json://127.0.0.1/{query}", 8)
    assert opened is not None
    assert opened.request_timeout == (8, 8)


def test_the_limit_is_ten_seconds_unless_told_otherwise() -> None:
    assert ApprisePager({})._limit == LIMIT_SECONDS == 10


def test_a_slow_service_within_the_limit_has_accepted(pager: ApprisePager, service: PagerService) -> None:
    service.will(Manner.DELAY)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(page, pager)
        service.wait_for_requests()
        assert not service.accepted
        service.release()
        sending.result()
    assert len(service.accepted) == 1


def test_a_page_goes_out_beside_one_that_hangs(service: PagerService) -> None:
    service.will(Manner.HANG)
    pager = pager_for(service.apprise_url())
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(page, pager)
        service.wait_for_requests()
        page(pager)
        assert not hanging.done()
        service.release()
        assert isinstance(hanging.exception(), PageUnsent)


def test_a_page_that_failed_gives_its_turn_back(
    monkeypatch: pytest.MonkeyPatch, pager: ApprisePager, service: PagerService
) -> None:
    monkeypatch.setattr("bot.senders.apprise._AT_ONCE", 1)
    service.will(Manner.DROP, times=3)
    for _ in range(3):
        with pytest.raises(PageUnsent, match=r"^no_answer$"):
            page(pager)
    page(pager)
    assert len(service.received) == 4


@pytest.mark.usefixtures("patient_sockets")
def test_one_address_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, service: PagerService) -> None:
    monkeypatch.setattr("bot.senders.apprise._AT_ONCE", 2)
    other = Contact(Method.URL, "PAGER_LEE")
    pager = ApprisePager({CONTACT.address: service.apprise_url("/a"), other.address: service.apprise_url("/b")}, SHORT)
    service.will(Manner.TRICKLE, times=2)
    for reason in ("cut_off", "cut_off", "too_many_hang"):
        with pytest.raises(PageUnsent, match=f"^{reason}$"):
            page(pager)
    pager.send(other, TITLE, TEXT)
    assert [received.path for received in service.received] == ["/a", "/a", "/b"]


def test_several_at_once_from_threads_each_arrive_once(pager: ApprisePager, service: PagerService) -> None:
    texts = [f"report {number}" for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda text: pager.send(CONTACT, TITLE, text), texts))
    assert sorted(received.payload["message"] for received in service.accepted) == sorted(texts)


def test_failures_of_threads_are_not_mixed_up(service: PagerService) -> None:
    ports = free_ports(1)
    urls = {"GOOD": service.apprise_url(), "DEAD": f"json://127.0.0.1:{ports[0]}/", "UNSET": ""}
    pager = ApprisePager(urls)

    def outcome(name: str) -> str:
        try:
            pager.send(Contact(Method.URL, name), TITLE, TEXT)
        except (PageRefused, PageUnsent) as error:
            return error.reason
        return "sent"

    with ThreadPoolExecutor(9) as pool:
        found = list(pool.map(outcome, ["GOOD", "DEAD", "UNSET"] * 20))
    assert found == ["sent", "no_answer", "url_missing"] * 20


@pytest.mark.parametrize("query", ["retry=3&wait=0", "optional=yes", "retry=2&wait=0&optional=yes"])
def test_the_url_can_neither_repeat_nor_hide_a_failure(service: PagerService, query: str) -> None:
    service.will_answer(503)
    with pytest.raises(PageUnsent):
        page(pager_for(service.apprise_url(query=query)))
    assert len(service.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "nonsense", "nowhere://127.0.0.1/", "json://", "://", "pagerduty://short", "slack://x", "mailto://", "twilio://AC1:t@no",
        "windows://", "macosx://", "glib://",  # known to Apprise, and disabled on Linux servers
    ],
)  # fmt: skip
def test_a_url_that_no_service_here_can_use_is_permanent(url: str) -> None:
    with pytest.raises(PageRefused, match=r"^url_unusable$"):
        page(pager_for(url))


@pytest.mark.parametrize("environment", [{}, {"PAGER_MARIA": ""}, {"PAGER_MARIA": " \n"}, {"PAGER_MARIA_FILE": ""}])
def test_a_missing_url_is_permanent(environment: dict[str, str]) -> None:
    with pytest.raises(PageRefused, match=r"^url_missing$"):
        page(ApprisePager(environment))


def test_the_url_may_be_in_a_file_which_counts_more(service: PagerService, tmp_path: Path) -> None:
    file = tmp_path / "pager.url"
    file.write_text(service.apprise_url("/filed") + "\n", encoding="utf-8")
    page(ApprisePager({"PAGER_MARIA": service.apprise_url("/named"), "PAGER_MARIA_FILE": str(file)}))
    assert [received.path for received in service.accepted] == ["/filed"]


def test_a_file_that_changed_counts_from_the_next_page(service: PagerService, tmp_path: Path) -> None:
    file = tmp_path / "pager.url"
    pager = ApprisePager({"PAGER_MARIA_FILE": str(file)})
    for path in ("/old", "/new"):
        file.write_text(service.apprise_url(path), encoding="utf-8")
        page(pager)
    assert [received.path for received in service.accepted] == ["/old", "/new"]


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe json"])
def test_a_file_without_a_url_is_permanent(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "pager.url"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PageRefused, match=r"^url_(unreadable|missing)$"):
        page(ApprisePager({"PAGER_MARIA_FILE": str(file)}))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (KeyError("json"), PageRefused("service_broken")),
        (AssertionError(), PageRefused("service_broken")),
        (ConnectionResetError(), PageUnsent("no_answer")),
        (TimeoutError(), PageUnsent("no_answer")),
    ],
)
def test_a_fault_inside_a_plug_in_is_a_failed_page(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, expected: PageRefused | PageUnsent
) -> None:
    def broken(self: NotifyBase, **kwargs: object) -> bool:
        raise fault

    monkeypatch.setattr(NotifyBase, "notify", broken)
    with pytest.raises(type(expected), match=f"^{expected.reason}$"):
        page(pager_for("json://127.0.0.1/"))


def test_a_second_request_without_an_answer_is_not_judged_by_the_first(
    monkeypatch: pytest.MonkeyPatch, service: PagerService
) -> None:
    service.will_answer(401)
    service.will(Manner.DROP)
    send = NotifyBase.notify
    monkeypatch.setattr(NotifyBase, "notify", lambda self, **words: send(self, **words) or send(self, **words))
    with pytest.raises(PageUnsent, match=r"^no_answer$"):
        page(pager_for(service.apprise_url()))
    assert len(service.received) == 2


def test_many_pages_to_one_address_do_not_wait_for_each_other(service: PagerService) -> None:
    pager = pager_for(service.apprise_url())
    service.will(Manner.DELAY, times=8)
    with ThreadPoolExecutor(8) as pool:
        ends = [pool.submit(page, pager) for _ in range(8)]
        service.wait_for_requests(8)  # all eight are there before any was answered
        service.release()
    assert [end.exception() for end in ends] == [None] * 8
