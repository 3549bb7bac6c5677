"""What operators see of the gateway: each request's id and time, and `GET /metrics`."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import re
import time
import uuid
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.channels.errors import ERROR_CODE, ApiProblem
from bot.log_lines import REQUEST_ID

log = logging.getLogger(__name__)

REQUEST_HEADER = "X-Request-ID"
# A log line and a header hold it: nothing that could end either.
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_HAS_GONE = 499
_EVENT_STREAM = "text/event-stream"
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class RequestMeasures(Protocol):
    """Counts requests; times in seconds."""

    def served(self, route: str, method: str, status: int, seconds: float) -> None: ...
    def refused(self, code: str) -> None: ...
    def streams(self, change: int) -> None: ...


class Scrape(Protocol):
    """One reading of all metrics, as Prometheus takes them."""

    async def __call__(self) -> bytes: ...


MEASURES = web.AppKey("measures", RequestMeasures)
SCRAPE = web.AppKey("scrape", Scrape)
METRICS_TOKEN = web.AppKey("metrics_token", str)
_IS_STREAM = web.RequestKey("is_stream", bool)
_ID = web.RequestKey("request_id", str)


def routes() -> list[web.RouteDef]:
    """For Prometheus."""
    return [web.get("/metrics", metrics)]


def observe(app: web.Application) -> None:
    """Give each request its id and take its time, whatever other middlewares make of it."""
    app.middlewares.insert(0, _observed)
    app.on_response_prepare.append(_prepared)


@web.middleware
async def _observed(request: web.Request, handler: Handler) -> web.StreamResponse:
    given = request.headers.get(REQUEST_HEADER, "")
    request[_ID] = given if _GOOD_ID.fullmatch(given) else uuid.uuid4().hex
    token = REQUEST_ID.set(request[_ID])
    began, status = time.perf_counter(), _CLIENT_HAS_GONE
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as redirect:
        status = redirect.status
        raise
    finally:
        _count(request, status, time.perf_counter() - began)
        REQUEST_ID.reset(token)


async def _prepared(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[REQUEST_HEADER] = request[_ID]
    if response.content_type == _EVENT_STREAM:
        request[_IS_STREAM] = True
        request.app[MEASURES].streams(1)


def _count(request: web.Request, status: int, seconds: float) -> None:
    measures = request.app[MEASURES]
    if code := request.get(ERROR_CODE):
        measures.refused(code)
    if request.get(_IS_STREAM):
        measures.streams(-1)
        return
    resource = request.match_info.route.resource
    # The address as it is declared: its values may be a patient's, and there are endless ones.
    route = resource.canonical if resource else "none"
    method = request.method if request.method in _METHODS else "other"
    measures.served(route, method, status, seconds)
    log.debug("request_served route=%s method=%s status=%d seconds=%.3f", route, method, status, seconds)


async def metrics(request: web.Request) -> web.Response:
    """Counts and gauges for whoever shows the token, and for this machine itself."""
    if not (_is_from_here(request) or _shows_token(request)):
        raise ApiProblem(401, "metrics_token_wrong", "Send METRICS_TOKEN as Authorization: Bearer <token>.")
    body = await request.app[SCRAPE]()
    return web.Response(body=body, headers={"Content-Type": _TEXT, "Cache-Control": "no-store"})


def _is_from_here(request: web.Request) -> bool:
    """A proxy on this machine passes on what others ask, and says so."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _shows_token(request: web.Request) -> bool:
    expected = request.app[METRICS_TOKEN]
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(expected)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode())
    )
