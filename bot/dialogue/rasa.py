"""Asks Rasa over its REST channel, and trusts it with nothing."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aiohttp

from bot.dialogue.replicas import Replica, Replicas
from bot.domain.clinic import Clinic
from bot.domain.errors import DialogueUnavailable
from bot.domain.messages import Reply, ReplyKind
from bot.domain.own_keys import SECRET_HEADER

log = logging.getLogger(__name__)

CHANNEL = "gateway"
# Rasa takes a leading "/" as an intent, and this prefix as an outside event.
_COMMAND = re.compile(r"^(?:[\s/]|EXTERNAL:)+")


class RasaDialogue:
    """The Rasa servers behind the dialogue port.

    `timeout`: seconds for an answer, whoever gives it; `secret` shows that it is us who ask.
    """

    def __init__(
        self, session: aiohttp.ClientSession, replicas: Replicas, clinic: Clinic, timeout: float, secret: str = ""
    ) -> None:
        self._session = session
        self._headers = {SECRET_HEADER: secret}
        self._replicas = replicas
        self._clinic = clinic
        self._timeout = timeout

    async def ask(self, conversation_id: str, text: str, message_id: str) -> tuple[Reply, ...]:
        """What Rasa says to a message.

        A server that is lost meanwhile, or says nothing usable, is given up for
        another, once. Raises DialogueUnavailable when that helps nothing, or
        when time is up.
        """
        body = {
            "sender": conversation_id,
            "message": neutralise(text),
            "input_channel": CHANNEL,
            "metadata": {"message_id": message_id},
        }
        try:
            async with asyncio.timeout(self._timeout):
                return await self._ask(self._replicas.for_conversation(conversation_id)[:2], body)
        except TimeoutError:
            raise DialogueUnavailable("timeout") from None

    async def _ask(self, replicas: Sequence[Replica], body: Mapping[str, Any]) -> tuple[Reply, ...]:
        first, *others = replicas
        try:
            return await self._answer(first, body)
        except DialogueUnavailable as error:
            if not others:
                raise
            log.warning("asked_again_elsewhere reason=%s", error.reason)
            return await self._ask(others, body)

    async def _answer(self, replica: Replica, body: Mapping[str, Any]) -> tuple[Reply, ...]:
        """With its action server gone Rasa answers 200 and an empty list: that is no answer."""
        posting = asyncio.ensure_future(self._post(replica, body))
        lost = asyncio.ensure_future(self._lost(replica))
        try:
            await asyncio.wait({posting, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not posting.done():
                raise DialogueUnavailable("replica_lost")
            replies = read_replies(posting.result(), self._clinic)
        finally:
            posting.cancel()
            lost.cancel()
        if not replies:
            raise DialogueUnavailable("empty_answer")
        return replies

    async def _lost(self, replica: Replica) -> None:
        """Returns when the server goes; never while there is no other to ask, or for one that was gone before."""
        if replica.down.is_set() or not self._replicas.are_several:
            await asyncio.Event().wait()
        await replica.down.wait()

    async def _post(self, replica: Replica, body: Mapping[str, Any]) -> Any:
        try:
            async with self._session.post(
                f"{replica.url}/webhooks/rest/webhook",
                json=body,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=self._timeout),
            ) as response:
                if response.status != 200:
                    raise DialogueUnavailable(f"status_{response.status}")
                return await response.json()
        except TimeoutError:
            raise DialogueUnavailable("timeout") from None
        except (aiohttp.ClientError, ValueError) as error:  # ValueError: no JSON, or no UTF-8
            if isinstance(error, aiohttp.ClientConnectionError):
                replica.set_up(False)  # until a probe finds it again
            raise DialogueUnavailable(type(error).__name__) from None

    async def healthy(self) -> bool:
        """Whether any server answers at all."""
        return await self._replicas.any_answers()


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
