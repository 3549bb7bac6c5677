"""Composition root: the only module that knows concrete classes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp import web
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import errors, health
from bot.channels import web as web_channel
from bot.dialogue.rasa import RasaDialogue
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import StorageUnavailable
from bot.safety.joined import current_screen
from bot.senders.log import LogPager
from bot.services.escalations import EscalationDesk
from bot.services.intake import Intake, IntakeParts
from bot.services.paging import PagingService
from bot.services.ports import UnitOfWorkFactory
from bot.services.reviews import ReviewDesk
from bot.services.triage import UnansweredQuestions
from bot.settings import Settings
from bot.storage.engine import create_engine, ping
from bot.storage.migrate import upgrade
from bot.storage.spool import FileSpool
from bot.storage.unit_of_work import SqlUnitOfWork

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 256 * 1024
_PAGER_SECONDS = 1.0
_UNANSWERED_SECONDS = 5.0
_STORAGE_RETRY_SECONDS = 5.0


def unit_of_work_factory(engine: Engine) -> UnitOfWorkFactory:
    """Transactions on an engine."""
    return lambda: SqlUnitOfWork(engine)


def build_desk(settings: Settings) -> EscalationDesk:
    """The escalation desk alone, for the actions and the command line."""
    return EscalationDesk(unit_of_work_factory(create_engine(settings.database_url)), utc_now)


def build_reviews(settings: Settings) -> ReviewDesk:
    """The list of borderline messages, for the command line."""
    unit_of_work = unit_of_work_factory(create_engine(settings.database_url))
    return ReviewDesk(unit_of_work, EscalationDesk(unit_of_work, utc_now), utc_now, settings.reviewed_file)


def build_app(settings: Settings) -> web.Application:
    """The gateway: the only public face."""
    app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[errors.errors_middleware])
    app[errors.CLINIC] = settings.clinic
    app[web_channel.TOKENS] = ConversationTokens(settings.secret_key)
    app[web_channel.MAX_CHARACTERS] = settings.max_characters
    app.add_routes([*web_channel.routes(), *health.routes()])
    app.cleanup_ctx.append(lambda app: _parts(app, settings))
    return app


async def _parts(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    """Everything with a start and an end."""
    engine = create_engine(settings.database_url)
    unit_of_work = unit_of_work_factory(engine)
    async with aiohttp.ClientSession() as session:
        desk = EscalationDesk(unit_of_work, utc_now)
        dialogue = RasaDialogue(session, settings.rasa_url, settings.clinic, settings.dialogue_timeout)
        intake = Intake(
            IntakeParts(
                unit_of_work=unit_of_work,
                screen=current_screen(),
                dialogue=dialogue,
                desk=desk,
                spool=FileSpool(settings.data_dir / "spool"),
                clinic=settings.clinic,
                clock=utc_now,
            )
        )
        paging = PagingService(unit_of_work, LogPager(), utc_now, settings.clinic.name)
        app[web_channel.INTAKE] = intake
        app[health.CHECKS] = {
            "screen": _screen_is_complete,
            "database": lambda: asyncio.to_thread(ping, engine),
            "rasa": dialogue.healthy,
            "actions": lambda: _answers(session, f"{settings.actions_url}/health"),
        }
        unanswered = UnansweredQuestions(unit_of_work, desk, utc_now)
        await _try(lambda: upgrade(engine), "upgrade")
        tasks = [
            asyncio.create_task(_repeat(unanswered.tick, _UNANSWERED_SECONDS)),
            asyncio.create_task(_repeat(paging.tick, _PAGER_SECONDS)),
            asyncio.create_task(_look_after_storage(engine, intake)),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    engine.dispose()


async def _screen_is_complete() -> bool:
    return current_screen().is_complete


async def _look_after_storage(engine: Engine, intake: Intake) -> None:
    """Bring the schema up to date, then keep taking in what was spooled."""
    while not await _try(lambda: upgrade(engine), "upgrade"):  # noqa: ASYNC110 - nothing to be told by
        await asyncio.sleep(_STORAGE_RETRY_SECONDS)
    await _repeat(intake.take_in_spooled, _STORAGE_RETRY_SECONDS)


async def _repeat(work: Callable[[], int], seconds: float) -> None:
    while True:
        if not await _try(work, "background"):
            await asyncio.sleep(_STORAGE_RETRY_SECONDS)
        await asyncio.sleep(seconds)


async def _try(work: Callable[[], object], step: str) -> bool:
    try:
        await asyncio.to_thread(work)
    except (StorageUnavailable, SQLAlchemyError) as error:
        log.error("storage_unavailable step=%s error=%s", step, type(error).__name__)
        return False
    except Exception:
        log.exception("worker_failed step=%s", step)
        return False
    return True


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
            return response.status == 200
    return False
