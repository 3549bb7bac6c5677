"""Everything that `make run` does, in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import socket
import sys
import time
import uuid
from pathlib import Path

import aiohttp
import yaml

from bot.app import build_office
from bot.dialogue.rasa import RasaDialogue
from bot.dialogue.replicas import Replicas
from bot.domain.errors import AssistantError, ConfigurationError, DialogueUnavailable, StorageUnavailable
from bot.domain.messages import ReplyKind
from bot.domain.own_keys import SECRET_HEADER, shared_secret
from bot.safety.joined import MODEL_VARIABLE
from bot.settings import ROOT, Settings
from bot.supervise.child import Child, Program
from bot.supervise.first_account import first_account
from bot.supervise.progress import say
from bot.supervise.training import model_path, screen_model_path, train, train_screen

_MIN_FREE_BYTES = 300 * 1024 * 1024
_READY_SECONDS = 300
_QUESTION = "How long does one ketamine session last?"
# Children that import Rasa: quiet, offline, on the loopback address.
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SANIC_HOST": "127.0.0.1",
    "PYTHONUNBUFFERED": "1",
    # A message's matrices are small: threads that wait for each other double the time it takes.
    "OPENBLAS_NUM_THREADS": "1",
}


class NotReady(AssistantError):
    """The servers run, but no question was answered in time."""


async def serve(settings: Settings) -> None:
    """Start everything and stay until SIGINT or SIGTERM; raises AssistantError."""
    _check_machine(settings)
    os.environ.update(ENVIRONMENT)
    stop = _stop_event()
    children: list[Child] = []
    async with contextlib.AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        stack.push_async_callback(_stop_all, children)
        starting = tasks.create_task(_start(settings, children, tasks))
        stopped = tasks.create_task(stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            starting.cancel()
        await stopped


async def _start(settings: Settings, children: list[Child], tasks: asyncio.TaskGroup) -> None:
    began = time.monotonic()
    # The gateway first: a severe report is taken in while the rest is starting.
    # Until the learned reader is trained, the screen reads with its rules alone.
    screen = screen_model_path(settings)
    os.environ[MODEL_VARIABLE] = str(screen)
    _launch(gateway_program(), children, tasks)
    _launch(pager_program(), children, tasks)
    if not screen.exists():
        await train_screen(settings)
    model = model_path(settings.models_dir, settings.clinic)
    if model.exists():
        say(f"model {model.name} fits the training data, no training needed")
    else:
        await train(settings)
    say("starting Rasa and the action server …")
    _launch(actions_program(settings), children, tasks)
    _launch(rasa_program(settings, model), children, tasks)
    await _until_a_question_is_answered(settings)
    say(f"ready after {time.monotonic() - began:.0f} s\n{_where(settings)}")
    await _say_first_account(settings)
    if settings.canary_hours:
        await _drills(settings)


async def _say_first_account(settings: Settings) -> None:
    try:
        text = await asyncio.to_thread(lambda: first_account(settings, build_office(settings)))
    except StorageUnavailable as error:
        text = f"no first account for the staff console: {error}"
    if text:
        say(text)


def _launch(program: Program, children: list[Child], tasks: asyncio.TaskGroup) -> None:
    child = Child(program)
    children.append(child)
    tasks.create_task(child.run())


async def _stop_all(children: list[Child]) -> None:
    say("stopping …")
    await asyncio.gather(*(child.stop() for child in children))
    say("stopped")


def gateway_program() -> Program:
    """The gateway alone."""
    return Program("gateway", (sys.executable, "-m", "bot", "gateway"))


def pager_program() -> Program:
    """The pager alone."""
    return Program("pager", (sys.executable, "-m", "bot", "pager"))


def actions_program(settings: Settings) -> Program:
    """The action server."""
    argv = (sys.executable, "-m", "bot.talks.actions_server")
    return Program("actions", argv, log_file=settings.data_dir / "logs" / "actions.log")


def rasa_program(settings: Settings, model: Path) -> Program:
    """The Rasa server; writes its endpoints file into DATA_DIR, which must be there."""
    argv = (
        sys.executable, "-m", "rasa", "run", "--model", str(model),
        "--endpoints", str(_endpoints(settings)), "--credentials", str(ROOT / "credentials.yml"),
        "--interface", settings.internal_host, "--port", str(settings.rasa_port),
    )  # fmt: skip
    return Program("rasa", argv, log_file=settings.data_dir / "logs" / "rasa.log")


def _endpoints(settings: Settings) -> Path:
    """`endpoints.yml` with what the settings say."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"] = {
        "url": f"{settings.actions_url}/webhook",
        "headers": {SECRET_HEADER: shared_secret(settings.secret_key)},
    }
    if settings.redis_url:
        endpoints["lock_store"] = {"type": "bot.talks.lock_store.AtomicRedisLockStore"}
    path = settings.data_dir / f"endpoints-{settings.rasa_port}.yml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


def run_in_place(program: Program) -> None:
    """Become a program: for machines and containers that run one process each. Does not return."""
    os.environ.update(ENVIRONMENT)
    os.execv(program.argv[0], list(program.argv))  # noqa: S606 - our own command line, no shell


def rasa_alone(settings: Settings) -> Program:
    """The Rasa server for `python -m bot rasa`. Raises NotReady without a trained model."""
    model = model_path(settings.models_dir, settings.clinic)
    if not model.exists():
        raise NotReady(f"there is no model for the present inputs in {settings.models_dir}; run: python -m bot train")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return rasa_program(settings, model)


async def _drills(settings: Settings) -> None:
    """Try the whole way from a report to an acknowledgement, again and again, until cancelled."""
    while True:
        if problem := await _drill():
            say(f"THE DRILL FAILED: staff may not be reached\n{problem}")
        await asyncio.sleep(settings.canary_hours * 3600)


async def _drill() -> str | None:
    """What one drill says, where it fails."""
    try:
        drill = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "canary", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError as error:  # a machine that is too full for a drill still serves
        return str(error)
    try:
        output, _ = await drill.communicate()
    finally:
        if drill.returncode is None:
            drill.kill()
            await drill.wait()
    return output.decode(errors="replace") if drill.returncode else None


async def _until_a_question_is_answered(settings: Settings) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    async with aiohttp.ClientSession() as session:
        replicas = Replicas(session, [settings.rasa_url])
        dialogue = RasaDialogue(
            session, replicas, settings.clinic, settings.dialogue_timeout, shared_secret(settings.secret_key)
        )
        while time.monotonic() < deadline:
            if await _ready(session, settings) and await _answers(dialogue):
                return
            await asyncio.sleep(0.5)
    raise NotReady(f"no question was answered within {_READY_SECONDS} s; look into {settings.data_dir / 'logs'}")


async def _ready(session: aiohttp.ClientSession, settings: Settings) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with session.get(settings.own_url + "/readyz", timeout=aiohttp.ClientTimeout(total=5)) as response:
            return response.status == 200
    return False


async def _answers(dialogue: RasaDialogue) -> bool:
    with contextlib.suppress(DialogueUnavailable):
        replies = await dialogue.ask(f"start-{uuid.uuid4().hex}", _QUESTION, uuid.uuid4().hex)
        return any(reply.kind is ReplyKind.ANSWER for reply in replies)
    return False


def _check_machine(settings: Settings) -> None:
    """What would fail later with a worse message."""
    problems = []
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free
        if free < _MIN_FREE_BYTES:
            problems.append(
                f"only {free // 2**20} MB are free on the disk of {settings.data_dir}; "
                f"{_MIN_FREE_BYTES // 2**20} MB are needed. Free some, or set DATA_DIR to another disk"
            )
    except OSError as error:
        problems.append(f"DATA_DIR {settings.data_dir} cannot be used: {error.strerror}")
    for name, host, port in (
        ("PORT", settings.host, settings.port),
        ("RASA_PORT", "127.0.0.1", settings.rasa_port),
        ("ACTIONS_PORT", "127.0.0.1", settings.actions_port),
    ):
        if problem := _bind_problem(host, port, name):
            problems.append(problem)
    if problems:
        raise ConfigurationError(problems)


def _bind_problem(host: str, port: int, name: str) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} on {host} is in use; stop what uses it or set {name} to another port"
            return (
                f"cannot listen on {host} port {port}: {error.strerror}; set HOST and {name} to what this machine has"
            )
    return None


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _where(settings: Settings) -> str:
    return (
        f"  page        {settings.own_url}/\n"
        f"  staff       {settings.own_url}/staff   (docs/console.md)\n"
        f"  chat API    {settings.own_url}/api/chat/messages   (docs/api.md)\n"
        f"  health      {settings.own_url}/readyz\n"
        f"  data, logs  {settings.data_dir}\n"
        f"  Ctrl-C stops everything"
    )
