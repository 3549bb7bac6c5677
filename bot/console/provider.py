"""Signing in through the clinic's own service: OpenID Connect, code flow with PKCE.

It says who somebody is; what they may do is in our accounts.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import aiohttp
import jwt
from aiohttp import web

from bot.console import auth, pages, parts
from bot.console.entry import sign_in_page
from bot.console.routing import Route, public
from bot.domain.errors import AssistantError
from bot.domain.staff import Provider
from bot.services.sign_in import NotSignedIn

log = logging.getLogger(__name__)

_START: Final = "/staff/sign-in/provider"
_BACK: Final = "/staff/sign-in/provider/back"
_NOTE: Final = "provider"
_LIFETIME: Final = timedelta(minutes=10)
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_CLOCKS_APART_SECONDS: Final = 60
_MOST_BYTES: Final = 256 * 1024
# Signed with a key of which we only know the public half: nothing that the client secret could make.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderFailed(AssistantError):
    """The service did not do its part; the text is a constant word for the log."""


class ProviderClient:
    """Talks to the service. Its addresses and keys are asked for once, and keys again when there is a new one."""

    def __init__(self, provider: Provider, redirect_uri: str) -> None:
        self.provider = provider
        self._redirect_uri = redirect_uri
        self._metadata: Mapping[str, Any] = {}
        self._keys: jwt.PyJWKSet | None = None
        self._lock = asyncio.Lock()

    async def address(self, state: str, nonce: str, verifier: str, again: bool) -> str:
        """Where the browser is sent. `again`: whoever is signed in there has to show it once more."""
        fields = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": _unpadded(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if again else {}),
        }
        endpoint = str((await self._described())["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"

    async def who(self, code: str, nonce: str, verifier: str, again: bool) -> str:
        """The verified e-mail address of whoever came back with a code. `again`: they had to show it just now."""
        token = await self._token(code, verifier)
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=_ALGORITHMS,
                audience=self.provider.client_id,
                issuer=self.provider.issuer,
                leeway=_CLOCKS_APART_SECONDS,
                options={"require": ["exp", "iat", "sub", "nonce", *(["auth_time"] if again else [])]},
            )
        except jwt.InvalidTokenError as error:
            raise ProviderFailed(type(error).__name__) from None
        if again and not _is_recent(claims):
            raise ProviderFailed("not_shown_again")
        return _address_of(claims, nonce, self.provider.client_id)

    async def _token(self, code: str, verifier: str) -> str:
        metadata = await self._described()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        headers = {}
        if "client_secret_basic" in ways:
            headers["Authorization"] = _basic(self.provider)
        else:
            fields |= {"client_id": self.provider.client_id, "client_secret": self.provider.client_secret}
        answer = await _ask("POST", str(metadata["token_endpoint"]), data=fields, headers=headers)
        if not isinstance(token := answer.get("id_token"), str):
            raise ProviderFailed("no_id_token")
        return token

    async def _key(self, token: str) -> jwt.PyJWK:
        kid = jwt.get_unverified_header(token).get("kid")
        async with self._lock:
            known = self._keys
            found = _find(known, kid)
            if found is None:
                answer = await _ask("GET", str((await self._described())["jwks_uri"]))
                try:
                    self._keys = jwt.PyJWKSet.from_dict(dict(answer))
                except jwt.PyJWTError:
                    raise ProviderFailed("no_keys") from None
                found = _find(self._keys, kid)
        if found is None:
            raise ProviderFailed("unknown_key")
        return found

    async def _described(self) -> Mapping[str, Any]:
        if not self._metadata:
            found = await _ask("GET", f"{self.provider.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.provider.issuer or any(n not in found for n in _NEEDED):
                raise ProviderFailed("wrong_description")
            self._metadata = found
        return self._metadata


CLIENT = web.AppKey("provider_client", ProviderClient)


def routes() -> list[Route]:
    """Only where a provider is set."""
    return [public("GET", _START, start), public("GET", _BACK, back)]


async def start(request: web.Request) -> web.Response:
    """Off to the service, with what must come back from there."""
    note = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    again = "again" in request.query
    try:
        address = await request.app[CLIENT].address(**note, again=again)
    except ProviderFailed as error:
        return _failed(request, error)
    note |= {"to": pages.local(request.query.get("to")), "again": "yes" if again else ""}
    response = web.Response(status=303, headers={"Location": address})
    signed = request.app[pages.SIGNER].sign(_NOTE, note, request.app[pages.CLOCK](), _LIFETIME)
    # Lax: the service leads back here from its own site.
    auth.set_cookie(request.app, response, signed, _NOTE, int(_LIFETIME.total_seconds()), samesite="Lax")
    return response


async def back(request: web.Request) -> web.Response:
    """Back from the service."""
    signed = request.cookies.get(auth.cookie_name(request.app, _NOTE), "")
    note = request.app[pages.SIGNER].open(_NOTE, signed, request.app[pages.CLOCK]())
    query = request.query
    if note is None or not auth.same(query.get("state", ""), note["state"]):
        return _again(request, "Signing in took too long, or began in another browser. Please try again.", 403)
    if query.get("iss", request.app[CLIENT].provider.issuer).rstrip("/") != request.app[CLIENT].provider.issuer:
        return _failed(request, ProviderFailed("other_issuer"))
    if "code" not in query:
        return _again(request, "You were not signed in there. Please try again.", 401)
    try:
        again = bool(note["again"])
        name = await request.app[CLIENT].who(query["code"], note["nonce"], note["verifier"], again)
        begun = await auth.run(request, request.app[parts.SIGN_IN].with_provider, name, parts.visitor(request), again)
    except ProviderFailed as error:
        return _failed(request, error)
    except NotSignedIn as error:
        return _again(request, str(error), 401)
    response = await parts.enter(request, begun, note["to"])
    auth.clear_cookie(request.app, response, _NOTE)
    return response


def _failed(request: web.Request, error: ProviderFailed) -> web.Response:
    log.error("provider_failed reason=%s", error)
    text = "That service does not answer as it should. Try again, or use a password of this console."
    return _again(request, text, 502)


def _again(request: web.Request, text: str, status: int) -> web.Response:
    return sign_in_page(request, error=text, status=status)


async def _ask(method: str, address: str, **options: Any) -> Mapping[str, Any]:
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.request(method, address, allow_redirects=False, **options) as response,
        ):
            if response.status != 200 or (response.content_length or 0) > _MOST_BYTES:
                raise ProviderFailed(f"status_{response.status}")
            answer = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise ProviderFailed(type(error).__name__) from None
    if not isinstance(answer, dict):
        raise ProviderFailed("no_object")
    return answer


def _find(keys: jwt.PyJWKSet | None, kid: object) -> jwt.PyJWK | None:
    found = [] if keys is None else [key for key in keys.keys if kid is None or key.key_id == kid]
    return found[0] if found else None


def _is_recent(claims: Mapping[str, Any]) -> bool:
    """Whether they showed who they are on this way here, and were not only still signed in there."""
    at, now = claims["auth_time"], claims["iat"]
    return isinstance(at, int) and now - at <= _LIFETIME.total_seconds()


def _address_of(claims: Mapping[str, Any], nonce: str, client_id: str) -> str:
    if not auth.same(str(claims["nonce"]), nonce):
        raise ProviderFailed("wrong_nonce")
    if claims.get("azp", client_id) != client_id:
        raise ProviderFailed("for_somebody_else")
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise ProviderFailed("no_verified_address")
    return str(claims["email"])


def _basic(provider: Provider) -> str:
    pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
