"""The provider's REST API: one try a call, bounded in time; no number and no content in any error or log."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from bot.domain.telephone import Account
from bot.services.telephone_ports import TextRefused, TextUnsure
from bot.twilio import codes

# Seconds to connect, and to wait for the next bytes of an answer.
TIMEOUT = (3.0, 8.0)
# A phone rings this many seconds: shorter than it takes most voicemails to pick up.
RING_SECONDS = 25
_CONNECTIONS = 32
_PAGE_SIZE = 200
# With one patient nobody has more texts than these pages hold.
_MOST_PAGES = 5
# The provider's clock and ours differ by less, and it writes whole seconds.
_CLOCK_MARGIN = timedelta(seconds=5)
_TRIAL = "Sent from your Twilio trial account - "
_TAKES_TEXTS = {"mobile": True, "nonFixedVoip": True, "landline": False}


class NotSent(OSError):
    """The provider did not take it, and may take it later. The word is constant."""


class TwilioTelephony:
    """The port `Telephony` over Twilio's REST API; safe for several threads."""

    def __init__(self, account: Account, public_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        """`public_url`: where the provider reaches us. `timeout`: seconds to connect, and between two bytes."""
        self._account = account
        self._public_url = public_url.rstrip("/")
        self._timeout = timeout
        self._api = f"{account.api_url}/2010-04-01/Accounts/{account.sid}"
        self._session = requests.Session()
        # Nothing is tried twice here: whether that is safe is the caller's to know.
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0, pool_maxsize=_CONNECTIONS))
        logging.getLogger("urllib3.connectionpool").addFilter(_without_address)

    def send_text(self, sender: str, to: str, body: str, status_path: str) -> str:
        """Hand over a text; its receipts come to `status_path`. Returns the provider's id."""
        form = {"From": sender, "To": to, "Body": body, "StatusCallback": f"{self._public_url}{status_path}"}
        return self._create("Messages.json", form)

    def place_call(self, sender: str, to: str, path: str) -> str:
        """Call somebody; `path` says what is spoken, `path`/status is told what became of it.

        The provider says to `path` whether a person or a machine answered. Returns its id. Raises as for a text.
        """
        url = f"{self._public_url}{path}"
        form = {
            "From": sender,
            "To": to,
            "Url": url,
            "StatusCallback": f"{url}/status",
            "Timeout": str(RING_SECONDS),
            # After the beep, if it is a machine: before it nothing would be recorded.
            "MachineDetection": "DetectMessageEnd",
        }
        return self._create("Calls.json", form)

    def was_sent(self, sender: str, to: str, body: str, since: datetime, but: Collection[str] = ()) -> str | None:
        """The id of a text that was accepted since then, if there is one; none of those in `but`.

        The list is not filtered by date: a text that still waits with the provider has no date of sending.
        Raises OSError when the list cannot be read.
        """
        url: str | None = f"{self._api}/Messages.json"
        query: Mapping[str, str] | None = {"From": sender, "To": to, "PageSize": str(_PAGE_SIZE)}
        for _ in range(_MOST_PAGES):
            if url is None:
                break
            page = self._list(url, query)
            for entry in page.get("messages", ()):
                if _is_same(entry, body, since - _CLOCK_MARGIN) and str(entry["sid"]) not in but:
                    return str(entry["sid"])
            following = page.get("next_page_uri")
            url, query = urljoin(f"{self._account.api_url}/", following) if following else None, None
        return None

    def takes_texts(self, number: str) -> bool | None:
        """Whether a text can reach the number: False for a landline, None when nobody knows."""
        url = f"{self._account.lookup_url}/v2/PhoneNumbers/{quote(number)}"
        try:
            found = self._list(url, {"Fields": "line_type_intelligence"})
        except OSError:
            return None
        if found.get("valid") is False:
            return False
        line = found.get("line_type_intelligence")
        return _TAKES_TEXTS.get(str(line.get("type"))) if isinstance(line, dict) else None

    # -- the wire --------------------------------------------------------------

    def _create(self, what: str, form: Mapping[str, str]) -> str:
        status, answer = self._request("POST", f"{self._api}/{what}", data=form)
        if status in (200, 201):
            if isinstance(sid := answer.get("sid"), str):
                return sid
            raise TextUnsure("unreadable_answer")
        raise _failure(status, answer.get("code"))

    def _list(self, url: str, query: Mapping[str, str] | None) -> dict[str, Any]:
        status, answer = self._request("GET", url, params=query)
        if status != 200:
            raise NotSent(f"status_{status}")
        return answer

    def _request(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
        """Status and JSON. While a token is replaced the next one may be the one that is taken by now."""
        for token in self._account.tokens[:-1]:
            status, answer = self._request_with(token, method, url, **options)
            if status != 401:
                return status, answer
        return self._request_with(self._account.tokens[-1], method, url, **options)

    def _request_with(self, token: str, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
        auth = (self._account.sid, token)
        try:
            # A POST that is redirected goes on as a GET: nothing would be sent.
            with self._session.request(
                method, url, auth=auth, timeout=self._timeout, allow_redirects=False, **options
            ) as response:
                return response.status_code, _json(response)
        except requests.RequestException as error:
            # Without its context: that holds the address, and with it a number.
            raise (NotSent("no_connection") if _never_left(error) else TextUnsure("no_answer")) from None


def _failure(status: int, code: object) -> Exception:
    """What an answer other than "accepted" means for the next try."""
    number = code if isinstance(code, int) else None
    if status in (401, 408, 425, 429, 503) or number in codes.LATER or 300 <= status < 400:
        return NotSent(f"status_{status}")
    if status >= 500:
        return TextUnsure(f"status_{status}")  # it failed at some point, perhaps after it had taken the text
    return TextRefused(codes.reason(number), stopped=number in codes.STOPPED)


def _never_left(error: requests.RequestException) -> bool:
    """Whether not even a connection was made."""
    cause = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_same(entry: Mapping[str, Any], body: str, since: datetime) -> bool:
    text = str(entry.get("body", "")).removeprefix(_TRIAL)
    try:
        created = parsedate_to_datetime(str(entry.get("date_created")))
    except ValueError:
        return False
    return text.strip() == body.strip() and created.astimezone(UTC) >= since


def _without_address(record: logging.LogRecord) -> bool:
    """A filter that takes patients' numbers out of what is logged about a request, and lets it pass."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            "…" if isinstance(part, str) and ("PhoneNumbers/" in part or "To=" in part) else part
            for part in record.args
        )
    return True
