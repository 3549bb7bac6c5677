"""Which pages of other sites may use the chat: the ones that clinic.yml lists."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.channels.errors import ApiProblem

_API = "/api/chat/"
# Nothing here is protected by who a browser is signed in as, so that credentials are never asked for.
_ANSWER = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "7200",
}


@dataclass(frozen=True, slots=True)
class Sites:
    """Origins of pages that may use the chat; the gateway's own ones always may."""

    listed: tuple[str, ...]
    public_url: str

    def are_served(self, request: web.Request) -> bool:
        """Whether the request comes from such a page, or from no page at all."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin in self.listed or origin == self.public_url:
            return True
        return origin.partition("://")[2] == request.host

    @property
    def frame_ancestors(self) -> str:
        """Who may show our page in a frame, as the Content-Security-Policy says it."""
        return " ".join(("frame-ancestors 'self'", *self.listed))


SITES = web.AppKey("sites", Sites)


@web.middleware
async def sites_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns pages of other sites away from the API, and answers what browsers ask before they send."""
    if not request.path.startswith(_API):
        return await handler(request)
    if not request.app[SITES].are_served(request):
        raise ApiProblem(
            403, "origin_not_allowed", "This site may not use the chat. Add it to `widget: sites:` in clinic.yml."
        )
    if request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
        return web.Response(status=204, headers=_ANSWER)
    return await handler(request)


async def allow_sites(request: web.Request, response: web.StreamResponse) -> None:
    """Before an answer leaves: a page that is served may read it, also when it is an error or a stream."""
    if not request.path.startswith(_API):
        return
    response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and request.app[SITES].are_served(request):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = hdrs.RETRY_AFTER
