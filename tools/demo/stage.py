"""What is on the page: phones with what came in, what the company is told to do, and the clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.clock import utc_now
from bot.domain.escalation import Tier
from bot.domain.on_call import OnCall
from tools.demo.cast import CAST, Role
from tools.demo.company_switches import Switches
from tools.telephone_company import Call, Ringing, TelephoneCompany

_MOST_ENTRIES = 80
_MOST_LINES = 200


class Impossible(Exception):
    """What somebody wanted to do with a phone cannot be done now."""


@dataclass(frozen=True)
class Entry:
    """One line on a phone: a text, a sentence, a key, a change of the call."""

    id: int
    at: str
    kind: str
    text: str
    language: str = "en"


@dataclass
class Handset:
    """One phone on the page."""

    role: Role
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_MOST_ENTRIES))
    call: Call | None = None
    ringing: Ringing | None = None
    line: str = "mobile"


class Stage:
    """Everything that a visitor sees and moves."""

    def __init__(self, company: TelephoneCompany, on_call: OnCall, zone: str) -> None:
        self.switches = Switches(company)
        self.handsets = {role.number: Handset(role) for role in CAST}
        self.shift_seconds = 0
        self._company = company
        self._on_call = on_call
        self._zone = ZoneInfo(zone)
        self._ids = count(1)
        self._seen_deliveries = 0
        self._log: deque[str] = deque(maxlen=_MOST_LINES)
        self._underway: set[asyncio.Task[None]] = set()
        company.listeners.append(self._happened)

    # -- what happens on the other end -----------------------------------------

    def _happened(self, what: str, number: str, detail: str) -> None:
        self._log.append(f"{self._time()}  {number}  {what.replace('_', ' ')}: {detail}")
        handset = self.handsets.get(number)
        if handset is None:
            return
        if what == "rings":
            self._start(self._rings(handset, detail))
        elif what == "call_over":
            self._add(handset, "call", f"Call over ({detail})")
        else:
            kind = "received" if what == "text" else what
            self._add(handset, kind, detail, self._language(number) if what == "heard" else "en")

    async def _rings(self, handset: Handset, detail: str) -> None:
        handset.ringing = await self._company.phone(handset.role.number).rings()
        self._add(handset, "call", f"Rings: {detail}")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    def _language(self, number: str) -> str:
        call = next((call for call in reversed(self._company.calls) if call.human == number), None)
        return call.said[-1].language if call is not None and call.said else "en-US"

    def _add(self, handset: Handset, kind: str, text: str, language: str = "en") -> None:
        handset.entries.append(Entry(next(self._ids), self._time(), kind, text, language))

    def _time(self) -> str:
        return f"{utc_now().astimezone(self._zone):%H:%M:%S}"

    # -- what a visitor does with a phone --------------------------------------

    async def act(self, number: str, what: str, words: str) -> None:
        """Raises Impossible."""
        handset = self.handsets.get(number)
        act = getattr(self, f"_do_{what}", None)
        if handset is None or act is None:
            raise Impossible("there is no such phone, or no such button")
        try:
            await act(handset, words)
        except AssertionError as error:
            raise Impossible(str(error)) from None

    async def _do_text(self, handset: Handset, words: str) -> None:
        self._add(handset, "sent", words)
        await self.switches.hand_in(self._company.phone(handset.role.number).writes(words))

    async def _do_picture(self, handset: Handset, words: str) -> None:
        self._add(handset, "sent", f"{words} (with a picture)".strip())
        phone = self._company.phone(handset.role.number)
        await self.switches.hand_in(phone.writes(words, media=(f"{self._company.api_url}/media/1",)))

    async def _do_dial(self, handset: Handset, words: str) -> None:
        if handset.call is not None and not handset.call.is_over:
            raise Impossible("this phone is in a call")
        self._add(handset, "call", "Calls the clinic" + (" with the number withheld" if words else ""))
        handset.call = await self._company.phone(handset.role.number).dials(withheld=bool(words))

    async def _do_press(self, handset: Handset, words: str) -> None:
        call = self._call(handset)
        self._add(handset, "pressed", words)
        await call.presses(words)

    async def _do_say(self, handset: Handset, words: str) -> None:
        call = self._call(handset)
        self._add(handset, "said", words)
        if call.talks_to is not None:
            self._add_heard(call.talks_to, words)
        elif call.awaits is not None and call.awaits.name == "Record":
            await call.leaves_message(words)
        else:
            await call.says(words)

    def _add_heard(self, other: Call, words: str) -> None:
        handset = self.handsets.get(other.human)
        if handset is not None:
            self._add(handset, "heard", words)

    async def _do_silent(self, handset: Handset, words: str) -> None:
        call = self._call(handset)
        self._add(handset, "call", "Says nothing")
        await call.keeps_silent()

    async def _do_hang_up(self, handset: Handset, words: str) -> None:
        await self._call(handset).hangs_up()

    async def _do_answer(self, handset: Handset, words: str) -> None:
        handset.call = self._ring(handset).call
        await self._taken_ring(handset).answers()

    async def _do_decline(self, handset: Handset, words: str) -> None:
        await self._taken_ring(handset).declines()

    async def _do_ignore(self, handset: Handset, words: str) -> None:
        await self._taken_ring(handset).rings_out()

    async def _do_voicemail(self, handset: Handset, words: str) -> None:
        await self._taken_ring(handset).goes_to_voicemail()

    async def _do_line(self, handset: Handset, words: str) -> None:
        """What texts to it meet: it works, is a landline, is switched off."""
        if words not in ("mobile", "landline", "off"):
            raise Impossible("a phone is mobile, landline or off")
        phone = self._company.phone(handset.role.number)
        phone.line_type = "landline" if words == "landline" else "mobile"
        phone.undelivered_code = 30003 if words == "off" else None
        handset.line = words

    def _call(self, handset: Handset) -> Call:
        if handset.call is None or handset.call.is_over:
            raise Impossible("this phone is in no call")
        return handset.call

    def _ring(self, handset: Handset) -> Ringing:
        if handset.ringing is None or handset.ringing.call.is_over:
            raise Impossible("this phone does not ring")
        return handset.ringing

    def _taken_ring(self, handset: Handset) -> Ringing:
        ringing = self._ring(handset)
        handset.ringing = None
        return ringing

    # -- what is shown ---------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything, as the page draws it."""
        now = utc_now()
        on_duty = {
            person for tier in (Tier.EMERGENCY, Tier.URGENT)
            for step in self._on_call.paged(tier, now) for person in step
        }  # fmt: skip
        return {
            "time": f"{now.astimezone(self._zone):%A %H:%M}",
            "shift_minutes": self.shift_seconds // 60,
            "phones": [self._shown(handset, on_duty) for handset in self.handsets.values()],
            "switches": self.switches.state(),
            "log": self._lines(),
        }

    def _shown(self, handset: Handset, on_duty: set[str]) -> dict[str, Any]:
        role, ringing = handset.role, handset.ringing
        return {
            "number": role.number, "name": role.name, "about": role.about, "kind": role.kind,
            "on_duty": role.staff in on_duty, "line": handset.line,
            "rings": ringing is not None and not ringing.call.is_over,
            "call": self._shown_call(handset.call),
            "entries": [asdict(entry) for entry in handset.entries],
        }  # fmt: skip

    def _shown_call(self, call: Call | None) -> dict[str, Any] | None:
        if call is None or call.is_over:
            return None
        if call.talks_to is not None:
            return {"waits": "talk", "keys": False, "speech": True}
        verb = call.awaits
        if verb is None:
            return {"waits": "", "keys": False, "speech": False}
        takes = verb.attributes.get("input", "dtmf") if verb.name == "Gather" else ""
        recording = verb.name == "Record"
        return {"waits": verb.name, "keys": "dtmf" in takes or recording, "speech": "speech" in takes or recording}

    def _lines(self) -> list[str]:
        delivered = self._company.webhooks.delivered
        for delivery in delivered[self._seen_deliveries :]:
            path = delivery.url.removeprefix(self._company.webhooks.public_url)
            status = str(delivery.status) if delivery.status else f"no answer ({delivery.body})"
            self._log.append(f"{self._time()}  webhook {path[:90]} → {status}")
        self._seen_deliveries = len(delivered)
        for problem in self._company.forget_errors():
            self._log.append(f"{self._time()}  PROBLEM {problem}")
        return list(self._log)

    async def end(self) -> None:
        """Nobody rings any more."""
        for task in self._underway:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._underway, return_exceptions=True)
