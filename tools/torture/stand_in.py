"""A stand-in for Rasa, in a process that can be killed: every question gets the same answer.

    python -m tools.torture.stand_in PORT

A severe report does not ask Rasa; an ordinary question in the same message does.
"""

from __future__ import annotations

import sys

from aiohttp import web

_MESSAGES = [{"text": "Wear something comfortable."}, {"custom": {"topic": "faq/clothing", "sources": []}}]


def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", _answer)
    app.router.add_get("/webhooks/rest/", _healthy)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


async def _answer(request: web.Request) -> web.Response:
    return web.json_response(_MESSAGES)


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


if __name__ == "__main__":
    main()
