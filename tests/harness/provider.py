"""A sign-in service on the loopback address: it vouches for whom it is told to, truly or not."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "console", "not a real secret: colon+plus"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class FakeProvider:
    """What it says of itself and of people; a test changes it."""

    email: str = "noor@example.org"
    # Claims that are different from what they should be; None: left out.
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    # How the token is signed: "right", "other key", "none", "client secret".
    signed: str = "right"
    key_id: str = "key-1"
    # What comes back instead of a code.
    error: str = ""
    state: str | None = None
    token_status: int = 200
    issuer: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    key_requests: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The service."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._describe),
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/keys", self._keys),
            ]
        )
        return app

    async def _describe(self, _: web.Request) -> web.Response:
        described = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response({**described, **self.metadata})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.asked.append(query)
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"error": self.error} if self.error else {"code": code}
        back["state"] = query["state"] if self.state is None else self.state
        raise web.HTTPFound(f"{query['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.Response:
        fields = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        asked = self._codes.pop(fields["code"])  # a code is good once
        assert self._client(request, fields) == (CLIENT_ID, CLIENT_SECRET)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest())
        assert challenge.decode().rstrip("=") == asked["code_challenge"]
        assert fields["redirect_uri"] == asked["redirect_uri"]
        return web.json_response({"id_token": self._id_token(asked["nonce"])}, status=self.token_status)

    def _client(self, request: web.Request, fields: dict[str, str]) -> tuple[str, str]:
        if "client_secret" in fields:
            return fields["client_id"], fields["client_secret"]
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        name, _, secret = pair.partition(":")
        return unquote(name), unquote(secret.replace("+", " "))

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 300,
            "nonce": nonce, "auth_time": now, "email": self.email, "email_verified": True, **self.claims,
        }  # fmt: skip
        given = {name: value for name, value in claims.items() if value is not None}
        key, algorithm = {
            "right": (_KEY, "RS256"),
            "other key": (_OTHER_KEY, "RS256"),
            "none": (None, "none"),
            "client secret": (CLIENT_SECRET.encode() * 2, "HS256"),
        }[self.signed]
        return jwt.encode(given, key, algorithm=algorithm, headers={"kid": self.key_id})  # type: ignore[arg-type]

    async def _keys(self, _: web.Request) -> web.Response:
        self.key_requests += 1
        key = json.loads(RSAAlgorithm.to_jwk(_KEY.public_key()))
        return web.json_response({"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": "RS256"}]})
