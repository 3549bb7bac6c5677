"""The use cases, wired over doubles and a real database."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import Engine

from bot.domain.links import AcknowledgeLinks
from bot.domain.messages import Inbound
from bot.domain.on_call import OnCall
from bot.services.alarm import Alarm
from bot.services.escalations import EscalationDesk
from bot.services.exchange import Exchange
from bot.services.handling import Handling
from bot.services.intake import Intake, IntakeParts, Outcome
from bot.services.ladder import Ladder, Timekeeper
from bot.services.notices import Notices
from bot.services.paging import PageText, PagingParts, PagingService
from bot.services.receipts import Receipts
from bot.services.reviews import ReviewDesk
from bot.services.sending import SendingParts, SendingService
from bot.services.staff_texts import StaffTexts
from bot.services.text_exchange import late_exchange
from bot.services.texted import TextTriage
from bot.services.texting import Texting, TextingParts
from bot.services.triage import UnansweredQuestions
from bot.services.undelivered import Undelivered
from bot.storage.spool import FileSpool
from bot.twilio.paths import text_status
from tests.harness.cast import CLINIC, ON_CALL, said
from tests.harness.clock import FakeClock
from tests.harness.dialogue import FakeDialogue
from tests.harness.pager import FakePager
from tests.harness.screen import FakeScreen
from tests.harness.storage import SEALER, Database
from tests.harness.telephony import TELEPHONE, FakeTelephony


@dataclass
class House:
    """Everything that a test of a use case touches."""

    database: Database
    spool_folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    dialogue: FakeDialogue = field(default_factory=FakeDialogue)
    pager: FakePager = field(default_factory=FakePager)
    telephony: FakeTelephony = field(default_factory=FakeTelephony)
    on_call: OnCall = ON_CALL
    screen: FakeScreen = field(default_factory=FakeScreen)
    # Seconds that a turn of the pager waits for what it sends: short only where something hangs.
    patience: float = 10.0
    # Seconds that a message waits for the database: short only where that hangs.
    storage_seconds: float = 10.0
    # Whether messages are read before they are stored, as in the gateway: one more transaction for each.
    reads_ahead: bool = False
    # Seconds that a webhook waits for its answer: short only where something hangs.
    answer_seconds: float = 10.0

    def __post_init__(self) -> None:
        self.telephony.clock = self.clock
        notices = self.notices = Notices(CLINIC)
        self.links = AcknowledgeLinks(b"k" * 32, "https://chat.example.org")
        self.ladder = Ladder(self.on_call, notices)
        self.desk = EscalationDesk(self.database, self.clock, self.ladder)
        self.handling = Handling(self.database, self.clock, self.on_call, self.ladder, notices)
        self.timekeeper = Timekeeper(self.database, self.ladder, self.clock)
        text = PageText(CLINIC, self.links)
        self.paging_parts = PagingParts(self.database, self.pager, self.clock, self.on_call, self.ladder, notices, text)
        self.paging = PagingService(self.paging_parts, self.patience)
        self.alarm = Alarm(self.pager, self.on_call, CLINIC, self.clock)
        self.unanswered = UnansweredQuestions(self.database, self.desk, self.clock)
        self.reviews = ReviewDesk(self.database, self.desk, self.clock, self.spool_folder.parent / "reviewed.jsonl")
        self.intake = Intake(
            IntakeParts(
                unit_of_work=self.database,
                screen=self.screen,
                dialogue=self.dialogue,
                desk=self.desk,
                spool=FileSpool(self.spool_folder, SEALER),
                clinic=CLINIC,
                clock=self.clock,
                alarm=self.alarm,
                storage_seconds=self.storage_seconds,
                late=self._late,
                readers=self.database.reader if self.reads_ahead else None,
            )
        )
        self.build_texting()

    def build_texting(self) -> None:
        """Again after `answer_seconds` or `patience` was changed."""
        self.text_triage = TextTriage(CLINIC, self.desk)
        undelivered = Undelivered(self.desk)
        self.sending_parts = SendingParts(
            self.database, self.telephony, TELEPHONE, undelivered, self.clock, text_status
        )
        self.sending = SendingService(self.sending_parts, self.patience)
        self.receipts = Receipts(self.database, undelivered, self.clock)
        staff = StaffTexts(self.on_call, self.handling)
        self.texting = Texting(
            TextingParts(
                self.database, self.intake, self.text_triage, CLINIC, self.clock, staff.take, self.answer_seconds
            )
        )

    def _late(self, inbound: Inbound) -> Exchange:
        return late_exchange(self.text_triage, CLINIC, inbound)

    async def hears(self, text: str, conversation_id: str | None = None, message_id: str | None = None) -> Outcome:
        """A patient's message goes in, what the channel sends back comes out."""
        return await self.intake.receive(said(text, conversation_id, message_id))

    async def talk(self) -> str:
        """A conversation that has begun; returns its id."""
        return (await self.hears("hello, this is Ana")).conversation_id

    def spooled(self) -> list[Path]:
        """Reports that wait on the disk."""
        return sorted(self.spool_folder.glob("*.json"))


def build_house(engine: Engine, folder: Path) -> House:
    """A house on a database, with its spool in `folder`."""
    return House(Database(engine), folder / "spool")
