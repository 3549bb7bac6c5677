"""Whether a webhook is from the provider: its signature over the outside address and everything that was posted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"
_DEFAULT_PORTS = {"https": 443, "http": 80}

# A form as it was posted (nothing trimmed, a mapping with `getall` where names repeat), or another body as it is.
Posted = Mapping[str, str] | bytes


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """What the provider writes into the header for a form that it posts to an address."""
    signature: str = RequestValidator(token).compute_signature(url, form)
    return signature


class Signatures:
    """Checks against any of several tokens, so that one can be replaced without a gap."""

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        """`public_url`: scheme and host as the provider is told them, without a path."""
        self._tokens = tuple(tokens)
        self._bases = _bases(public_url.rstrip("/"))

    def are_good(self, path_and_query: str, posted: Posted, header: str) -> bool:
        """`path_and_query` exactly as requested, such as "/webhooks/twilio/sms?a=%20b".

        A body that is no form counts only with its hash in the query, which is signed in its place.
        """
        if isinstance(posted, bytes) and not _hash_is_good(path_and_query, posted):
            return False
        form = {} if isinstance(posted, bytes) else posted
        given = header.encode()
        # All of them, whichever fits: how long it takes tells nothing.
        results = [
            hmac.compare_digest(sign(f"{base}{path_and_query}", form, token).encode(), given)
            for token in self._tokens
            for base in self._bases
        ]
        return any(results)


def _bases(url: str) -> tuple[str, ...]:
    """With the port and without: the provider signs now one and now the other."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}", f"{parts.scheme}://{host}:{port}"


def _hash_is_good(path_and_query: str, body: bytes) -> bool:
    given = parse_qs(urlsplit(path_and_query).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), given.encode())
