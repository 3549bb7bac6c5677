"""Talks that staff have taken over, made without asking the gateway; and the staff who write in them.

    python -m tools.live_load.talks FILE COUNT RATE

writes COUNT messages into random talks of FILE, RATE a second, and prints each
one's words with the moment at which it was stored (seconds of the monotonic clock).
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bot.app import House, build_house
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.domain.escalation import Tier
from bot.services.escalations import Report
from bot.settings import Settings, load_settings

_NURSE = "noor"


@dataclass(frozen=True, slots=True)
class Talk:
    """What opens it, and what staff call its case."""

    token: str
    reference: str


def make_talks(settings: Settings, count: int) -> list[Talk]:
    """Each with a message of the patient, and a nurse who has it."""
    house, tokens = build_house(settings), ConversationTokens(settings.secret_key)
    return [_make_talk(house, tokens, number) for number in range(count)]


def _make_talk(house: House, tokens: ConversationTokens, number: int) -> Talk:
    now = utc_now()
    with house.unit_of_work() as uow:
        conversation = uow.conversations.add("web", now)
        message = uow.messages.add_inbound(conversation.id, f"first-{number}", "May I ask a person?", {}, now)
        uow.messages.add_replies(message, (), now)
        escalation = house.desk.open_in(uow, conversation, Report(message.id, Tier.ROUTINE, "asked"))
        uow.commit()
    house.handling.take_over(escalation.reference, _NURSE)
    return Talk(tokens.issue(conversation.id), escalation.reference)


def main() -> None:
    """Write until the count is reached."""
    path, count, rate = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    references, handling, random = json.loads(path.read_text()), build_house(load_settings()).handling, Random(1)
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        words = f"staff message {number}"
        handling.say(random.choice(references), _NURSE, words)
        print(json.dumps([words, time.monotonic()]), flush=True)


if __name__ == "__main__":
    main()
