"""Links of pages: ours, for an hour, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.conversation import ConversationTokens
from bot.domain.links import LIFETIME, AcknowledgeLinks
from tests.harness.clock import START

KEY = b"k" * 32
PAGE = "0123456789abcdef0123456789abcdef"
SECOND = timedelta(seconds=1)


@pytest.fixture
def links() -> AcknowledgeLinks:
    return AcknowledgeLinks(KEY, "https://chat.example.org/")


def test_a_link_leads_to_its_page(links: AcknowledgeLinks) -> None:
    base, token = links.url(PAGE, START).rsplit("/", 1)
    assert base == "https://chat.example.org/staff/pages"
    assert links.open(token, START) == PAGE


@pytest.mark.parametrize(("after", "page"), [(LIFETIME, PAGE), (LIFETIME + SECOND, None)])
def test_a_link_holds_for_an_hour(links: AcknowledgeLinks, after: timedelta, page: str | None) -> None:
    token = links.token(PAGE, START + LIFETIME)
    assert links.open(token, START + after) == page


def test_a_link_of_another_key_is_not_ours(links: AcknowledgeLinks) -> None:
    token = AcknowledgeLinks(b"o" * 32, "https://chat.example.org").token(PAGE, START + LIFETIME)
    assert links.open(token, START) is None


def test_a_conversations_token_is_no_link(links: AcknowledgeLinks) -> None:
    assert links.open(ConversationTokens(KEY).issue(PAGE), START) is None


def test_every_changed_character_is_noticed(links: AcknowledgeLinks) -> None:
    token = links.token(PAGE, START + LIFETIME)
    for at, character in enumerate(token):
        other = "A" if character != "A" else "B"
        assert links.open(token[:at] + other + token[at + 1 :], START) is None


def test_a_longer_life_cannot_be_written_into_it(links: AcknowledgeLinks) -> None:
    page, _, signature = links.token(PAGE, START + LIFETIME).split(".")
    later = f"{int((START + 24 * LIFETIME).timestamp()):x}"
    assert links.open(f"{page}.{later}.{signature}", START) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        PAGE,
        f"{PAGE}.",
        f"{PAGE}.zz.x",
        f"{PAGE}.-1.x",
        f"{PAGE}.{'f' * 40}.x",
        "é.1.x",
        "\ud800.1.x",
    ],
)
def test_what_is_no_token_opens_nothing(links: AcknowledgeLinks, token: str) -> None:
    assert links.open(token, START) is None
