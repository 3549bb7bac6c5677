"""Rasa's channel and the action server as processes of their own: python -m tests.talks.servers rasa|actions PORT."""

from __future__ import annotations

import logging
import sys
import types
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa_sdk import Action
from sanic import Sanic

from bot.talks.actions_server import build_actions_app
from bot.talks.rest import GuardedRest

KEY = b"a key for tests that is long enough to sign with"


def rasa() -> Any:
    """The guarded channel before somebody who repeats what was said."""

    async def heard(message: UserMessage) -> None:
        await message.output_channel.send_text_message(message.sender_id, f"heard {message.text}")

    app = Sanic("rasa_for_a_test", configure_logging=False)
    app.blueprint(GuardedRest(KEY).blueprint(heard), url_prefix="/webhooks/rest")
    return app


class _Broken(Action):
    def name(self) -> str:
        return "action_broken"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise KeyError(tracker.latest_message["text"])


def actions() -> Any:
    """The action server with one action, which fails."""
    package = types.ModuleType("actions_for_a_test")
    package.Broken = _Broken  # type: ignore[attr-defined]
    return build_actions_app(KEY, package)


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    {"rasa": rasa, "actions": actions}[sys.argv[1]]().run("127.0.0.1", int(sys.argv[2]), access_log=False)
