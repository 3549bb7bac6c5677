"""Calls: a document is followed verb by verb until somebody has to press, speak, answer or hang up. Nothing takes time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tools.telephone_company.texts import new_sid
from tools.telephone_company.twiml import Unreadable, Verb, read_voice

if TYPE_CHECKING:
    from tools.telephone_company.company import TelephoneCompany

# Redirects without a word of the caller's in between.
_MOST_FETCHES = 20
BROKEN = "We are sorry, an application error has occurred. Goodbye."
_OVER = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True)
class Said:
    """One sentence out of the receiver."""

    text: str
    language: str


class Call:
    """One leg: the company on one end, a phone on the other.

    Steer it like whoever holds the phone: `presses`, `says`, `keeps_silent`,
    `leaves_message`, `hangs_up`; each goes on until the next input is due.
    """

    def __init__(self, company: TelephoneCompany, sender: str, to: str, direction: str) -> None:
        self.sid = new_sid("CA")
        self.sender, self.to, self.direction = sender, to, direction
        self.status = "ringing"
        self.said: list[Said] = []
        self.awaits: Verb | None = None
        self.dialled: list[Call] = []
        # The other leg while two people talk.
        self.talks_to: Call | None = None
        self.parent: Call | None = None
        self.detects_machines = False
        self.status_url = ""
        self.status_events: tuple[str, ...] = ("completed",)
        self._company = company
        self._document: deque[Verb] = deque()
        self._url = ""
        self._fetches = 0
        self._unheard = 0
        self._was_bridged = False

    # -- what whoever holds the phone notices ----------------------------------

    @property
    def heard(self) -> str:
        """Everything that was said since the last input."""
        return " ".join(said.text for said in self.said[self._unheard :])

    @property
    def languages(self) -> set[str]:
        """The languages of it."""
        return {said.language for said in self.said[self._unheard :]}

    @property
    def is_over(self) -> bool:
        """Whether the line is dead."""
        return self.status in _OVER

    @property
    def document_url(self) -> str:
        """Where the present document is from: what the addresses in it are relative to."""
        return self._url

    # -- what whoever holds the phone does -------------------------------------

    async def presses(self, keys: str) -> None:
        """Keys, one after the other; those that nobody waits for are lost, as on a real line."""
        verb = self._input()
        if verb.name == "Record":
            await self._end_recording(verb, "", 1, keys[0])
            return
        assert "dtmf" in verb.attributes.get("input", "dtmf"), "keys are not listened for here"
        ending = verb.attributes.get("finishOnKey", "#")
        digits = keys.partition(ending)[0] if ending else keys
        digits = digits[: int(verb.attributes.get("numDigits", len(keys) or 1))]
        await self._input_came(verb, {"Digits": digits} if digits else {})

    async def says(self, words: str, confidence: float = 0.92) -> None:
        """Speech, as the company's recognition understood it; 0 to 1."""
        verb = self._input()
        assert "speech" in verb.attributes.get("input", "dtmf"), "speech is not listened for here"
        await self._input_came(verb, {"SpeechResult": words, "Confidence": f"{confidence:.4f}"})

    async def keeps_silent(self) -> None:
        """Not a sound until the company gives up waiting."""
        verb = self._input()
        if verb.name == "Record":  # an empty recording is none: the next verb
            self._go_on()
            await self._run()
            return
        await self._input_came(verb, {})

    async def leaves_message(self, words: str, seconds: int = 7, understood: bool = True) -> None:
        """Speak after the tone, then hang up. `understood`: whether a transcript can be made of it."""
        verb = self._input()
        assert verb.name == "Record", "nothing is recorded here"
        await self._end_recording(verb, words if understood else "", seconds, "hangup")
        await self._end("completed")

    async def hangs_up(self) -> None:
        """Put the receiver down."""
        if self.is_over:
            return
        other, dialled = self.talks_to, [leg for leg in self.dialled if not leg.is_over]
        dial = self.awaits if self.awaits is not None and self.awaits.name == "Dial" else None
        await self._end("completed")
        for leg in dialled:
            await leg._end("completed" if leg is other else "canceled")
        if dial is not None:
            await self._tell_of_dial(dial, "completed" if other else "no-answer", dialled)
        elif self.parent is not None:
            await self.parent._dial_ended(self, "completed")

    async def takes_the_call(self, by: str) -> None:
        """The phone is picked up, by a `human` or a `machine_end_beep`: whoever else was rung for it is let go."""
        self.status = "in-progress"
        await self._tell_status("answered")
        if self.parent is not None:
            for leg in self.parent.dialled:
                if leg is not self and not leg.is_over:
                    await leg._end("canceled")
        if self._url:
            await self._fetch(self._url, {"AnsweredBy": by} if self.detects_machines else {})
            await self._run()
        elif self.parent is not None:
            self._bridge()

    async def is_not_taken(self, status: str) -> None:
        """It rang out, was busy, declined, or could not be put through."""
        await self._end(status)
        if self.parent is not None and all(leg.is_over for leg in self.parent.dialled):
            await self.parent._dial_ended(self, status)

    async def begins(self, url: str) -> None:
        """An incoming call reaches the clinic."""
        await self._fetch(url, {})
        self.status = "in-progress"
        await self._run()

    def expects_document(self, url: str) -> None:
        """What is fetched when the phone is picked up."""
        self._url = url

    # -- the document ----------------------------------------------------------

    async def _run(self) -> None:
        while not self.is_over and self.awaits is None:
            if not self._document:
                await self._document_is_over()
                return
            await self._do(self._document.popleft())

    async def _document_is_over(self) -> None:
        """A whisper that is through connects the two; otherwise the line is dead."""
        if self.parent is not None and not self.parent.is_over:
            self._bridge()
        else:
            await self._end("completed")

    async def _do(self, verb: Verb) -> None:
        match verb.name:
            case "Say" | "Play" | "Pause":
                self._utter(verb)
            case "Gather":
                for part in verb.inside:
                    self._utter(part)
                self._wait_for(verb)
            case "Record":
                self._wait_for(verb)
            case "Redirect":
                await self._fetch(urljoin(self._url, verb.text), {})
            case "Dial":
                self._dial(verb)
            case "Hangup" | "Reject":
                await self._hung_up_on(verb)

    async def _hung_up_on(self, verb: Verb) -> None:
        await self._end("completed" if verb.name == "Hangup" else verb.attributes.get("reason", "busy"))
        if self.parent is not None:
            await self.parent._dial_ended(self, "completed")

    def _utter(self, verb: Verb) -> None:
        if verb.name == "Pause":
            return
        text = verb.text if verb.name == "Say" else f"(plays {verb.text})"
        self.said += [Said(text, verb.attributes.get("language", "en-US"))] * int(verb.attributes.get("loop", "1"))
        self._company.happened("heard", self.human, text)

    def _wait_for(self, verb: Verb) -> None:
        self.awaits = verb

    def _input(self) -> Verb:
        verb = self.awaits
        assert verb is not None, f"nobody listens, the call is {self.status}"
        assert verb.name in ("Gather", "Record"), "nobody listens while it rings elsewhere"
        return verb

    def _go_on(self) -> None:
        self.awaits = None
        self._fetches = 0
        self._unheard = len(self.said)

    async def _input_came(self, verb: Verb, fields: dict[str, str]) -> None:
        self._go_on()
        if fields or verb.is_on("actionOnEmptyResult"):
            await self._fetch(urljoin(self._url, verb.attributes.get("action", "")), fields)
        await self._run()

    async def _end_recording(self, verb: Verb, words: str, seconds: int, ended_by: str) -> None:
        self._go_on()
        recording = {"RecordingSid": new_sid("RE"), "RecordingDuration": str(seconds)}
        recording["RecordingUrl"] = f"{self._company.api_url}/recordings/{recording['RecordingSid']}"
        if url := verb.attributes.get("transcribeCallback"):
            status = (
                {"TranscriptionStatus": "completed", "TranscriptionText": words}
                if words
                else {"TranscriptionStatus": "failed"}
            )
            form = {**self.fields(), **recording, **status, "TranscriptionSid": new_sid("TR")}
            self._company.webhooks.start(self._company.webhooks.tell(urljoin(self._url, url), form))
        if ended_by == "hangup":
            self.status = "completed"
        await self._fetch(urljoin(self._url, verb.attributes.get("action", "")), {**recording, "Digits": ended_by})
        await self._run()

    async def _fetch(self, url: str, fields: dict[str, str]) -> None:
        """The next document. What cannot be fetched or read ends the call with an apology."""
        self._fetches += 1
        delivery = await self._company.webhooks.post(url, {**self.fields(), **fields})
        try:
            if not 200 <= delivery.status < 300:
                raise Unreadable("11200: no document")
            if self._fetches > _MOST_FETCHES:
                raise Unreadable("the documents lead in a circle")
            self._document, self._url = deque(read_voice(delivery.body)), url
        except Unreadable as error:
            if self.is_over:
                return
            self._company.webhooks.errors.append(f"{url}: {error}")
            self.said.append(Said(BROKEN, "en-US"))
            self._document.clear()

    # -- two legs --------------------------------------------------------------

    def _dial(self, verb: Verb) -> None:
        numbers = verb.inside or (Verb("Number", {}, verb.text),)
        self._wait_for(verb)
        self.dialled = [self._company.ring_for(self, verb, number) for number in numbers]

    def _bridge(self) -> None:
        assert self.parent is not None
        self.talks_to, self.parent.talks_to = self.parent, self
        self._was_bridged = self.parent._was_bridged = True

    async def _dial_ended(self, leg: Call, status: str) -> None:
        """The other side is gone; the document says what comes now."""
        if self.is_over or self.awaits is None or self.awaits.name != "Dial":
            return
        verb, bridged = self.awaits, self.talks_to is leg
        self._go_on()
        self.talks_to = None
        if "action" in verb.attributes:
            await self._fetch(urljoin(self._url, verb.attributes["action"]), _dial_fields(leg, status, bridged))
        await self._run()

    async def _tell_of_dial(self, verb: Verb, status: str, dialled: list[Call]) -> None:
        """The caller is gone: told all the same, and the answer changes nothing."""
        if "action" in verb.attributes and dialled:
            form = {**self.fields(), **_dial_fields(dialled[0], status, dialled[0]._was_bridged)}
            await self._company.webhooks.post(urljoin(self._url, verb.attributes["action"]), form)

    # -- the end ---------------------------------------------------------------

    async def _end(self, status: str) -> None:
        self.status, self.awaits = status, None
        self._company.happened("call_over", self.human, status)
        await self._tell_status("completed")

    async def _tell_status(self, event: str) -> None:
        if self.status_url and event in self.status_events:
            form = {**self.fields(), "CallbackSource": "call-progress-events", "SequenceNumber": "0"}
            if event == "completed" and self.status == "completed":
                form |= {"CallDuration": "21", "Duration": "1"}
            await self._company.webhooks.tell(self.status_url, form)

    @property
    def human(self) -> str:
        """The number of the phone on the other end."""
        return self.sender if self.direction == "inbound" else self.to

    def fields(self) -> dict[str, str]:
        """What the company says about a call with each webhook."""
        fields = {
            "AccountSid": self._company.sid, "ApiVersion": "2010-04-01", "CallSid": self.sid, "CallStatus": self.status,
            "Called": self.to, "Caller": self.sender, "Direction": self.direction, "From": self.sender, "To": self.to,
            "FromCity": "", "FromCountry": "US", "FromState": "", "FromZip": "",
        }  # fmt: skip
        return {**fields, "ParentCallSid": self.parent.sid} if self.parent else fields


def _dial_fields(leg: Call, status: str, bridged: bool) -> dict[str, str]:
    fields = {"DialCallSid": leg.sid, "DialCallStatus": status, "DialBridged": str(bridged).lower()}
    return {**fields, "DialCallDuration": "21"} if bridged else fields
