"""Alive, and ready with each part by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

Check = Callable[[], Awaitable[bool]]
CHECKS = web.AppKey("checks", Mapping[str, Check])


def routes() -> list[web.RouteDef]:
    """For load balancers, supervisors and the page."""
    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]


async def healthz(request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """200 when every part works, else 503; the body says which does not."""
    checks = request.app[CHECKS]
    results = await asyncio.gather(*(check() for check in checks.values()))
    ready = all(results)
    return web.json_response(
        {"ready": ready, "checks": {name: {"ok": ok} for name, ok in zip(checks, results, strict=True)}},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )
