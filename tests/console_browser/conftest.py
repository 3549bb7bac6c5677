"""Members of staff and a patient, each in a browser of their own, in front of one gateway."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import build_office
from bot.domain.staff import Role
from bot.services.accounts import NewAccount
from tests.harness.console import PASSWORD
from tests.widget.conftest import browser, chromium, open_visit, set_stage  # noqa: F401 - fixtures
from tests.widget.stage import Stage

SECONDS = 30
FIRST_PAGE = re.compile("Queue · ")

Enter = Callable[..., Page]


@pytest.fixture
def stage(set_stage: Callable[..., Stage]) -> Stage:  # noqa: F811
    """A gateway whose staff need no second factor."""
    expect.set_options(timeout=SECONDS * 1000)
    canned = [{"title": "I am calling", "text": "This is [my name] about [reference]."}]
    return set_stage({"console": {"second_factor": "optional", "canned_replies": canned}})


@pytest.fixture
def enter(browser: Browser, stage: Stage) -> Iterator[Enter]:  # noqa: F811
    """Somebody signs in, in a browser of their own; at the end it must not have complained."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def start(name: str = "noor", role: Role = Role.NURSE, person: str | None = None, **options: Any) -> Page:
            new = NewAccount(f"{name}@example.org", name.title(), role, person, PASSWORD)
            build_office(stage.settings, stage.engine).accounts.add("test", new)
            context = browser.new_context(**options)
            contexts.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
            page.goto(f"{stage.home}staff")
            page.get_by_label("User name").fill(new.user_name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page).to_have_title(FIRST_PAGE)
            return page

        yield start
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for barriers. Without it CI fails, and everybody else skips."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        reason = "no axe-core: install axe-playwright-python"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
