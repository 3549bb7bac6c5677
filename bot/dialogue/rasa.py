"""Asks Rasa over its REST channel, and trusts it with nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp

from bot.domain.clinic import Clinic
from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import Reply, ReplyKind

log = logging.getLogger(__name__)

CHANNEL = "gateway"
# Rasa takes a leading "/" as an intent, and this prefix as an outside event.
_COMMAND = re.compile(r"^(?:[\s/]|EXTERNAL:)+")


class RasaDialogue:
    """One Rasa server behind the dialogue port."""

    def __init__(self, session: aiohttp.ClientSession, url: str, clinic: Clinic, timeout: float) -> None:
        self._session = session
        self._url = f"{url}/webhooks/rest"
        self._clinic = clinic
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def ask(self, conversation_id: str, text: str, message_id: str) -> tuple[Reply, ...]:
        """What Rasa says to a message.

        Raises DialogueUnavailable when it is slow or dead, and when it says
        nothing: with its action server gone it answers 200 and an empty list.
        """
        body = {
            "sender": conversation_id,
            "message": neutralise(text),
            "input_channel": CHANNEL,
            "metadata": {"message_id": message_id},
        }
        replies = read_replies(await self._post(body), self._clinic)
        if not replies:
            raise DialogueUnavailable("empty_answer")
        return replies

    async def _post(self, body: Mapping[str, Any]) -> Any:
        try:
            async with self._session.post(f"{self._url}/webhook", json=body, timeout=self._timeout) as response:
                if response.status != 200:
                    raise DialogueUnavailable(f"status_{response.status}")
                return await response.json()
        except TimeoutError:
            raise DialogueUnavailable("timeout") from None
        except (aiohttp.ClientError, ValueError) as error:  # ValueError: no JSON, or no UTF-8
            raise DialogueUnavailable(type(error).__name__) from None

    async def healthy(self) -> bool:
        """Whether the server answers at all."""
        try:
            async with self._session.get(f"{self._url}/", timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200
        except (TimeoutError, aiohttp.ClientError):
            return False


def neutralise(text: str) -> str:
    """The text without what Rasa would take as a command."""
    return _COMMAND.sub("", text) or "?"


def read_replies(messages: Any, clinic: Clinic) -> tuple[Reply, ...]:
    """Join each text with the `custom` part that Rasa sends after it."""
    if not isinstance(messages, list):
        raise DialogueUnavailable("not_a_list")
    if not all(_is_message(message) for message in messages):
        raise DialogueUnavailable("not_messages")
    return tuple(_reply(text, custom, clinic) for text, custom in _pairs(messages))


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict):
        return False
    return isinstance(message.get("text") or "", str) and isinstance(message.get("custom") or {}, dict)


def _pairs(messages: Iterable[Any]) -> list[tuple[str, Mapping[str, Any]]]:
    pairs: list[tuple[str, Mapping[str, Any]]] = []
    for message in messages:
        if message.get("text"):
            pairs.append((message["text"], message.get("custom") or {}))
        elif message.get("custom") and pairs:
            pairs[-1] = (pairs[-1][0], message["custom"])
    return pairs


def _version(text: str, custom: Mapping[str, Any]) -> str | None:
    """That of the file as it was approved, before numbers are filled in; an action says it of what it repeats."""
    if "kind" not in custom and custom:
        return Reply.from_dict({**custom, "text": text, "kind": ReplyKind.ANSWER}).approved().version
    version = custom.get("version")
    if version is not None and not re.fullmatch("[0-9a-f]{8}", version):
        raise ValueError("no version")
    return version


def _reply(text: str, custom: Mapping[str, Any], clinic: Clinic) -> Reply:
    # An answer's file says no kind; everything else that we wrote does.
    data = {**custom, "text": clinic.fill(text), "kind": custom.get("kind", ReplyKind.ANSWER)}
    try:
        data["version"] = _version(text, custom)
        if short := custom.get("short"):
            data["short"] = clinic.fill(short)
        data["sources"] = [{**s, "document": clinic.fill(s["document"])} for s in custom.get("sources") or ()]
        return clinic.with_own_answer(Reply.from_dict(data))
    except (AttributeError, ValueError, KeyError, TypeError):
        log.error("reply_malformed topic=%s", custom.get("topic"))
        raise DialogueUnavailable("malformed_reply") from None
