"""Rasa's REST channel, open to the gateway alone.

Rasa trusts the sender id of whoever calls, and its own `--auth-token` does not
cover the channels.
"""

from __future__ import annotations

from typing import Any

from rasa.core.channels.rest import RestInput
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import log_lines
from bot.domain.own_keys import SECRET_HEADER, is_shared_secret
from bot.settings import load_settings


class GuardedRest(RestInput):
    """As `rest`, with our shared secret asked for; the health check needs none."""

    def __init__(self, secret_key: bytes | None = None) -> None:
        super().__init__()
        if secret_key is None:
            settings = load_settings()
            secret_key = settings.secret_key
            # Rasa sets up its log before it makes its channels.
            log_lines.reshape(settings.log_format)
        self._secret_key = secret_key

    def blueprint(self, on_new_message: Any) -> Any:
        """The routes of `rest`, each behind the check."""
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def refuse_strangers(request: Request) -> HTTPResponse | None:
            if request.method == "GET" or is_shared_secret(self._secret_key, request.headers.get(SECRET_HEADER)):
                return None
            return json({"error": "only the gateway may ask: set the same SECRET_KEY for both"}, status=401)

        return routes
