"""The chat element as it is served: made once, for one clinic."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from aiohttp import hdrs, web

from bot.domain.clinic import Clinic
from bot.domain.language import Language
from bot.widget.assemble import facts, texts, widget_script

_YEAR_SECONDS = 365 * 24 * 3600
_WEEK_SECONDS = 7 * 24 * 3600


class Element:
    """The script, and what GET /api/chat/config says of it in each language."""

    def __init__(self, clinic: Clinic, max_characters: int) -> None:
        known = texts()
        self._configs = {
            language: _with_version(
                {
                    "language": language,
                    "languages": list(known),
                    **facts(clinic, max_characters),
                    "texts": known[language],
                }
            )
            for language in known
        }
        self._script = widget_script(clinic, max_characters)
        self._zipped = gzip.compress(self._script, mtime=0)
        self.version = _version(self._script)

    def config(self, language: str) -> dict[str, Any]:
        """In a language, or in English where there is none of that name."""
        return self._configs.get(language) or self._configs[Language.ENGLISH]

    def response(self, request: web.Request) -> web.Response:
        """The script, or that the one which the browser has is still right. Any page may load it."""
        headers = {
            hdrs.ETAG: f'"{self.version}"',
            hdrs.CACHE_CONTROL: self._keep(request.query.get("v")),
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
        }
        if any(tag.value in (self.version, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        if zipped:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        body = self._zipped if zipped else self._script
        return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)

    def _keep(self, asked: str | None) -> str:
        """How long a browser may keep it. An address that names this version never has another content."""
        if asked == self.version:
            return f"public, max-age={_YEAR_SECONDS}, immutable"
        # While we are away a browser shows the copy that it has, and otherwise has the next page ask for a newer one.
        return f"public, max-age=0, stale-while-revalidate={_WEEK_SECONDS}, stale-if-error={_WEEK_SECONDS}"


def _with_version(config: dict[str, Any]) -> dict[str, Any]:
    return {"version": _version(json.dumps(config, sort_keys=True).encode()), **config}


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


ELEMENT = web.AppKey("element", Element)
