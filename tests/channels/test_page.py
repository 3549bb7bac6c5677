"""The demonstration page and its files."""

from __future__ import annotations

import re

import pytest
from yarl import URL

from tests.channels.conftest import Gateway, StartGateway

ODD_NAME = '<b>&"'


async def fetch(gateway: Gateway, path: str) -> tuple[int, str, str]:
    """Status, content type and text."""
    async with gateway.client.get(path) as response:
        return response.status, response.content_type, await response.text()


async def test_the_page_is_served_with_the_clinics_name_and_numbers(gateway: Gateway) -> None:
    status, kind, text = await fetch(gateway, "/")
    assert (status, kind) == (200, "text/html")
    assert "Cleo&#x27;s Clinic" in text
    assert 'href="tel:+15550100123"' in text


async def test_a_clinics_name_is_never_html(start_gateway: StartGateway) -> None:
    _, _, text = await fetch(await start_gateway({"name": ODD_NAME}), "/")
    assert "&lt;b&gt;&amp;&quot;" in text
    assert ODD_NAME not in text


async def test_no_placeholder_is_left_on_the_page(gateway: Gateway) -> None:
    _, _, text = await fetch(gateway, "/")
    assert re.findall(r"%[A-Z_]+%", text) == []


async def test_the_chat_knows_the_limit_that_is_set(start_gateway: StartGateway) -> None:
    _, _, text = await fetch(await start_gateway(MAX_CHARACTERS="321"), "/widget.js")
    assert re.search(r"\bcharacters\W+321\b", text)


async def test_everything_that_the_page_loads_is_served(gateway: Gateway) -> None:
    _, _, text = await fetch(gateway, "/")
    files = re.findall(r'(?:src|href)="(/[^"]+)"', text)
    assert {"/assets/demo.css", "/assets/demo.js"} <= set(files)
    assert [(await fetch(gateway, file))[0] for file in files] == [200] * len(files)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/assets/demo.js", "text/javascript"), ("/assets/demo.css", "text/css")],
)
async def test_what_a_browser_gets_is_locked_down(gateway: Gateway, path: str, kind: str) -> None:
    async with gateway.client.get(path) as response:
        assert response.content_type == kind
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]


async def test_the_policy_allows_no_inline_script(gateway: Gateway) -> None:
    async with gateway.client.get("/") as response:
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", await response.text()) is None


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../web.py",
        "/assets/%2e%2e/settings.py",
        "/assets/..%2fsettings.py",
        "/assets/..%2f..%2fclinic.yml",
        "/assets/%2fetc%2fpasswd",
        "/assets/",
        "/assets/demo.html",
        "/assets/demo.js%00",
        "/assets/nothing.js",
        f"/assets/{'a' * 300}.js",
    ],
)
async def test_nothing_but_the_pages_files_is_served(gateway: Gateway, path: str) -> None:
    refused = await gateway.request("GET", URL(path, encoded=True))
    assert (refused.status, refused.code) == (404, "not_found")
