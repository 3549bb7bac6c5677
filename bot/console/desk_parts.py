"""The use cases that the working part of the console calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.domain.canned import CannedReply
from bot.services.cases import CaseDesk
from bot.services.handling import Handling
from bot.services.incident import IncidentDesk
from bot.services.overview import OverviewDesk
from bot.services.questions import QuestionDesk
from bot.services.queue import QueueDesk
from bot.services.reviews import ReviewDesk

QUEUE = web.AppKey("queue_desk", QueueDesk)
CASES = web.AppKey("case_desk", CaseDesk)
HANDLING = web.AppKey("console_handling", Handling)
REVIEWS = web.AppKey("review_desk", ReviewDesk)
QUESTIONS = web.AppKey("question_desk", QuestionDesk)
INCIDENTS = web.AppKey("incident_desk", IncidentDesk)
OVERVIEW = web.AppKey("overview_desk", OverviewDesk)
CANNED: web.AppKey[Sequence[CannedReply]] = web.AppKey("canned_replies")


@dataclass(frozen=True, slots=True)
class Desk:
    """What staff work with."""

    queue: QueueDesk
    cases: CaseDesk
    handling: Handling
    reviews: ReviewDesk
    questions: QuestionDesk
    incidents: IncidentDesk
    overview: OverviewDesk
    canned: Sequence[CannedReply]


def add_to(app: web.Application, desk: Desk) -> None:
    """For the pages; when the gateway starts."""
    app[QUEUE], app[CASES], app[HANDLING] = desk.queue, desk.cases, desk.handling
    app[REVIEWS], app[QUESTIONS], app[CANNED] = desk.reviews, desk.questions, desk.canned
    app[INCIDENTS], app[OVERVIEW] = desk.incidents, desk.overview
