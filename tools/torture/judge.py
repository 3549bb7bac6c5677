"""What became of the reports: compares what patients were told with the database and with the provider's pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.clock import utc_now
from bot.storage import tables as t
from bot.storage.sealing import Sealer
from tools.torture.clinic import PageSeen
from tools.torture.patients import Report

_PAGED_NOTICE = "notice/paged"
_REFERENCE_IN_NOTICE = re.compile(r"\b[3479ACDEFGHJKMNPQRTWXY]{5}\b")


@dataclass(frozen=True, slots=True)
class Stored:
    """The database when all is quiet."""

    # Client's message id → references of the escalations of its conversations.
    references: Mapping[str, frozenset[str]]
    # Client's message id → how often it is stored.
    copies: Mapping[str, int]
    # References that a stored notice says staff were paged about.
    said_paged: frozenset[str]


def read(engine: Engine, sealer: Sealer) -> Stored:
    """All that the comparison needs."""
    m, e = t.messages.c, t.escalations.c
    with engine.connect() as connection:
        references: defaultdict[str, set[str]] = defaultdict(set)
        by_conversation: defaultdict[str, set[str]] = defaultdict(set)
        for row in connection.execute(sa.select(e.reference, e.conversation_id)):
            by_conversation[row.conversation_id].add(row.reference)
        copies: Counter[str] = Counter()
        for row in connection.execute(sa.select(m.client_message_id, m.conversation_id).where(m.author == "patient")):
            copies[row.client_message_id] += 1
            references[row.client_message_id] |= by_conversation[row.conversation_id]
        notices = connection.execute(sa.select(m.text).where(m.topic == _PAGED_NOTICE)).scalars().all()
    return Stored(
        {message_id: frozenset(found) for message_id, found in references.items()},
        copies,
        frozenset(reference for text in notices for reference in _REFERENCE_IN_NOTICE.findall(sealer.open(text))),
    )


def is_quiet(engine: Engine, spool: Path) -> bool:
    """Whether nothing is on its way any more: no page is due, no report waits on disk."""
    p, now = t.pages.c, utc_now()
    query = sa.select(sa.func.count()).select_from(t.pages).where(p.state == "pending", p.due_at <= now)
    with engine.connect() as connection:
        waiting = connection.execute(query).scalar()
    return waiting == 0 and not any(spool.glob("*.json"))


def figures(reports: Sequence[Report], stored: Stored, pages: Sequence[PageSeen]) -> dict[str, Any]:
    """Counts over all reports; delays in seconds."""
    paged = {page.reference for page in pages}
    sent = Counter((page.page_id, page.person) for page in pages)
    accepted = [report for report in reports if report.accepted_at is not None]
    promised_falsely = [r for r in accepted if r.promised - stored.references.get(r.message_id, frozenset())]
    return {
        "reports": len(reports),
        "accepted": len(accepted),
        "never answered": len(reports) - len(accepted),
        "tries": sum(report.tries for report in reports),
        "lost": sum(not (stored.references.get(r.message_id, frozenset()) & paged) for r in accepted),
        "promised falsely": len(promised_falsely) + len(stored.said_paged - paged),
        "answered without the safety text": sum(report.without_safety_text for report in reports),
        "told that it could not be saved": sum(report.told_not_stored for report in reports),
        "stored twice": sum(stored.copies[r.message_id] > 1 for r in accepted),
        "escalated twice": sum(len(stored.references.get(r.message_id, ())) > 1 for r in accepted),
        "pages": len(pages),
        "pages sent twice": sum(count - 1 for count in sent.values()),
        "seconds to the reply": spread([r.accepted_at - r.begun_at for r in accepted if r.accepted_at]),
        "seconds from reply to page": spread(delays(accepted, stored, pages)),
    }


def delays(reports: Sequence[Report], stored: Stored, pages: Sequence[PageSeen]) -> list[float]:
    """Seconds from the first 2xx to the first page, for each report that was paged; 0 when the page was sooner."""
    first: dict[str, float] = {}
    for page in pages:
        first[page.reference] = min(page.at, first.get(page.reference, page.at))
    found = []
    for report in reports:
        times = [first[name] for name in stored.references.get(report.message_id, ()) if name in first]
        if report.accepted_at is not None and times:
            found.append(max(0.0, min(times) - report.accepted_at))
    return found


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and the longest; nothing of nothing."""
    if not seconds:
        return {}
    return {
        "p50": round(float(np.percentile(seconds, 50)), 3),
        "p95": round(float(np.percentile(seconds, 95)), 3),
        "longest": round(max(seconds), 3),
    }


def failures(found: Mapping[str, Any]) -> list[str]:
    """What must not be."""
    names = ("lost", "promised falsely", "never answered", "answered without the safety text")
    return [f"{name}: {found[name]}, must be 0" for name in names if found[name]]
