"""Addresses of the console. Each says beside itself who may use it; what says nothing is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.domain.staff import Role
from bot.services.account_ports import Stage


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. `background`: asked by the page itself, so it keeps no session alive."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role]
    # How far somebody has to have signed in; None: open to everybody who has the address.
    stage: Stage | None = Stage.SIGNED_IN
    background: bool = False


def get(path: str, handler: Handler, *roles: Role, background: bool = False) -> Route:
    """A page for some roles."""
    return Route("GET", path, handler, _some(path, roles), background=background)


def post(path: str, handler: Handler, *roles: Role, background: bool = False) -> Route:
    """A change for some roles; the CSRF token and the origin are checked before the handler runs."""
    return Route("POST", path, handler, _some(path, roles), background=background)


def half_way(stage: Stage, method: str, path: str, handler: Handler) -> Route:
    """A step between the password and the end of signing in."""
    return Route(method, path, handler, frozenset(), stage)


def public(method: str, path: str, handler: Handler) -> Route:
    """For everybody: it has to guard itself."""
    return Route(method, path, handler, frozenset(), None)


def _some(path: str, roles: tuple[Role, ...]) -> frozenset[Role]:
    if not roles:
        raise ValueError(f"{path}: say which roles may use it")
    return frozenset(roles)


@dataclass(slots=True)
class RouteTable:
    """What was declared, by what the router resolves to."""

    routes: list[Route] = field(default_factory=list)
    _by_route: dict[tuple[str, str], Route] = field(default_factory=dict)

    def add(self, app: web.Application, routes: Iterable[Route]) -> None:
        """Declare routes and let the application serve them."""
        for route in routes:
            app.router.add_route(route.method, route.path, route.handler)
            self.declare(route)

    def declare(self, route: Route) -> None:
        """Say who may use an address that is served already."""
        self.routes.append(route)
        self._by_route[route.method, route.path] = route

    def find(self, request: web.Request) -> Route | None:
        """What was declared for a request; None for what nobody declared."""
        resource = request.match_info.route.resource
        if resource is None:
            return None
        method = "GET" if request.method == "HEAD" else request.method
        return self._by_route.get((method, resource.canonical))
