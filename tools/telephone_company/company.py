"""The company: its account, its numbers, everybody's phones, and the way between them and the clinic."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

from bot.domain.clock import utc_now
from bot.domain.telephone import Account
from tools.telephone_company.calls import Call
from tools.telephone_company.phones import Phone
from tools.telephone_company.rest import RestApi, Server
from tools.telephone_company.texts import TextMessage
from tools.telephone_company.trouble import Manner, Trouble, Troubles
from tools.telephone_company.twiml import Unreadable, Verb, read_messaging
from tools.telephone_company.webhooks import Delivery, Webhooks

SMS_PATH = "/webhooks/twilio/sms"
VOICE_PATH = "/webhooks/twilio/voice"
_NUMBER = "+15550100150"

# Told of what happens: what, at which number, in words.
Listener = Callable[[str, str, str], None]


class TelephoneCompany:
    """A company on the loopback address that speaks Twilio's REST API and webhooks.

    `async with TelephoneCompany() as company:` and then `company.serves(clinic_url)`. What a test did not
    expect (a text, a call, a webhook that failed, trouble that nobody met) fails it at the end.
    """

    def __init__(self, *numbers: str, port: int = 0, clock: Callable[[], datetime] = utc_now) -> None:
        self.numbers = numbers or (_NUMBER,)
        self.sid = "AC" + secrets.token_hex(16)
        token = secrets.token_hex(16)
        self.accepted_tokens = [token]
        self.webhooks = Webhooks(token)
        self.troubles = Troubles()
        self.texts: list[TextMessage] = []
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.has_no_lookup = False
        # Whether texts to patients get receipts at all; carriers lose some.
        self.sends_receipts = True
        self.api_url = ""
        self.listeners: list[Listener] = []
        self._phones: dict[str, Phone] = {}
        self._clock = clock
        self._server = Server(RestApi(self).app(), port)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.troubles.release()
            if error is None:
                await self.curtain()
        finally:
            await self.close()

    async def open(self) -> None:
        """Begin to listen."""
        self.api_url = f"http://127.0.0.1:{await self._server.start()}"

    async def close(self) -> None:
        """Hang up on everybody."""
        self.troubles.release()
        await self.webhooks.close()
        await self._server.stop()

    # -- the clinic's account --------------------------------------------------

    @property
    def main_number(self) -> str:
        """The clinic's first number."""
        return self.numbers[0]

    @property
    def account(self) -> Account:
        """As the clinic's settings hold it."""
        return Account(self.sid, tuple(self.accepted_tokens), self.api_url, self.api_url)

    def environment(self) -> dict[str, str]:
        """The variables of a clinic with this account."""
        tokens = ",".join(self.accepted_tokens)
        return {"TWILIO_ACCOUNT_SID": self.sid, "TWILIO_AUTH_TOKENS": tokens, "TWILIO_API_URL": self.api_url}

    def serves(self, clinic_url: str, public_url: str = "") -> None:
        """Where the clinic is on this machine, and the address by which the company calls and signs it."""
        self.webhooks.clinic_url = clinic_url.rstrip("/")
        self.webhooks.public_url = (public_url or clinic_url).rstrip("/")

    def replaces_token(self) -> str:
        """A new token signs from now on; the old one is still good for requests."""
        self.webhooks.token = secrets.token_hex(16)
        self.accepted_tokens.insert(0, self.webhooks.token)
        return self.webhooks.token

    def forgets_old_tokens(self) -> None:
        """Only the newest is good from now on."""
        del self.accepted_tokens[1:]

    # -- trouble ---------------------------------------------------------------

    def will(self, manner: Manner, times: int = 1, to: str | None = None) -> None:
        """Treat the next requests so; `to`: those about one number."""
        self.troubles.add(Trouble(manner, to=to), times)

    def will_refuse(self, code: int, status: int = 400, times: int = 1, to: str | None = None) -> None:
        """Refuse the next requests with an error of Twilio's."""
        self.troubles.add(Trouble(Manner.REFUSE, status, code, to), times)

    def forget_errors(self) -> list[str]:
        """What went wrong with webhooks and logins until now, which the test has expected."""
        errors = [*self.webhooks.errors, *self.complaints]
        self.webhooks.errors.clear()
        self.complaints.clear()
        return errors

    async def curtain(self) -> None:
        """Nothing may have happened that nobody expected."""
        await self.webhooks.settle()
        found = [*self.webhooks.errors, *self.complaints]
        found += [line for phone in self._phones.values() for line in phone.unseen()]
        if self.troubles.left:
            found.append(f"{self.troubles.left} requests were to meet trouble and never came")
        assert not found, "nobody expected this:\n" + "\n".join(found)

    # -- phones ----------------------------------------------------------------

    def phone(self, number: str) -> Phone:
        """The phone of a number, always the same one. Spaces and dashes are for the eye."""
        plain = "+" + "".join(letter for letter in number if letter.isdigit())
        return self._phones.setdefault(plain, Phone(self, plain))

    def happened(self, what: str, number: str, detail: str) -> None:
        """Tell whoever watches."""
        for listener in self.listeners:
            listener(what, number, detail)

    # -- texts -----------------------------------------------------------------

    def new_text(
        self, sender: str, to: str, body: str, direction: str, callback: str = "", media: tuple[str, ...] = ()
    ) -> TextMessage:
        """A text that the company has taken on."""
        text = TextMessage(sender, to, body, direction, self._clock(), callback, media)
        self.texts.append(text)
        return text

    def deliver(self, text: TextMessage) -> None:
        """Put a text on a phone, and tell the clinic what became of it."""
        phone = self.phone(text.to)
        code = 30006 if phone.line_type == "landline" else phone.undelivered_code
        if phone.has_opted_out:
            code = 21610
        if code is None:
            phone.put(text)
            self.happened("text", text.to, text.body)
        self.webhooks.start(self._receipts(text, code))

    async def _receipts(self, text: TextMessage, code: int | None) -> None:
        last = "delivered" if code is None else "failed" if code == 21610 else "undelivered"
        for status in ("failed",) if last == "failed" else ("queued", "sent", last):
            text.status = status
            text.error_code = code if status == last else None
            if text.callback and self.sends_receipts:
                await self.webhooks.tell(text.callback, self._receipt(text))

    def _receipt(self, text: TextMessage) -> dict[str, str]:
        fields = {
            "AccountSid": self.sid, "ApiVersion": "2010-04-01", "From": text.sender, "To": text.to,
            "MessageSid": text.sid, "MessageStatus": text.status, "SmsSid": text.sid, "SmsStatus": text.status,
        }  # fmt: skip
        return {**fields, "ErrorCode": str(text.error_code)} if text.error_code else fields

    async def hand_in(self, text: TextMessage) -> Delivery:
        """Post a patient's text to the clinic, and text back what it answers."""
        url = f"{self.webhooks.public_url}{SMS_PATH}"
        delivery = await self.webhooks.post(url, self._inbound(text))
        if not 200 <= delivery.status < 300:
            return delivery
        try:
            answers = read_messaging(delivery.body)
        except Unreadable as error:
            self.webhooks.errors.append(f"{url}: {error}")
            return delivery
        for answer in answers:
            callback = answer.attributes.get("statusCallback") or answer.attributes.get("action") or ""
            reply = self.new_text(
                text.to, text.sender, _body(answer), "outbound-reply", urljoin(url, callback) if callback else ""
            )
            self.deliver(reply)
        return delivery

    def _inbound(self, text: TextMessage) -> dict[str, str]:
        media: dict[str, str] = {}
        for place, address in enumerate(text.media):
            media |= {f"MediaUrl{place}": address, f"MediaContentType{place}": "image/jpeg"}
        return {
            "AccountSid": self.sid, "ApiVersion": "2010-04-01", "Body": text.body, "From": text.sender, "To": text.to,
            "MessageSid": text.sid, "SmsMessageSid": text.sid, "SmsSid": text.sid, "SmsStatus": "received",
            "NumMedia": str(len(text.media)), "NumSegments": str(text.segments),
            "FromCity": "", "FromCountry": "US", "FromState": "", "FromZip": "", **media,
        }  # fmt: skip

    # -- calls -----------------------------------------------------------------

    async def call_in(self, sender: str, number: str) -> Call:
        """Somebody calls the clinic."""
        call = self._new_call(sender, number, "inbound")
        await call.begins(f"{self.webhooks.public_url}{VOICE_PATH}")
        return call

    def call_out(self, form: Mapping[str, Any]) -> Call:
        """The clinic calls somebody."""
        call = self._new_call(str(form["From"]), str(form["To"]), "outbound-api")
        call.expects_document(str(form["Url"]))
        call.detects_machines = "MachineDetection" in form
        call.status_url = str(form.get("StatusCallback", ""))
        self._ring(call)
        return call

    def ring_for(self, parent: Call, dial: Verb, number: Verb) -> Call:
        """A call that is passed on."""
        sender = dial.attributes.get("callerId", parent.sender)
        call = self._new_call(sender, number.text, "outbound-dial")
        call.parent = parent
        base = parent.document_url
        if url := number.attributes.get("url"):
            call.expects_document(urljoin(base, url))
        call.detects_machines = "machineDetection" in number.attributes
        if status_url := number.attributes.get("statusCallback"):
            call.status_url = urljoin(base, status_url)
            call.status_events = tuple(number.attributes.get("statusCallbackEvent", "completed").split())
        self._ring(call)
        return call

    def _new_call(self, sender: str, to: str, direction: str) -> Call:
        call = Call(self, sender, to, direction)
        self.calls.append(call)
        return call

    def _ring(self, call: Call) -> None:
        self.phone(call.to).ring(call)
        self.happened("rings", call.to, f"call from {call.sender}")


def _body(message: Verb) -> str:
    parts = [part.text for part in message.inside if part.name == "Body"]
    return "\n".join(parts) or message.text
