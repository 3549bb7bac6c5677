"""Errors as the API writes them: JSON that says what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.domain.clinic import Clinic

log = logging.getLogger(__name__)

CLINIC = web.AppKey("clinic", Clinic)
# Which error a request was answered with.
ERROR_CODE = web.RequestKey("error_code", str)


class ApiProblem(Exception):
    """A request that cannot be served; `code` is constant, `message` says what to do."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


@web.middleware
async def errors_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost boundary: whatever happens, the client reads JSON with the way out."""
    try:
        return await handler(request)
    except ApiProblem as problem:
        return _problem(request, problem.status, problem.code, problem.message, problem.headers)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        allowed = {name: value for name, value in error.headers.items() if name.lower() == "allow"}
        return _problem(request, error.status, _code(error.reason), _advice(error), allowed)
    except Exception:
        log.exception("request_failed path=%s", request.path)
        return _problem(request, 500, "internal_error", "Something went wrong on our side. Please try again.")


def _problem(
    request: web.Request, status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    request[ERROR_CODE] = code
    clinic = request.app[CLINIC]
    help_line = (
        f"In an emergency call {clinic.emergency_number}; for thoughts of suicide call or text "
        f"{clinic.crisis_number}. Clinic: {clinic.phone}."
    )
    body = {"error": {"code": code, "message": message, "emergency": help_line}}
    return web.Response(status=status, text=json.dumps(body), content_type="application/json", headers=headers)


def _code(reason: str) -> str:
    return reason.lower().replace(" ", "_")


def _advice(error: web.HTTPException) -> str:
    known = {
        404: "There is nothing at this address. See docs/api.md for the addresses that exist.",
        405: "This address does not take that method.",
        413: "The message is too large. Please send a shorter one.",
    }
    return known.get(error.status, error.reason or "The request could not be served.")
