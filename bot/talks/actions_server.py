"""The action server: the SDK's own, open to our Rasa servers alone, and silent about what patients write."""

from __future__ import annotations

import logging
import types
from typing import Any

from rasa_sdk.endpoint import create_app
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import log_lines, moved_clock
from bot.domain.own_keys import SECRET_HEADER, is_shared_secret
from bot.settings import load_settings

log = logging.getLogger(__name__)


def build_actions_app(secret_key: bytes, package: str | types.ModuleType = "actions") -> Any:
    """The SDK's application with a check before it. `/health` stays open."""
    app = create_app(package, cors_origins="")

    @app.middleware("request")
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        if request.path == "/health" or is_shared_secret(secret_key, request.headers.get(SECRET_HEADER)):
            return None
        return json({"error": "only Rasa may ask: set the same SECRET_KEY for both"}, status=401)

    # The SDK's own handler logs the request and sends it back: both hold the patient's words.
    app.error_handler.add(Exception, _failed)
    return app


def _failed(request: Request, error: Exception) -> HTTPResponse:
    status = getattr(error, "status_code", 500)
    if status >= 500:
        # The traceback's last line may quote a value: where it happened is enough.
        log.error("action_failed error=%s at=%s", type(error).__name__, _place(error))
    return json({"error": type(error).__name__}, status=status)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"


def main() -> None:
    """Run until told to stop, where the settings say."""
    settings = load_settings()
    log_lines.configure(settings.log_level, settings.log_format)
    moved_clock.follow(settings.clock_file)
    app = build_actions_app(settings.secret_key)
    app.run(settings.internal_host, settings.actions_port, workers=1, access_log=False)


if __name__ == "__main__":
    main()
