"""Composition root: the only module that knows concrete classes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.canary import is_canary
from bot.channels import errors, health, staff, twilio_request, updates
from bot.channels import web as web_channel
from bot.dialogue.rasa import RasaDialogue
from bot.dialogue.replicas import Replicas
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import StorageUnavailable, WrongKeys
from bot.domain.links import AcknowledgeLinks
from bot.domain.on_call import Method
from bot.domain.own_keys import shared_secret
from bot.kept_keys import DataKeyFile
from bot.phone_parts import phone_parts
from bot.phone_parts import routes as phone_routes
from bot.safety.joined import current_screen
from bot.senders.apprise import ApprisePager
from bot.senders.dispatch import Dispatcher
from bot.senders.log import LogSender
from bot.services.alarm import Alarm
from bot.services.escalations import EscalationDesk
from bot.services.handling import Handling
from bot.services.intake import Intake, IntakeParts
from bot.services.ladder import Ladder, Timekeeper
from bot.services.notices import Notices
from bot.services.pager_process import PagerProcess, PagerWatch
from bot.services.paging import PageText, PagingParts, PagingService
from bot.services.ports import Pager, UnitOfWorkFactory
from bot.services.reviews import ReviewDesk
from bot.services.triage import UnansweredQuestions
from bot.services.updates import Updates
from bot.settings import Settings
from bot.storage.engine import create_engine, ping
from bot.storage.guard import GuardedUnitsOfWork
from bot.storage.migrate import upgrade
from bot.storage.sealing import Sealer
from bot.storage.spool import FileSpool
from bot.twilio.client import TwilioTelephony
from bot.twilio.signature import Signatures

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 256 * 1024
# A pager that has just been started is given time to say so.
_WATCH_SECONDS = 30.0
_STORAGE_RETRY_SECONDS = 5.0
_READERS = 4


def unit_of_work_factory(engine: Engine, sealer: Sealer) -> UnitOfWorkFactory:
    """Transactions on an engine, with what patients say sealed. Raises WrongKeys instead where the keys are others."""
    return GuardedUnitsOfWork(engine, sealer)


def build_sealer(settings: Settings) -> Sealer:
    """The encryption of what is stored, with the keys as they are at each moment."""
    path, keys = settings.data_keys_file, settings.data_keys
    return Sealer(DataKeyFile(path, keys) if path else lambda: keys, settings.secret_key)


def refuse_wrong_keys(unit_of_work: UnitOfWorkFactory) -> None:
    """Raise WrongKeys now and not at the first message; a database that is away is checked when it is back."""
    try:
        unit_of_work()
    except WrongKeys:
        raise
    except StorageUnavailable:
        log.info("keys_not_checked_yet")


# The ways to reach staff that this version can send to: no `sms:` and `call:` yet.
_SENDERS: Mapping[Method, Callable[[Settings], Pager]] = {
    Method.LOG: lambda _: LogSender(),
    Method.URL: lambda settings: ApprisePager(settings.page_urls),
}
SENT = tuple(_SENDERS)


@dataclass(frozen=True, slots=True)
class House:
    """The use cases on one database, as every process builds them."""

    unit_of_work: UnitOfWorkFactory
    sealer: Sealer
    pager: Pager
    notices: Notices
    ladder: Ladder
    desk: EscalationDesk
    handling: Handling
    reviews: ReviewDesk
    links: AcknowledgeLinks


def build_house(settings: Settings, engine: Engine | None = None) -> House:
    """For the gateway, the pager, the actions and the command line alike."""
    sealer = build_sealer(settings)
    unit_of_work = unit_of_work_factory(engine or create_engine(settings.database_url), sealer)
    notices = Notices(settings.clinic)
    ladder = Ladder(settings.on_call, notices)
    desk = EscalationDesk(unit_of_work, utc_now, ladder)
    return House(
        unit_of_work=unit_of_work,
        sealer=sealer,
        pager=Dispatcher({method: build(settings) for method, build in _SENDERS.items()}),
        notices=notices,
        ladder=ladder,
        desk=desk,
        handling=Handling(unit_of_work, utc_now, settings.on_call, ladder, notices),
        reviews=ReviewDesk(unit_of_work, desk, utc_now, settings.reviewed_file),
        links=AcknowledgeLinks(settings.secret_key, settings.public_url),
    )


def build_pager(settings: Settings) -> PagerProcess:
    """Sends pages and keeps time. Several may run. Raises WrongKeys."""
    house = build_house(settings)
    refuse_wrong_keys(house.unit_of_work)
    text = PageText(settings.clinic, lambda page: house.links.url(page.id, utc_now()))
    paging = PagingService(
        PagingParts(house.unit_of_work, house.pager, utc_now, settings.on_call, house.ladder, house.notices, text)
    )
    timekeeper = Timekeeper(house.unit_of_work, house.ladder, utc_now)
    unanswered = UnansweredQuestions(house.unit_of_work, house.desk, utc_now)
    return PagerProcess(house.unit_of_work, utc_now, (unanswered.tick, timekeeper.tick, paging.tick))


def build_app(settings: Settings) -> web.Application:
    """The gateway: the only public face."""
    app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[errors.errors_middleware])
    app[errors.CLINIC] = settings.clinic
    app[web_channel.ON_CALL] = settings.on_call
    app[web_channel.TOKENS] = ConversationTokens(settings.secret_key)
    app[web_channel.IS_DRILL] = lambda message_id, header: is_canary(settings.secret_key, message_id, header)
    app[web_channel.MAX_CHARACTERS] = settings.max_characters
    app[updates.STOPPING] = asyncio.Event()
    app[updates.READERS] = ThreadPoolExecutor(_READERS, thread_name_prefix="updates")
    app.on_shutdown.append(_stop_streams)
    app.add_routes([*web_channel.routes(), *updates.routes(), *staff.routes(), *health.routes(), *phone_routes()])
    app.cleanup_ctx.append(lambda app: _parts(app, settings))
    return app


async def _parts(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    """Everything with a start and an end."""
    engine = create_engine(settings.database_url)
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as telephone:
        house = build_house(settings, engine)
        unit_of_work = house.unit_of_work
        replicas = Replicas(session, settings.rasa_urls)
        dialogue = RasaDialogue(
            session, replicas, settings.clinic, settings.dialogue_timeout, shared_secret(settings.secret_key)
        )
        intake = Intake(
            IntakeParts(
                unit_of_work=unit_of_work,
                screen=current_screen(),
                dialogue=dialogue,
                desk=house.desk,
                spool=FileSpool(settings.data_dir / "spool", house.sealer),
                clinic=settings.clinic,
                clock=utc_now,
                alarm=Alarm(house.pager, settings.on_call, settings.clinic, utc_now),
            )
        )
        watch = PagerWatch(unit_of_work, utc_now)
        app[web_channel.INTAKE] = intake
        app[updates.UPDATES] = Updates(unit_of_work, settings.on_call)
        app[staff.HANDLING] = house.handling
        app[staff.LINKS] = house.links
        app[health.CHECKS] = {
            "pager": lambda: _not_silent(watch),
            "screen": _screen_is_complete,
            "database": lambda: asyncio.to_thread(ping, engine),
            "rasa": dialogue.healthy,
            "actions": lambda: _answers(session, f"{settings.actions_url}/health"),
        }
        await _try(lambda: upgrade(engine), "upgrade")
        await asyncio.to_thread(refuse_wrong_keys, unit_of_work)
        await telephone.enter_async_context(_telephone(app, settings, house, intake))
        tasks = [
            asyncio.create_task(_watch(watch)),
            asyncio.create_task(_look_after_storage(engine, intake)),
            asyncio.create_task(replicas.watch()),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    app[updates.READERS].shutdown(wait=False, cancel_futures=True)
    engine.dispose()


@contextlib.asynccontextmanager
async def _telephone(app: web.Application, settings: Settings, house: House, intake: Intake) -> AsyncIterator[None]:
    """Calls, for a clinic that has an account."""
    account = settings.telephone.account
    if account is None:
        yield
        return
    app[twilio_request.SIGNATURES] = Signatures(account.tokens, settings.public_url)
    telephony = TwilioTelephony(account, settings.public_url)
    async with phone_parts(app, settings, house.unit_of_work, house.desk, house.handling, intake, telephony):
        yield


async def _stop_streams(app: web.Application) -> None:
    app[updates.STOPPING].set()


async def _not_silent(watch: PagerWatch) -> bool:
    with contextlib.suppress(StorageUnavailable):
        return not await asyncio.to_thread(watch.is_silent)
    return False


async def _screen_is_complete() -> bool:
    return current_screen().is_complete


async def _look_after_storage(engine: Engine, intake: Intake) -> None:
    """Bring the schema up to date, then keep taking in what was spooled."""
    while not await _try(lambda: upgrade(engine), "upgrade"):  # noqa: ASYNC110 - nothing to be told by
        await asyncio.sleep(_STORAGE_RETRY_SECONDS)
    await _repeat(intake.take_in_spooled, _STORAGE_RETRY_SECONDS)


async def _watch(watch: PagerWatch) -> None:
    await asyncio.sleep(_WATCH_SECONDS)
    await _repeat(watch.look, _WATCH_SECONDS)


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


def until_told_to_stop() -> threading.Event:
    """Set by SIGINT and SIGTERM, for processes without an event loop."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
