"""Ids and the tokens that prove whose a conversation is."""

from __future__ import annotations

import pytest

from bot.domain.conversation import ConversationTokens, new_id
from bot.domain.errors import UnknownConversation

TOKENS = ConversationTokens(b"k" * 32)
ANAS = new_id()
BENS = new_id()


def _flipped(character: str) -> str:
    return "A" if character != "A" else "B"


def test_a_token_opens_its_own_conversation() -> None:
    assert TOKENS.open(TOKENS.issue(ANAS)) == ANAS


def test_the_same_conversation_has_the_same_token() -> None:
    assert TOKENS.issue(ANAS) == ConversationTokens(b"k" * 32).issue(ANAS)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        ANAS,
        f"{ANAS}.",
        f"{ANAS}..",
        TOKENS.issue(ANAS)[:-1],
        TOKENS.issue(ANAS) + "A",
        TOKENS.issue(ANAS) + " ",
        TOKENS.issue(ANAS).upper(),
        f"{BENS}.{TOKENS.issue(ANAS).partition('.')[2]}",
        ConversationTokens(b"another key, as long as is needed").issue(ANAS),
        f"{ANAS}.ключ",
        f"{ANAS}.\ud800",
        "\ud800",
    ],
    ids=ascii,
)
def test_a_token_that_we_did_not_issue_opens_nothing(token: str) -> None:
    with pytest.raises(UnknownConversation):
        TOKENS.open(token)


@pytest.mark.parametrize("index", range(len(TOKENS.issue(ANAS))))
def test_a_token_with_one_character_changed_opens_nothing(index: int) -> None:
    token = TOKENS.issue(ANAS)
    with pytest.raises(UnknownConversation):
        TOKENS.open(token[:index] + _flipped(token[index]) + token[index + 1 :])


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ConversationTokens(b"k" * 31)


def test_ids_are_random_and_fit_their_column() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(each) for each in ids} == {32}
