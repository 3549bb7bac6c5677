"""The packet of one incident: everything about an escalation in one file, signed, with its history provable.

What it holds of the talk is what was said from a week before the report until
a day after its end: no more of the patient than the report needs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.audit import Action
from bot.domain.chain import START, Chain
from bot.domain.clinic import Clinic
from bot.domain.clock import Clock
from bot.domain.errors import AssistantError, NotFound
from bot.domain.escalation import Escalation, Status
from bot.domain.history_chain import HistoryChain
from bot.domain.messages import ReplyKind
from bot.domain.on_call import OnCall
from bot.domain.own_keys import derived
from bot.services.account_ports import ChainedEvent
from bot.services.packet_form import Known, form
from bot.services.ports import TalkEntry, UnitOfWork, UnitOfWorkFactory
from bot.services.report_ports import PageRecord, Span, TextRecord
from bot.services.staff_names import all_names

FORMAT: Final = "incident packet, version 1"
_LABEL: Final = "incident packet"
_BEFORE: Final = timedelta(days=7)
_AFTER: Final = timedelta(days=1)
_BATCH: Final = 200
# Of the history, what the time line says in words.
_TOLD: Final = (
    "tier",
    "from",
    "to",
    "person",
    "method",
    "way",
    "owner",
    "what",
    "outcome",
    "reason",
    "text",
    "attempts",
)

Packet = dict[str, Any]


class NotOwner(AssistantError):
    """Only who has the escalation may make its packet, besides managers and auditors."""


class PacketRefused(AssistantError):
    """A file is not a packet, or is not as it was made."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who asks for a packet. `owns`: their name as an owner, for those who may do so of their own alone."""

    actor: str
    owns: str | None = None


class IncidentDesk:
    """Makes packets; each stands in the audit with its signature. Raises NotFound, NotOwner, StorageUnavailable."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, on_call: OnCall, clinic: Clinic, clock: Clock, secret_key: bytes
    ) -> None:
        self._unit_of_work = unit_of_work
        self._on_call = on_call
        self._clinic = clinic
        self._clock = clock
        self._secret_key = secret_key

    def make(self, reference: str, maker: Maker) -> Packet:
        """The packet as JSON has it."""
        with self._unit_of_work() as uow:
            escalation = uow.escalations.by_reference(reference.strip().upper())
            if escalation is None:
                raise NotFound(f"no escalation is called {reference}")
            if maker.owns is not None and escalation.owner != maker.owns:
                raise NotOwner(f"{escalation.reference} is not yours: a manager or an auditor makes its packet")
            now = self._clock()
            packet = self._packet(uow, escalation, maker.actor, now)
            packet["signature"] = signature(self._secret_key, packet)
            made = {"signature": packet["signature"]}
            uow.audit.append(maker.actor, Action.PACKET_MADE, escalation.reference, made, now)
            uow.commit()
        return packet

    def _packet(self, uow: UnitOfWork, escalation: Escalation, actor: str, now: datetime) -> Packet:
        talk, names = escalation.conversation_id, all_names(uow, self._on_call)
        conversation = uow.conversations.get(talk)
        address = uow.addresses.of(talk)
        forgotten = uow.forgetting.is_forgotten(talk)
        closed = escalation.updated_at if escalation.status is Status.RESOLVED else now
        span = Span(escalation.opened_at - _BEFORE, closed + _AFTER)
        entries, left_out = _entries(uow, talk, span)
        events = tuple(_events(uow, escalation.id))
        messages = _messages(uow, escalation, entries)
        texts, pages = uow.incidents.texts(talk, span), uow.incidents.pages(escalation.id)
        return {
            "format": FORMAT,
            "made": {"at": _moment(now), "by": actor, "clinic": self._clinic.name},
            "escalation": _escalation(escalation, names),
            "patient": {
                "channel": conversation.channel if conversation else None,
                "number": (conversation.callback_number if conversation else None)
                or (address.number if address else None),
                "has_stopped_texts": address.stopped if address else False,
                "talk_forgotten": forgotten,
            },
            "times": _times(escalation, pages, events),
            "time_line": _time_line(messages, events, texts, names),
            "messages": messages,
            "messages_left_out": left_out,
            "answers": [_answer(each) for each in messages if each["version"]],
            "safety_texts": [each["position"] for each in messages if each["kind"] == ReplyKind.SAFETY],
            "pages": [self._page(each) for each in pages],
            "texts": [_plain(asdict(each)) for each in texts],
            "calls": [_plain(asdict(each)) for each in uow.incidents.calls(talk, span)],
            "history": [_event(each) for each in events],
            "history_check": _check(uow, events),
            "form": list(form(self._known(escalation, messages, forgotten, now), self._clinic)),
        }

    def _known(self, escalation: Escalation, messages: Sequence[Packet], forgotten: bool, now: datetime) -> Known:
        zone = ZoneInfo(self._clinic.time_zone)
        return Known(
            reference=escalation.reference,
            began_at=escalation.opened_at.astimezone(zone),
            made_at=now.astimezone(zone),
            words=[each["text"] for each in messages if each["reported"]],
            categories=escalation.categories,
            outcome=(escalation.outcome or escalation.status).replace("_", " "),
            forgotten=forgotten,
        )

    def _page(self, page: PageRecord) -> Packet:
        """With the way it went, and without a number of staff. A list that was changed since may not know it."""
        person = self._on_call.people.get(page.person)
        is_known = person is not None and page.contact < len(person.contacts)
        method = str(person.contacts[page.contact].method) if person is not None and is_known else None
        return {**_plain(asdict(page)), "name": person.name if person else None, "method": method}


# -- the talk ------------------------------------------------------------------


def _entries(uow: UnitOfWork, conversation_id: str, span: Span) -> tuple[list[TalkEntry], int]:
    """What was said in the span, and how many messages there are besides."""
    kept: list[TalkEntry] = []
    position = left_out = 0
    while batch := uow.messages.talk(conversation_id, position, _BATCH):
        wanted = [entry for entry in batch if span.since <= entry.at < span.until]
        kept += wanted
        left_out += len(batch) - len(wanted)
        position = batch[-1].position
    return kept, left_out


def _messages(uow: UnitOfWork, escalation: Escalation, entries: Sequence[TalkEntry]) -> list[Packet]:
    mine = frozenset(entry.position for entry in entries if entry.author == "patient")
    found = uow.incidents.screenings(escalation.conversation_id, mine)
    reported = uow.incidents.reported(escalation.id)
    return [_message(entry, found.get(entry.position), entry.position in reported) for entry in entries]


def _message(entry: TalkEntry, screening: Mapping[str, Any] | None, reported: bool) -> Packet:
    reply = entry.reply or {}
    return {
        "position": entry.position,
        "at": _moment(entry.at),
        "author": entry.author,
        "text": entry.text,
        "reported": reported,
        "screening": dict(screening) if screening is not None else None,
        "kind": reply.get("kind"),
        "topic": reply.get("topic"),
        "version": reply.get("version"),
        "sources": list(reply.get("sources") or ()),
        "helpful": entry.helpful,
    }


def _answer(message: Packet) -> Packet:
    return {name: message[name] for name in ("position", "at", "topic", "version", "sources")}


# -- what happened -------------------------------------------------------------


def _escalation(escalation: Escalation, names: Mapping[str, str]) -> Packet:
    owner = escalation.owner or ""
    return {
        **_plain(asdict(escalation)),
        "categories": list(escalation.categories),
        "owner_name": names.get(owner) if owner else None,
    }


def _events(uow: UnitOfWork, escalation_id: str) -> Iterator[ChainedEvent]:
    """The lines of one history. The port reads all histories in a row: it ends where the next one begins."""
    after = 0
    while batch := uow.audit.events(escalation_id, after, _BATCH):
        for event in batch:
            if event.escalation_id != escalation_id:
                return
            after = event.id
            yield event


def _event(event: ChainedEvent) -> Packet:
    return {
        "id": event.id,
        "at": _moment(event.at),
        "actor": event.actor,
        "event": event.event,
        "detail": dict(event.detail),
        "fields": dict(event.fields),
        "previous": event.previous,
        "hash": event.hash,
    }


def _check(uow: UnitOfWork, events: Iterable[ChainedEvent]) -> Packet:
    """Whether the history was as it was written when the packet was made."""
    previous, lines, unhashed = START, 0, 0
    for event in events:
        lines += 1
        if event.hash is None and previous == START:
            unhashed += 1  # from before there were any
            continue
        if not uow.audit.is_whole_event(event, previous):
            return _verdict(False, lines, unhashed, f"line {event.id} ({event.event}) is not as it was written")
        previous = event.hash or START
    return _verdict(True, lines, unhashed, "")


def _verdict(whole: bool, lines: int, unhashed: int, problem: str) -> Packet:
    return {"whole": whole, "lines": lines, "lines_without_hash": unhashed, "problem": problem}


def _times(escalation: Escalation, pages: Sequence[PageRecord], events: Sequence[ChainedEvent]) -> Packet:
    """Seconds from the report to the first of each; null: it did not happen."""
    sent = [page.sent_at for page in pages if page.sent_at is not None]
    firsts = {
        "to_page": min(sent, default=None),
        "to_acknowledge": _first(events, "acknowledged", "taken_over"),
        "to_first_message": _first(events, "wrote"),
        "to_close": _first(events, "resolved"),
    }
    return {name: (at - escalation.opened_at).total_seconds() if at else None for name, at in firsts.items()}


def _first(events: Sequence[ChainedEvent], *kinds: str) -> datetime | None:
    return next((event.at for event in events if event.event in kinds), None)


def _time_line(
    messages: Sequence[Packet],
    events: Sequence[ChainedEvent],
    texts: Sequence[TextRecord],
    names: Mapping[str, str],
) -> list[Packet]:
    lines = [_said(each) for each in messages]
    lines += [
        {"at": _moment(e.at), "who": names.get(e.actor, e.actor), "what": _words(e, names), "message": None}
        for e in events
    ]
    for each in texts:
        what = f"text {each.state}, {each.purpose}" + (f": {each.error}" if each.error else "")
        at = _moment(each.ended_at or each.sent_at or each.created_at)
        lines.append({"at": at, "who": "carrier", "what": what, "message": each.position})
    return sorted(lines, key=lambda line: str(line["at"]))


def _said(message: Packet) -> Packet:
    version = f", version {message['version']}" if message["version"] else ""
    about = f" ({message['kind']}: {message['topic']}{version})" if message["topic"] else ""
    what = f"message {message['position']}{about}"
    return {"at": message["at"], "who": message["author"], "what": what, "message": message["position"]}


def _words(event: ChainedEvent, names: Mapping[str, str]) -> str:
    told = {name: event.detail[name] for name in _TOLD if event.detail.get(name)}
    detail = "; ".join(f"{name} {names.get(str(value), value)}" for name, value in told.items())
    people = ", ".join(names.get(each, each) for each in event.detail.get("people") or ())
    said = "; ".join(filter(None, (people, detail)))
    return event.event.replace("_", " ") + (f": {said}" if said else "")


# -- proof ---------------------------------------------------------------------


def signature(secret_key: bytes, packet: Mapping[str, Any]) -> str:
    """Of everything in a packet but the signature itself, with a key of its own."""
    content = {name: value for name, value in packet.items() if name != "signature"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(derived(secret_key, _LABEL), canonical.encode(), hashlib.sha256).hexdigest()


def verify(packet: Any, secret_key: bytes) -> int:
    """Check a file that was exported: its signature, and the chain of its history. Returns how many lines that has.

    Raises PacketRefused with what is wrong.
    """
    if not isinstance(packet, dict) or packet.get("format") != FORMAT:
        raise PacketRefused(f"this is not an {FORMAT!r}: export it again")
    given = packet.get("signature")
    if not isinstance(given, str) or not hmac.compare_digest(signature(secret_key, packet), given):
        raise PacketRefused("the file was changed since it was made, or was made with another SECRET_KEY")
    chain, previous = HistoryChain(lambda label: Chain(secret_key, label)), START
    for line in packet["history"]:
        if line["hash"] is None and previous == START:
            continue
        if not _holds(chain, packet, line, previous):
            raise PacketRefused(f"line {line['id']} of the history ({line['event']}) is not as it was written")
        previous = line["hash"] or START
    return len(packet["history"])


def _holds(chain: HistoryChain, packet: Packet, line: Packet, previous: str) -> bool:
    at = datetime.fromisoformat(line["at"])
    case, fields, found = packet["escalation"]["id"], line["fields"], line["hash"] or ""
    follows = line["previous"] == previous
    holds = chain.holds(previous, case, line["actor"], line["event"], fields, at, found)
    return follows and holds and chain.has_its_fields(line["detail"], fields, packet["patient"]["talk_forgotten"])


# -- values --------------------------------------------------------------------


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(values: Mapping[str, Any]) -> Packet:
    return {name: _moment(value) if isinstance(value, datetime) else value for name, value in values.items()}
