"""The company's REST API: Messages, Calls and Lookup as Twilio has them, with its errors."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDictProxy

from tools.telephone_company.texts import TextMessage
from tools.telephone_company.trouble import TAKEN_ON, Manner

if TYPE_CHECKING:
    from tools.telephone_company.company import TelephoneCompany

Form = MultiDictProxy[Any]

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST_TEXT = 1600
_PAGE_SIZE = 50


class Refused(Exception):
    """A request that is not taken on."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class RestApi:
    """Routes over one company."""

    def __init__(self, company: TelephoneCompany) -> None:
        self._company = company

    def app(self) -> web.Application:
        """To be served on the loopback address."""
        app = web.Application(middlewares=[self._treat])
        account = f"/2010-04-01/Accounts/{self._company.sid}"
        app.router.add_post(f"{account}/Messages.json", self._send)
        app.router.add_get(f"{account}/Messages.json", self._messages)
        app.router.add_post(f"{account}/Calls.json", self._call)
        app.router.add_get("/v2/PhoneNumbers/{number}", self._look_up)
        return app

    @web.middleware
    async def _treat(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Login and trouble before anything else; errors in the form that Twilio gives them."""
        try:
            self._check_login(request)
            form = await request.post()
            trouble = self._company.troubles.take(str(form.get("To") or request.query.get("To") or "") or None)
            if trouble.manner is Manner.REFUSE:
                raise Refused(trouble.status, trouble.code, "told to refuse")
            if trouble.manner in (Manner.DELAY, Manner.HANG):
                await self._company.troubles.wait()
            answer: web.StreamResponse = await handler(request) if trouble.manner in TAKEN_ON else web.Response()
            if trouble.manner is Manner.ANSWER_LATE:
                await self._company.troubles.wait()
            if trouble.manner in (Manner.DROP, Manner.DROP_ACCEPTED, Manner.HANG) and request.transport is not None:
                request.transport.abort()
            return answer
        except Refused as error:
            return _error(error.status, error.code, error.message)
        except web.HTTPNotFound:
            return _error(404, 20404, f"The requested resource {request.path} was not found")

    def _check_login(self, request: web.Request) -> None:
        kind, _, coded = request.headers.get("Authorization", "").partition(" ")
        sid, _, token = base64.b64decode(coded if kind == "Basic" else "").decode().partition(":")
        if sid != self._company.sid or token not in self._company.accepted_tokens:
            self._company.complaints.append(f"{request.method} {request.path} came with a wrong login")
            raise Refused(401, 20003, "Authenticate")

    # -- texts -----------------------------------------------------------------

    async def _send(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._check_numbers(form, 21606)
        body = str(form.get("Body", ""))
        if not body:
            raise Refused(400, 21602, "Message body is required")
        if len(body) > _LONGEST_TEXT:
            raise Refused(400, 21617, "The message body exceeds the 1600 character limit")
        if self._company.phone(str(form["To"])).has_opted_out:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        text = self._company.new_text(
            str(form["From"]), str(form["To"]), body, "outbound-api", callback=str(form.get("StatusCallback", ""))
        )
        answer = text.as_json(self._company.sid)
        self._company.deliver(text)
        return web.json_response(answer, status=201)

    async def _messages(self, request: web.Request) -> web.Response:
        found = [text for text in reversed(self._company.texts) if _fits(text, request.query)]
        size, page = int(request.query.get("PageSize", _PAGE_SIZE)), int(request.query.get("Page", 0))
        shown = found[page * size : (page + 1) * size]
        following = None
        if len(found) > (page + 1) * size:
            query = {**request.query, "Page": str(page + 1), "PageToken": f"PA{shown[-1].sid}"}
            following = f"{request.path}?{urlencode(query)}"
        return web.json_response(
            {
                "messages": [text.as_json(self._company.sid) for text in shown],
                "page": page, "page_size": size, "next_page_uri": following, "uri": request.path_qs,
            }
        )  # fmt: skip

    # -- calls and numbers -----------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._check_numbers(form, 21210)
        if "Url" not in form:
            raise Refused(400, 21205, "Url parameter is required")
        call = self._company.call_out(form)
        return web.json_response(
            {"sid": call.sid, "account_sid": self._company.sid, "status": "queued", "to": call.to, "from": call.sender},
            status=201,
        )

    async def _look_up(self, request: web.Request) -> web.Response:
        if self._company.has_no_lookup:
            raise web.HTTPNotFound
        number = request.match_info["number"]
        valid = bool(_E164.fullmatch(number))
        kind = self._company.phone(number).line_type if valid else None
        wanted = "line_type_intelligence" in request.query.get("Fields", "")
        line = {"type": kind, "carrier_name": None, "error_code": None if kind else 60600} if wanted else None
        return web.json_response({"phone_number": number, "valid": valid, "line_type_intelligence": line})

    def _check_numbers(self, form: Form, not_ours: int) -> None:
        if not _E164.fullmatch(str(form.get("To", ""))):
            raise Refused(400, 21211, "Invalid 'To' Phone Number")
        if form.get("From") not in self._company.numbers:
            raise Refused(400, not_ours, "The 'From' number is not one of this account")


class Server:
    """The API on the loopback address, port 0: any that is free."""

    def __init__(self, app: web.Application, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._port = port

    async def start(self) -> int:
        """Returns the port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Whoever waits is cut off."""
        await asyncio.shield(self._runner.cleanup())


def _error(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)


def _fits(text: TextMessage, query: Any) -> bool:
    wanted = (("From", text.sender), ("To", text.to))
    if any(name in query and query[name] != value for name, value in wanted):
        return False
    sent = None if text.status == "queued" else text.created
    return all(_in_time(sent, query[name], name) for name in ("DateSent", "DateSent<", "DateSent>") if name in query)


def _in_time(sent: datetime | None, given: str, name: str) -> bool:
    """Whether a text fits a date; one that has not been sent fits none."""
    if sent is None:
        return False
    if len(given) > len("2026-01-01"):
        first = last = datetime.fromisoformat(given.replace("Z", "+00:00"))
    else:
        first = datetime.combine(date.fromisoformat(given), time(0), tzinfo=UTC)
        last = first + timedelta(days=1)
    return {"DateSent": first <= sent <= last, "DateSent<": sent <= last, "DateSent>": sent >= first}[name]
