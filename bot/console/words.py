"""How the console says things: durations, states, lines of a history, marked evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.escalation import Outcome, Status, Tier
from bot.services.cases import Line
from bot.services.ports import HistoryEntry
from bot.services.queue_ports import MarkedWords

TIERS: Final[Mapping[str, str]] = {
    Tier.EMERGENCY: "Emergency",
    Tier.URGENT: "Urgent",
    Tier.SAME_DAY: "Same day",
    Tier.ROUTINE: "Routine",
}
STATUSES: Final[Mapping[str, str]] = {
    Status.OPEN: "Nobody has it",
    Status.ACKNOWLEDGED: "Acknowledged",
    Status.WITH_STAFF: "In conversation",
    Status.RESOLVED: "Closed",
}
OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.HANDLED: "Handled by us",
    Outcome.SENT_TO_EMERGENCY: "Sent to emergency care",
    Outcome.NOT_REACHED: "Patient not reached",
    Outcome.FALSE_ALARM: "False alarm",
}
CHANNELS: Final[Mapping[str, str]] = {"web": "Website chat", "sms": "Text message", "phone": "Telephone"}
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "es": "Spanish"}
TEXTS: Final[Mapping[str, str]] = {
    "pending": "text waits to be sent",
    "in_answer": "text sent",
    "sent": "text sent",
    "delivered": "text delivered",
    "failed": "text NOT delivered: call the patient",
    "refused": "text NOT sent: call the patient",
}
METHODS: Final[Mapping[str, str]] = {"sms": "text", "call": "call", "url": "message", "log": "log line"}
_WAYS: Final[Mapping[str, str]] = {
    "console": "in the console",
    "link": "by the link of the page",
    "sms": "by text",
    "call": "on the telephone",
    "cli": "on the command line",
}
_TOLD: Final[Mapping[str, str]] = {
    "paged": "that staff were paged",
    "seen": "who has seen the report",
    "joined": "who has joined",
    "nobody_yet": "that nobody has answered yet, and to call",
    "closed": "that the report is closed",
}


def duration(seconds: float) -> str:
    """As somebody says it: seconds, minutes, hours, days."""
    minutes = int(max(0.0, seconds)) // 60
    if minutes < 1:
        return f"{int(max(0.0, seconds))} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def category(name: str) -> str:
    """A category of the screen in plain letters."""
    return name.replace("_", " ")


# -- evidence in a message -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a message; `mark` is what the screen took it for."""

    text: str
    mark: MarkedWords | None = None


def spans(line: Line) -> tuple[Span, ...]:
    """A message in pieces, what was found in it marked; of marks that overlap, the most serious one is shown."""
    text = line.entry.text
    found = sorted(filter(None, (_place(text, mark) for mark in line.marks)), key=lambda place: place[2].tier.rank)
    kept: list[tuple[int, int, MarkedWords]] = []
    for start, end, mark in found:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, mark))
    pieces, at = [], 0
    for start, end, mark in sorted(kept, key=lambda place: place[0]):
        pieces += [Span(text[at:start]), Span(text[start:end], mark)]
        at = end
    return tuple(piece for piece in (*pieces, Span(text[at:])) if piece.text)


def _place(text: str, mark: MarkedWords) -> tuple[int, int, MarkedWords] | None:
    """Where the words are; the offset may count from an earlier message that was read with this one."""
    start = mark.start if text[mark.start : mark.start + len(mark.words)] == mark.words else text.find(mark.words)
    return (start, start + len(mark.words), mark) if mark.words and start >= 0 else None


# -- lines of a history --------------------------------------------------------

_Say = Callable[[Mapping[str, Any], Mapping[str, str]], str]


def _kinds(detail: Mapping[str, Any]) -> str:
    kinds = ", ".join(category(each) for each in detail.get("categories") or ())
    return f" ({kinds})" if kinds else ""


def _tier(name: object) -> str:
    return TIERS.get(str(name), str(name)).lower()


def _because(detail: Mapping[str, Any]) -> str:
    reason = detail.get("reason")
    return f": {reason}" if reason else ""


def _people(detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(each, each) for each in detail.get("people") or ())


def _whose(detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    owner = str(detail.get("owner") or "")
    return names.get(owner, owner) or "nobody"


_SAID: Final[Mapping[str, _Say]] = {
    "opened": lambda d, _: f"opened it as {_tier(d.get('tier'))}{_kinds(d)}",
    "reopened": lambda d, _: f"opened it again{_because(d) if 'tier' not in d else _kinds(d)}",
    "tier_raised": lambda d, _: f"raised it to {_tier(d.get('tier'))}{_kinds(d)}",
    "message_added": lambda d, _: f"added a message{_kinds(d)}",
    "acknowledged": lambda d, _: f"acknowledged it {_WAYS.get(str(d.get('way')), '')}".rstrip(),
    "taken_over": lambda *_: "took over the conversation",
    "taken_from": lambda d, names: f"took over from {_whose(d, names)}",
    "wrote": lambda *_: "wrote to the patient",
    "answered_question": lambda *_: "answered a question of the patient",
    "noted": lambda d, _: f"{d.get('text', 'wrote a note, which is deleted')}",
    "tier_changed": lambda d, _: f"changed it from {_tier(d.get('from'))} to {_tier(d.get('to'))}{_because(d)}",
    "handed_back": lambda *_: "handed the conversation back to the assistant",
    "resolved": lambda d, _: f"closed it – {OUTCOMES.get(str(d.get('outcome')), '')}{_because(d)}",
    "patient_told": lambda d, _: f"told the patient {_TOLD.get(str(d.get('what')), str(d.get('what')))}",
    "step_taken": lambda d, names: f"paged {_people(d, names) or 'nobody'}",
    "step_reached_nobody": lambda *_: "reached nobody at this step",
    "page_sent": lambda d, names: f"sent a page to {names.get(str(d.get('person')), str(d.get('person')))}",
    "still_open": lambda d, names: f"reminded {_whose(d, names)}: it is still open",
    "acknowledgement_expired": lambda d, names: f"paged again: {_whose(d, names)} acknowledged, and did not take over",
    "silent_after_take_over": lambda d, names: f"paged again: {_whose(d, names)} took over, and did not write",
}


def said(entry: HistoryEntry, names: Mapping[str, str]) -> str:
    """What happened, behind who did it."""
    say = _SAID.get(entry.event)
    return say(entry.detail, names) if say else category(entry.event)


def actor(entry: HistoryEntry, names: Mapping[str, str]) -> str:
    """Who did it."""
    return {"assistant": "The assistant", "pager": "The pager"}.get(entry.actor) or names.get(entry.actor, entry.actor)


def newest_first(history: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """For reading: what happened last is on top."""
    return list(reversed(history))
