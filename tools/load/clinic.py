"""The clinic of a run: whom it pages, who acknowledges, and its telephone company."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from tests.harness.pager_service import PagerService, pager_service
from tools.load.plan import Texts
from tools.telephone_company.company import TelephoneCompany

_PEOPLE = ("noor", "kim")
_LINK = re.compile(r"(/staff/pages/\S+)")
# So long somebody who is paged looks for the telephone.
_TO_THE_PHONE_SECONDS = (0.5, 3.0)
_LOOK_SECONDS = 0.1
_TIMEOUT_SECONDS = 30
# As a clinic's number that is registered for it; the smallest takes one.
_TEXTS_A_SECOND = 50


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where everything beside the assistant is, and what the assistant is told of it."""

    provider: PagerService
    company: TelephoneCompany
    file: Path

    @property
    def environment(self) -> dict[str, str]:
        """For every process of the assistant."""
        pages = {f"PAGE_{name.upper()}": self.provider.apprise_url(f"/{name}") for name in _PEOPLE}
        # Everybody comes through a proxy on this machine, which says from where.
        return {**pages, **self.company.environment(), "CLINIC_FILE": str(self.file), "TRUSTED_PROXIES": "127.0.0.1"}

    def texts(self, public_url: str) -> Texts:
        """How texts of patients come in at an address."""
        return Texts(self.company.main_number, self.company.webhooks.token, public_url)


@contextlib.contextmanager
def clinic(folder: Path) -> Iterator[Clinic]:
    """A provider that takes pages, and a telephone company that takes texts and tells of their arrival."""
    company = TelephoneCompany()
    with pager_service() as provider, _open(company):
        file = folder / "clinic.yml"
        file.write_text(yaml.safe_dump(_content(company.main_number)), encoding="utf-8")
        yield Clinic(provider, company, file)


def _content(number: str) -> dict[str, object]:
    steps = [{"page": ["noor"]}, {"page": ["kim"], "after": 5}]
    return {
        "name": "Load Test Clinic",
        "phone": "+1 555-010-0177",
        "telephone": {"numbers": [{"number": number, "per_second": _TEXTS_A_SECOND}]},
        "on_call": {
            "people": {
                name: {"name": name.title(), "role": "nurse", "contacts": [f"url:PAGE_{name.upper()}"]}
                for name in _PEOPLE
            },
            "ladder": {"emergency": {"steps": steps}, "urgent": {"steps": steps}},
            "last_resort": ["kim"],
        },
    }


@contextlib.contextmanager
def _open(company: TelephoneCompany) -> Iterator[None]:
    """The company's own loop, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="telephone-company", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(company.open(), loop).result()
        yield
        asyncio.run_coroutine_threadsafe(company.close(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Staff:
    """Somebody who opens the link of each page and presses the button, as long as a run lasts."""

    clinic: Clinic
    url: str
    random: Random = field(default_factory=lambda: Random(2))
    acknowledged: list[float] = field(default_factory=list)  # seconds that the button took
    failed: int = 0

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="staff", daemon=True)

    def __enter__(self) -> Staff:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        seen = 0
        while not self._over.wait(_LOOK_SECONDS):
            received = self.clinic.provider.accepted[seen:]
            seen += len(received)
            for page in received:
                if page.payload and (link := _LINK.search(page.payload["message"])):
                    threading.Timer(self.random.uniform(*_TO_THE_PHONE_SECONDS), self._acknowledge, (link[1],)).start()

    def _acknowledge(self, path: str) -> None:
        began = time.monotonic()
        try:
            for data in (None, b""):
                # S310: an address of the run's own.
                urllib.request.urlopen(f"{self.url}{path}", data, timeout=_TIMEOUT_SECONDS).close()  # noqa: S310
            self.acknowledged.append(time.monotonic() - began)
        except OSError:  # another page of the same case was first, or nobody answers
            self.failed += 1
