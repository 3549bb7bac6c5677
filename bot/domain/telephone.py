"""The clinic's telephone: its numbers, who answers them, and the account that they hang on."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.on_call import Window

# Twilio allows one text a second for an ordinary long number; registered senders have more.
DEFAULT_PER_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class ClinicNumber:
    """A number of the clinic's that patients text or call, as E.164.

    `per_second`: texts that the carrier takes from it in a second.
    """

    number: str
    per_second: float = DEFAULT_PER_SECOND


@dataclass(frozen=True, slots=True)
class Desk:
    """Where callers are put through: a number as E.164, and its hours in the clinic's time; none: always."""

    number: str
    hours: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The provider's account. Several tokens while one is replaced: the first signs, any is accepted."""

    sid: str
    tokens: tuple[str, ...] = field(repr=False)
    api_url: str = "https://api.twilio.com"
    lookup_url: str = "https://lookups.twilio.com"


@dataclass(frozen=True, slots=True)
class Telephone:
    """What `clinic.yml` and the environment say about SMS and voice.

    Without an account both are off: the routes answer 404 and nothing is sent.
    `menu`: topics offered by key, such as "faq/driving", in order of the keys 1 to 8.
    """

    account: Account | None = None
    numbers: tuple[ClinicNumber, ...] = ()
    desk: Desk | None = None
    menu: tuple[str, ...] = ()

    def number(self, called: str) -> ClinicNumber | None:
        """The clinic's number that was called or texted; None if it is not ours."""
        return next((own for own in self.numbers if own.number == called), None)
