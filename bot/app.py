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
from pathlib import Path

import aiohttp
from aiohttp import web
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.canary import is_canary
from bot.channels import (
    address,
    body,
    element,
    errors,
    health,
    observing,
    pages,
    sites,
    sms,
    staff,
    staff_calls,
    streams,
    twilio_request,
    updates,
    widget_api,
)
from bot.channels import web as web_channel
from bot.console import desk_parts, site
from bot.console.routing import public
from bot.dialogue.rasa import RasaDialogue
from bot.dialogue.replicas import Replicas
from bot.domain.clock import utc_now
from bot.domain.conversation import ConversationTokens
from bot.domain.errors import StorageUnavailable, WrongKeys
from bot.domain.links import AcknowledgeLinks
from bot.domain.on_call import Method
from bot.domain.own_keys import shared_secret
from bot.kept_keys import DataKeyFile
from bot.metrics import Metrics
from bot.phone_parts import phone_parts
from bot.phone_parts import routes as phone_routes
from bot.probe import PAGER_SIGN
from bot.safety.joined import current_screen
from bot.scrape import Scrape
from bot.senders.apprise import ApprisePager
from bot.senders.dispatch import Dispatcher
from bot.senders.log import LogSender
from bot.senders.telephone import CallSender, SmsSender
from bot.services.accounts import AccountDesk
from bot.services.alarm import Alarm
from bot.services.audit import AuditDesk
from bot.services.cases import CaseDesk
from bot.services.chores import Chores
from bot.services.escalations import EscalationDesk
from bot.services.feedback import FeedbackBox
from bot.services.forgetting import Forgetter
from bot.services.handling import Handling
from bot.services.incident import IncidentDesk
from bot.services.intake import Intake, IntakeParts
from bot.services.ladder import Ladder, Timekeeper
from bot.services.live import Changes, Nudges
from bot.services.measures import TimedDialogue, TimedScreen
from bot.services.notices import Notices
from bot.services.overview import OverviewDesk
from bot.services.page_calls import PageCalls
from bot.services.pager_process import PagerProcess, PagerWatch
from bot.services.paging import PageText, PagingParts, PagingService
from bot.services.passwords import Argon2Hasher
from bot.services.ports import Pager, UnitOfWorkFactory
from bot.services.purging import Memory, Purge
from bot.services.questions import QuestionDesk
from bot.services.queue import QueueDesk
from bot.services.receipts import Receipts
from bot.services.reviews import ReviewDesk
from bot.services.sending import SendingParts, SendingService
from bot.services.sessions import SessionDesk
from bot.services.sign_in import SignIn
from bot.services.staff_keys import StaffKeys
from bot.services.staff_texts import StaffTexts
from bot.services.telephone_ports import Telephony
from bot.services.text_exchange import late_exchange
from bot.services.texted import TextTriage
from bot.services.texting import Texting, TextingParts
from bot.services.triage import UnansweredQuestions
from bot.services.turns import LocalTurns
from bot.services.undelivered import Undelivered
from bot.services.updates import Updates
from bot.services.writing import PatientWriting
from bot.settings import Settings
from bot.storage.engine import create_engine, ping
from bot.storage.guard import GuardedUnitsOfWork
from bot.storage.migrate import upgrade
from bot.storage.redis_turns import RedisTurns, connect
from bot.storage.sealing import Sealer
from bot.storage.spool import FileSpool
from bot.storage.talks import Talks, talks_engine
from bot.twilio import paths
from bot.twilio.client import TwilioTelephony
from bot.twilio.signature import Signatures

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 256 * 1024
# A pager that has just been started is given time to say so.
_WATCH_SECONDS = 30.0
_STORAGE_RETRY_SECONDS = 5.0
_READERS = 4
_FORGOTTEN_SECONDS = 15.0
# For texts whose answer is underway when the gateway is stopped.
_SECONDS_TO_FINISH = 10.0


def unit_of_work_factory(
    engine: Engine, sealer: Sealer, on_change: Callable[[], None] | None = None
) -> GuardedUnitsOfWork:
    """Transactions on an engine, with what patients say sealed. Raises WrongKeys instead where the keys are others.

    `on_change` hears of each that changed what others follow.
    """
    return GuardedUnitsOfWork(engine, sealer, on_change)


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


def build_telephony(settings: Settings) -> Telephony | None:
    """The telephone provider; None where the clinic has no account."""
    account = settings.telephone.account
    return TwilioTelephony(account, settings.public_url) if account else None


def _senders(settings: Settings, telephony: Telephony | None) -> Mapping[Method, Pager]:
    """The ways to reach staff that there are."""
    senders: dict[Method, Pager] = {Method.LOG: LogSender(), Method.URL: ApprisePager(settings.page_urls)}
    if telephony is None:
        return senders
    number = settings.telephone.numbers[0].number
    return {**senders, Method.SMS: SmsSender(telephony, number), Method.CALL: CallSender(telephony, number)}


def sent_methods(settings: Settings) -> tuple[Method, ...]:
    """The methods of contacts that pages can be sent to."""
    return tuple(Method) if settings.telephone.account else (Method.LOG, Method.URL)


@dataclass(frozen=True, slots=True)
class House:
    """The use cases on one database, as every process builds them."""

    unit_of_work: UnitOfWorkFactory
    # Transactions that only read, and wait for no writer.
    readers: UnitOfWorkFactory
    sealer: Sealer
    pager: Pager
    notices: Notices
    ladder: Ladder
    desk: EscalationDesk
    handling: Handling
    reviews: ReviewDesk
    links: AcknowledgeLinks
    telephony: Telephony | None
    page_calls: PageCalls
    staff_texts: StaffTexts
    text_triage: TextTriage
    undelivered: Undelivered


def build_house(settings: Settings, engine: Engine | None = None, on_change: Callable[[], None] | None = None) -> House:
    """For the gateway, the pager, the actions and the command line alike."""
    sealer = build_sealer(settings)
    unit_of_work = unit_of_work_factory(engine or create_engine(settings.database_url), sealer, on_change)
    notices = Notices(settings.clinic)
    ladder = Ladder(settings.on_call, notices)
    desk = EscalationDesk(unit_of_work, utc_now, ladder)
    handling = Handling(unit_of_work, utc_now, settings.on_call, ladder, notices)
    telephony = build_telephony(settings)
    return House(
        unit_of_work=unit_of_work,
        readers=unit_of_work.reader,
        sealer=sealer,
        pager=Dispatcher(_senders(settings, telephony)),
        notices=notices,
        ladder=ladder,
        desk=desk,
        handling=handling,
        reviews=ReviewDesk(unit_of_work, desk, utc_now, settings.reviewed_file),
        links=AcknowledgeLinks(settings.secret_key, settings.public_url),
        telephony=telephony,
        page_calls=PageCalls(unit_of_work, utc_now, settings.on_call, handling, ladder),
        staff_texts=StaffTexts(settings.on_call, handling),
        text_triage=TextTriage(settings.clinic, desk),
        undelivered=Undelivered(desk),
    )


@dataclass(frozen=True, slots=True)
class Office:
    """The use cases around staff accounts, on one database."""

    accounts: AccountDesk
    sessions: SessionDesk
    sign_in: SignIn
    audit: AuditDesk


def build_office(settings: Settings, engine: Engine | None = None) -> Office:
    """For the console and the command line alike."""
    unit_of_work = unit_of_work_factory(engine or create_engine(settings.database_url), build_sealer(settings))
    hasher, keys = Argon2Hasher(), StaffKeys(settings.secret_key)
    return Office(
        accounts=AccountDesk(unit_of_work, utc_now, hasher, keys, settings.on_call.people),
        sessions=SessionDesk(unit_of_work, unit_of_work.reader, utc_now, settings.sign_in),
        sign_in=SignIn(unit_of_work, utc_now, settings.sign_in, keys, hasher),
        audit=AuditDesk(unit_of_work, unit_of_work.reader, utc_now),
    )


def build_desk(settings: Settings, house: House) -> desk_parts.Desk:
    """What staff work with in the console."""
    return desk_parts.Desk(
        queue=QueueDesk(house.readers, settings.on_call, utc_now),
        cases=CaseDesk(house.unit_of_work, house.readers, settings.on_call, utc_now),
        handling=house.handling,
        reviews=house.reviews,
        questions=QuestionDesk(house.unit_of_work, utc_now),
        incidents=build_incidents(settings, house),
        overview=OverviewDesk(house.readers, settings.clinic),
        canned=settings.canned_replies,
    )


def build_incidents(settings: Settings, house: House) -> IncidentDesk:
    """Makes packets, for the console and the command line alike."""
    return IncidentDesk(house.unit_of_work, settings.on_call, settings.clinic, utc_now, settings.secret_key)


def build_forgetter(settings: Settings, house: House) -> Forgetter:
    """Deletes talks, with what Rasa remembers of them."""
    return Forgetter(house.unit_of_work, utc_now, _memory(settings, house).forget)


def build_purge(settings: Settings, house: House) -> Purge:
    """Deletes what is kept no longer."""
    return Purge(house.unit_of_work, settings.retention, utc_now, _memory(settings, house))


def _memory(settings: Settings, house: House) -> Memory:
    """What Rasa remembers of talks."""
    talks = Talks(talks_engine(settings.database_url), house.sealer)

    def ready(work: Callable[[], int]) -> int:
        try:
            talks.prepare()
            return work()
        except SQLAlchemyError as error:
            raise StorageUnavailable(type(error).__name__) from None

    return Memory(
        forget=lambda conversation_id: ready(lambda: talks.forget(conversation_id)),
        forget_before=lambda moment, limit: ready(lambda: talks.forget_before(moment, limit)),
    )


def build_pager(settings: Settings) -> PagerProcess:
    """Sends pages and keeps time. Several may run. Raises WrongKeys."""
    house = build_house(settings)
    refuse_wrong_keys(house.unit_of_work)
    text = PageText(settings.clinic, house.links)
    paging = PagingService(
        PagingParts(house.unit_of_work, house.pager, utc_now, settings.on_call, house.ladder, house.notices, text)
    )
    timekeeper = Timekeeper(house.unit_of_work, house.ladder, utc_now)
    unanswered = UnansweredQuestions(house.unit_of_work, house.desk, utc_now)
    chores = Chores(house.unit_of_work, build_forgetter(settings, house), utc_now)
    alive = settings.data_dir / PAGER_SIGN
    work = [lambda: _sign(alive), unanswered.tick, timekeeper.tick, paging.tick, chores.tick]
    work.append(build_purge(settings, house).tick)
    if house.telephony is not None:
        work.append(_sending(settings, house, house.telephony).tick)
    return PagerProcess(house.unit_of_work, utc_now, work)


def _sending(settings: Settings, house: House, telephony: Telephony) -> SendingService:
    """Texts to patients leave beside the pages."""
    parts = SendingParts(
        house.unit_of_work, telephony, settings.telephone, house.undelivered, utc_now, paths.text_status
    )
    return SendingService(parts)


def _sign(path: Path) -> int:
    """For `bot.probe`: a pager that hangs is started again. A full disk stops no page."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return 0


def build_app(settings: Settings) -> web.Application:
    """The gateway: the only public face."""
    middlewares = [errors.errors_middleware, sites.sites_middleware]
    app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=middlewares)
    observing.observe(app)
    metrics = app[observing.MEASURES] = Metrics()
    app[observing.METRICS_TOKEN] = settings.metrics_token
    app[errors.CLINIC] = settings.clinic
    app[body.TOKENS] = ConversationTokens(settings.secret_key)
    app[address.PROXIES] = settings.trusted_proxies
    app[sites.SITES] = sites.Sites(settings.widget.sites, settings.public_url)
    app[streams.PLACES] = streams.Places(settings.streams, settings.streams_per_address)
    app[element.ELEMENT] = element.Element(settings.clinic, settings.max_characters)
    app[web_channel.IS_DRILL] = lambda message_id, header: is_canary(settings.secret_key, message_id, header)
    app[web_channel.MAX_CHARACTERS] = settings.max_characters
    app[updates.STOPPING] = asyncio.Event()
    app[updates.READERS] = ThreadPoolExecutor(_READERS, thread_name_prefix="updates")
    app.on_shutdown.append(_stop_streams)
    if (account := settings.telephone.account) is not None:
        app[twilio_request.SIGNATURES] = Signatures(account.tokens, settings.public_url)
    app[sms.TELEPHONE] = settings.telephone
    app[sms.PUBLIC_URL] = settings.public_url
    app.on_response_prepare.append(sites.allow_sites)
    for channel in (web_channel, updates, widget_api, pages, staff, staff_calls, sms, health, observing):
        app.add_routes(channel.routes())
    app.add_routes(phone_routes())
    engine = create_engine(settings.database_url)
    app.cleanup_ctx.append(lambda app: _parts(app, settings, engine, metrics))
    _add_console(app, settings, engine)
    return app


def _add_console(app: web.Application, settings: Settings, engine: Engine) -> None:
    office = build_office(settings, engine)
    console = site.Console(
        clinic=settings.clinic,
        on_call=settings.on_call,
        clock=utc_now,
        idle=settings.sign_in.idle,
        public_url=settings.public_url,
        secret_key=settings.secret_key,
        provider=settings.provider,
        proxies=settings.trusted_proxies,
        accounts=office.accounts,
        sessions=office.sessions,
        sign_in=office.sign_in,
        audit=office.audit,
    )
    page_links = [public(route.method, route.path, route.handler) for route in staff.routes()]
    site.add_to(app, console, served_elsewhere=page_links)


async def _parts(app: web.Application, settings: Settings, engine: Engine, metrics: Metrics) -> AsyncIterator[None]:
    """Everything with a start and an end."""
    nudges = Nudges()
    spool = settings.data_dir / "spool"
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as telephone:
        house = build_house(settings, engine, nudges.nudge)
        unit_of_work, readers = house.unit_of_work, house.readers
        replicas = Replicas(session, settings.rasa_urls)
        dialogue = RasaDialogue(
            session, replicas, settings.clinic, settings.dialogue_timeout, shared_secret(settings.secret_key)
        )
        intake = Intake(
            IntakeParts(
                unit_of_work=unit_of_work,
                screen=TimedScreen(current_screen(), metrics),
                dialogue=TimedDialogue(dialogue, metrics),
                desk=house.desk,
                spool=FileSpool(spool, house.sealer),
                clinic=settings.clinic,
                clock=utc_now,
                alarm=Alarm(house.pager, settings.on_call, settings.clinic, utc_now),
                readers=readers,
                late=lambda inbound: late_exchange(house.text_triage, settings.clinic, inbound),
                measures=metrics,
                turns=RedisTurns(connect(settings.redis_url), settings.secret_key)
                if settings.redis_url
                else LocalTurns(),
            )
        )
        texting = Texting(
            TextingParts(
                unit_of_work=unit_of_work,
                intake=intake,
                triage=house.text_triage,
                clinic=settings.clinic,
                clock=utc_now,
                staff=house.staff_texts.take,
            )
        )
        scrape = Scrape(metrics, engine, replicas, lambda: current_screen().is_complete, spool)
        watch = PagerWatch(readers, utc_now)
        changes = app[updates.CHANGES] = Changes(readers, nudges)
        app[web_channel.INTAKE] = intake
        app[observing.SCRAPE] = scrape
        app[updates.UPDATES] = Updates(readers, settings.on_call, utc_now)
        app[widget_api.FEEDBACK] = FeedbackBox(unit_of_work, utc_now)
        app[widget_api.FORGETTER] = build_forgetter(settings, house)
        app[widget_api.WRITING] = PatientWriting(unit_of_work, readers, utc_now)
        app[staff.HANDLING] = house.handling
        app[staff.LINKS] = house.links
        app[staff_calls.PAGE_CALLS] = house.page_calls
        app[sms.TEXTING] = texting
        app[sms.RECEIPTS] = Receipts(unit_of_work, house.undelivered, utc_now)
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
            asyncio.create_task(changes.run()),
            asyncio.create_task(_look_after_storage(engine, intake)),
            asyncio.create_task(replicas.watch()),
            # The readers load at their first text: a second that no patient should wait for.
            asyncio.create_task(asyncio.to_thread(current_screen(), "Hello.", ())),
            asyncio.create_task(_answer_forgotten(texting)),
            asyncio.create_task(site.open_desk(app, build_desk(settings, house), changes)),
        ]
        yield
        await texting.finish(_SECONDS_TO_FINISH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    scrape.close()
    app[updates.READERS].shutdown(wait=False, cancel_futures=True)
    engine.dispose()


@contextlib.asynccontextmanager
async def _telephone(app: web.Application, settings: Settings, house: House, intake: Intake) -> AsyncIterator[None]:
    """Calls, for a clinic that has an account."""
    account = settings.telephone.account
    if account is None:
        yield
        return
    telephony = TwilioTelephony(account, settings.public_url)
    async with phone_parts(app, settings, house.unit_of_work, house.desk, house.handling, intake, telephony):
        yield


async def _stop_streams(app: web.Application) -> None:
    app[updates.STOPPING].set()
    site.close_desk(app)
    app[updates.CHANGES].wake()


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


async def _answer_forgotten(texting: Texting) -> None:
    """Texts that another gateway took in before it died."""
    while True:
        await asyncio.sleep(_FORGOTTEN_SECONDS)
        try:
            await texting.answer_forgotten()
        except StorageUnavailable as error:
            log.error("storage_unavailable step=forgotten_texts error=%s", type(error).__name__)
        except Exception:
            log.exception("worker_failed step=forgotten_texts")


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
