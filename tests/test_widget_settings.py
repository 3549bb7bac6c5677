"""The sites that may show the chat: as browsers write them, or a problem that says how."""

from __future__ import annotations

from typing import Any

import pytest

from bot.on_call_settings.notes import Notes
from bot.widget_settings import WidgetSettings, read_widget


def read(section: Any) -> tuple[WidgetSettings, list[str]]:
    """What is read, and the problems."""
    problems: list[str] = []
    return read_widget(section, Notes(problems, "widget: ")), problems


@pytest.mark.parametrize("section", [None, {}, {"sites": []}, {"sites": None}])
def test_without_sites_the_gateway_serves_itself_alone(section: Any) -> None:
    assert read(section) == (WidgetSettings(()), [])


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/", "https://www.example.org"),
        (" HTTPS://Www.Example.ORG ", "https://www.example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://example.org:443", "https://example.org"),
        ("https://xn--klinik-example.org", "https://xn--klinik-example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_a_site_is_read_as_browsers_write_it(written: str, origin: str) -> None:
    assert read({"sites": [written]}) == (WidgetSettings((origin,)), [])


def test_a_site_that_is_there_twice_is_one() -> None:
    settings, _ = read({"sites": ["https://example.org", "https://example.org/"]})
    assert settings.sites == ("https://example.org",)


@pytest.mark.parametrize(
    "entry",
    [
        "www.example.org",
        "http://www.example.org",
        "https://www.example.org/chat",
        "https://*.example.org",
        "https://",
        "https://user@example.org",
        "https://klinik-größe.example.org",
        "https://example.org https://example.com",
        "https://example.org\nhttps://example.com",
        "*",
        "null",
        "",
        7,
        None,
    ],
)
def test_what_is_no_site_is_named_with_how_to_write_it(entry: Any) -> None:
    _, (problem,) = read({"sites": [entry]})
    assert problem.startswith("widget: sites: ")
    assert "https://www.example.org" in problem


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("https://example.org", "widget: 'https://example.org' is not readable"),
        ([], "widget: '[]' is not readable"),
        ({"sites": "https://example.org"}, "widget: sites: 'https://example.org' is not a list"),
        ({"site": []}, "widget: there is no key 'site'; did you mean sites?"),
    ],
)
def test_a_section_that_is_wrong_says_what_and_where(section: Any, words: str) -> None:
    _, (problem,) = read(section)
    assert problem.startswith(words)


def test_every_problem_is_named_at_once() -> None:
    _, problems = read({"sites": ["x", "y"], "colour": "red"})
    assert len(problems) == 3
