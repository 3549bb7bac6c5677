"""Addresses of ours that the provider is told: what a call says, and who hears of an end."""

from __future__ import annotations

import base64

SMS = "/webhooks/twilio/sms"
STATUS = "/status"
VOICE = "/webhooks/twilio/voice"
PAGE_CALL = f"{VOICE}/page"
PAGE_TEXT = "/webhooks/twilio/page"
ALARM_CALL = "/webhooks/twilio/voice/alarm"


def text_status(text_id: str) -> str:
    """Where the receipts of a text to a patient come."""
    return f"/webhooks/twilio/status/{text_id}"


def page_call(token: str) -> str:
    """What is said to somebody who is paged by telephone."""
    return f"{PAGE_CALL}/{token}"


def page_text_status(token: str) -> str:
    """Who hears whether a page by text arrived."""
    return f"{PAGE_TEXT}/{token}{STATUS}"


def alarm_call(words: str) -> str:
    """What is said when there is no page: the words themselves. Nothing of a patient may be in them."""
    # Not percent signs: a proxy that writes them in another way would break the signature.
    return f"{ALARM_CALL}/{base64.urlsafe_b64encode(words.encode()).decode()}"


def alarm_words(coded: str) -> str:
    """The words of such an address. Raises ValueError for what is none."""
    return base64.urlsafe_b64decode(coded.encode()).decode()
