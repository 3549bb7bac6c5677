"""A stage for plays: real services and a real database, phones that ring, a patient who is told, a clock that is moved.

Every page and every notice is expected by name. What nobody expected fails the
play when the curtain falls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Engine

from bot.domain.escalation import Escalation
from bot.domain.on_call import OnCall
from bot.services.intake import Outcome
from bot.services.pager_process import PagerProcess
from bot.services.paging import PATIENCE
from bot.services.ports import TalkEntry
from bot.services.sending import UNCONFIRMED_AFTER
from bot.storage import tables
from tests.harness.cast import ANA, ON_CALL
from tests.harness.clock import START, FakeClock
from tests.harness.house import House
from tests.harness.pager import FakePager, Sent
from tests.harness.storage import Database
from tests.harness.telephony import FakeTelephony

_LINK = re.compile(r"/staff/pages/(\S+)")
_CODE = re.compile(r"report (\w+)")
# More turns than any play needs at one moment; without a limit an endless loop would never end.
_MOST_TURNS = 200


@dataclass
class Patient:
    """Somebody who writes, and who has read up to a position."""

    talk: str | None = None
    read: int = 0
    wrote: list[str] = field(default_factory=list)


class Play:
    """One play. `at` is where the clock stands when it begins."""

    def __init__(
        self, engine: Engine, folder: Path, on_call: OnCall = ON_CALL, at: datetime = START, patience: float = 10.0
    ) -> None:
        self.database = Database(engine)
        self.folder = folder
        self.clock = FakeClock(at)
        self.pager = FakePager()
        self.telephony = FakeTelephony()
        self.on_call = on_call
        self.patience = patience
        self.patients: dict[str, Patient] = {}
        self._heard = 0
        self.house = self._build()
        self.pagers = [self._process(self.house)]

    # -- the house -------------------------------------------------------------

    def _build(self) -> House:
        return House(
            self.database,
            self.folder / "spool",
            clock=self.clock,
            pager=self.pager,
            telephony=self.telephony,
            on_call=self.on_call,
            patience=self.patience,
        )

    def _process(self, house: House) -> PagerProcess:
        work = (house.unanswered.tick, house.timekeeper.tick, house.paging.tick, house.sending.tick)
        return PagerProcess(self.database, self.clock, work)

    def everything_restarts(self, on_call: OnCall | None = None) -> None:
        """Gateway and pager forget what is not stored; they may come back with another ladder."""
        self.on_call = on_call or self.on_call
        screen = self.house.screen
        self.house = self._build()
        self.house.screen.doubts, self.house.screen.found = screen.doubts, screen.found
        self.pagers = [self._process(self.house)]

    def the_pager_dies(self) -> None:
        """Nobody sends and keeps time."""
        self.pagers = []

    def a_pager_starts(self) -> None:
        """One more of them: a house of its own on the same database."""
        self.pagers.append(self._process(self._build()))

    # -- time ------------------------------------------------------------------

    def after(self, **by: float) -> None:
        """Later by the arguments of a timedelta; on the way everything is done when it is due."""
        end = self.clock.now + timedelta(**by)
        self.settle()
        while (due := self._next_due()) is not None and due <= end:
            self.clock.now = due
            self.settle()
        self.clock.now = end
        self.settle()

    def the_clock_jumps(self, **by: float) -> None:
        """The machine's clock is set, forward or back, in one go."""
        self.clock.move(**by)
        self.settle()

    def settle(self) -> None:
        """All pagers work until nothing changes any more at this moment."""
        for _ in range(_MOST_TURNS):
            before = self._state()
            for process in self.pagers:
                process.once()
            if self._state() == before:
                return
        raise AssertionError("the pagers do not come to rest")

    def _state(self) -> object:
        watched = (
            tables.pages,
            tables.timers,
            tables.escalations,
            tables.messages,
            tables.safety_questions,
            tables.texts,
        )
        return [self.database.rows(table) for table in watched], self.pager.tries

    def _next_due(self) -> datetime | None:
        """The next moment at which something is to be done."""
        if not self.pagers:
            return None
        moments = [row.due_at for row in self.database.rows(tables.timers)]
        moments += [row.due_at for row in self.database.rows(tables.safety_questions) if row.open_key]
        for page in self.database.rows(tables.pages):
            if page.state == "pending":
                leased = page.leased_until and page.leased_until + timedelta(seconds=1)
                moments.append(max(page.due_at, leased or page.due_at))
        for text in self.database.rows(tables.texts):
            if text.state == "pending":
                moments.append(max(text.due_at, text.leased_until or text.due_at))
            if text.state == "in_answer":
                moments.append(text.sent_at + UNCONFIRMED_AFTER + timedelta(seconds=1))
        moments += [each.since + PATIENCE for each in self.house.paging._underway.values() if not each.late]
        return min((moment for moment in moments if moment > self.clock.now), default=None)

    # -- the patient -----------------------------------------------------------

    async def writes(self, text: str, who: str = ANA) -> Outcome:
        """A patient's message goes in; what is said to it is read at once."""
        patient = self.patients.setdefault(who, Patient())
        patient.wrote.append(text)
        outcome = await self.house.hears(text, patient.talk)
        patient.talk = outcome.conversation_id
        return outcome

    def is_told(self, *what: str, who: str = ANA) -> list[str]:
        """All that the patient was told unasked since the last time, in order; returns the texts."""
        entries = self._unread(self.patients[who])
        told = [_what(entry) for entry in entries]
        assert told == list(what), f"{who} was told {told}, not {list(what)}"
        if entries:
            self.patients[who].read = entries[-1].position
        return [entry.text for entry in entries]

    def _unread(self, patient: Patient) -> list[TalkEntry]:
        if patient.talk is None or self.database.down:
            return []
        with self.database() as uow:
            entries = uow.messages.talk(patient.talk, patient.read, 1000)
        return [entry for entry in entries if entry.author not in ("patient", "bot")]

    # -- the phones ------------------------------------------------------------

    def rings(self, *who: str) -> list[Sent]:
        """The phones that rang since the last time, and no other; "noor/2" is her second number."""
        rang = self.pager.pages[self._heard :]
        people = sorted(self._owner(page) for page in rang)
        assert people == sorted(who), f"the phones of {people} rang, not of {sorted(who)}"
        self._heard = len(self.pager.pages)
        return rang

    def nobody_rings(self) -> None:
        """Nobody was paged since the last time."""
        self.rings()

    def let_them_ring(self) -> int:
        """Who is paged does not matter in this play, only how often; returns that."""
        rang = len(self.pager.pages) - self._heard
        self._heard = len(self.pager.pages)
        return rang

    def address(self, person: str, number: int = 1) -> str:
        """One of a person's numbers."""
        return self.on_call.people[person].contacts[number - 1].address

    def _owner(self, page: Sent) -> str:
        for person in (*self.on_call.people.values(), *ON_CALL.people.values()):
            for number, contact in enumerate(person.contacts, start=1):
                if contact.address == page.address:
                    return person.id if number == 1 else f"{person.id}/{number}"
        return "the log"

    # -- the staff -------------------------------------------------------------

    @property
    def case(self) -> Escalation:
        """The newest case, whatever became of it."""
        with self.database() as uow:
            return max(uow.escalations.listing(True, canaries=True), key=lambda case: case.opened_at)

    @property
    def last_page(self) -> Sent:
        """The page that rang last."""
        return self.pager.pages[-1]

    def acknowledges(self, who: str, page: Sent | None = None) -> Escalation:
        """With the link of a page, of the last one unless told otherwise."""
        found = _LINK.search((page or self.last_page).text)
        page_id = self.house.links.open(found[1], self.clock.now) if found else None
        assert page_id is not None, "the link is over"
        with self.database() as uow:
            stored = uow.pages.get(page_id)
        assert stored is not None
        return self.house.handling.acknowledge(stored.reference, who, "link")

    def replies_with_the_code(self, who: str) -> Escalation:
        """As by text message, in the spelling of a tired thumb."""
        found = _CODE.search(self.last_page.text)
        assert found is not None
        return self.house.handling.acknowledge(f" {found[1].lower()} ", who, "sms")

    def takes_over(self, who: str) -> Escalation:
        """From the console."""
        return self.house.handling.take_over(self.case.reference, who)

    def says(self, who: str, text: str) -> Escalation:
        """Staff write to the patient."""
        return self.house.handling.say(self.case.reference, who, text)

    def history(self) -> list[str]:
        """What happened to the newest case."""
        return [entry.event for entry in self.house.desk.history(self.case.reference)]

    # -- the end ---------------------------------------------------------------

    def curtain(self) -> None:
        """Nothing may have happened that nobody expected, and no page may speak of the patient."""
        self.pager.released.set()
        self.database.comes_back()
        self.nobody_rings()
        for name in self.patients:
            self.is_told(who=name)
        self.no_page_holds(*(text for patient in self.patients.values() for text in patient.wrote))

    def no_page_holds(self, *secrets: str) -> None:
        """No payload that left holds one of these, whatever its case."""
        for page in self.pager.pages:
            payload = f"{page.title}\n{page.text}".lower()
            for secret in secrets:
                assert secret.lower() not in payload, "a page speaks of the patient"


def _what(entry: TalkEntry) -> str:
    topic = str((entry.reply or {}).get("topic", ""))
    return topic.removeprefix("notice/") if entry.author == "notice" else entry.author


def with_people(on_call: OnCall, **windows: tuple[object, ...]) -> OnCall:
    """The same ladder, some of its people with hours."""
    people = {
        name: replace(person, windows=windows[name]) if name in windows else person
        for name, person in on_call.people.items()
    }
    return replace(on_call, people=people)
