"""A browser for all, a stage for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.widget.stage import Stage
from tests.widget.visit import OpenVisit, Visit

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

SetStage = Callable[..., Stage]


def find_chromium() -> str | None:
    """The path of one, if there is any."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium of this machine. Without one CI fails, and everybody else skips."""
    path = find_chromium()
    if path is None:
        reason = f"no Chromium: install one of {', '.join(NAMES)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for the module: while it is open, no event loop can be started in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def set_stage(template: Path, tmp_path: Path) -> Iterator[SetStage]:
    """Start a gateway; arguments change `clinic.yml` or, in capitals, the environment."""
    with ExitStack() as stages:

        def start(clinic: dict[str, Any] | None = None, **environment: str) -> Stage:
            stage = Stage(tmp_path, template, clinic or {}, **environment)
            stages.callback(stage.close)
            return stage

        yield start


@pytest.fixture
def stage(set_stage: SetStage) -> Stage:
    """A gateway with nothing special."""
    return set_stage()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile with nothing special."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def open_visit(browser: Browser, stage: Stage) -> Iterator[OpenVisit]:
    """Open a page in a profile of its own; keywords are those of a browser context."""
    with ExitStack() as contexts:
        visits: list[Visit] = []

        def start(address: str | None = "plain", on: Stage | None = None, **options: Any) -> Visit:
            context = browser.new_context(**options)
            contexts.callback(context.close)
            visits.append(Visit.begin(context, on or stage, address))
            return visits[-1]

        yield start
        for visit in visits:
            assert visit.unexpected == []


@pytest.fixture
def visit(open_visit: OpenVisit) -> Visit:
    """A patient at the clinic's own site has opened the chat."""
    return open_visit().open()
