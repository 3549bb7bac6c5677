"""What encryption costs: python -m tools.sealing_cost [--messages 2000] [--postgres URL].

Two databases side by side in one run, one with the real sealing and one in
which nothing is encrypted; each message is stored, answered, and read in turn
on both, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy.engine import Engine

from bot.domain.clock import utc_now
from bot.domain.conversation import new_id
from bot.domain.messages import Button, Reply, ReplyKind, Source
from bot.kept_keys import new_data_key
from bot.storage.engine import create_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import Sealer, is_sealed
from bot.storage.unit_of_work import SqlUnitOfWork
from tools.torture.databases import database

_MARK = "sealed:gAAAAA"
_TEXT = "I drove myself home after the last session, is that really such a bad idea if I feel fine by then?"
_REPLY = Reply(
    "Please do not drive until the next day, after a full night of sleep, even if you feel well. Arrange a ride home "
    "before each session: a friend, a relative, or a taxi that somebody else has called for you. " * 2,
    ReplyKind.ANSWER,
    "faq/driving",
    "Do not drive until the next day, after a night of sleep.",
    (Button("Who may drive me?", "Who may drive me home?"), Button("Bicycle", "May I ride a bicycle?")),
    (Source("Patient guide", "After your session"),),
)
_SCREENING: dict[str, object] = {"tier": None, "evidence": [], "bare_answer": False, "chance": 0.0123}
_TURNS = 10


class _Open(Sealer):
    """Marks and does not encrypt."""

    def seal(self, text: str) -> str:
        return _MARK + text

    def open(self, stored: str) -> str:
        return stored.removeprefix(_MARK) if is_sealed(stored) else stored


class _Side:
    """One of the two: its database, and how long each message took."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        upgrade(engine)
        self._engine = engine
        self._sealer = sealer
        self.stored: list[float] = []
        self.read: list[float] = []
        with SqlUnitOfWork(engine, sealer) as uow:
            self._talk = uow.conversations.add("web", utc_now()).id
            uow.commit()

    @property
    def both(self) -> list[float]:
        return [stored + read for stored, read in zip(self.stored, self.read, strict=True)]

    def message(self) -> None:
        """Stored and answered in two transactions, as the gateway does; then the talk so far is read."""
        began = time.perf_counter()
        with SqlUnitOfWork(self._engine, self._sealer) as uow:
            message = uow.messages.add_inbound(self._talk, new_id(), _TEXT, _SCREENING, utc_now())
            uow.commit()
        with SqlUnitOfWork(self._engine, self._sealer) as uow:
            uow.messages.add_replies(message, [_REPLY], utc_now())
            uow.commit()
        stored = time.perf_counter()
        with SqlUnitOfWork(self._engine, self._sealer) as uow:
            assert len(uow.messages.patient_turns(self._talk, _TURNS)) <= _TURNS
            assert uow.messages.replies_to(message.id) == (_REPLY,)
        self.stored.append(stored - began)
        self.read.append(time.perf_counter() - stored)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--postgres", metavar="URL", help="a server to make databases on; SQLite without it")
    options = parser.parse_args()
    keys = (new_data_key(),)
    sealer = Sealer(lambda: keys, b"k" * 32)
    with _engine(options.postgres) as first, _engine(options.postgres) as second:
        sealed, plain = _Side(first, sealer), _Side(second, _Open(lambda: (), b"k" * 32))
        for number in range(options.messages):
            for side in (sealed, plain) if number % 2 else (plain, sealed):
                side.message()
        print(
            f"{options.messages} messages on {first.dialect.name}; milliseconds for each, and the ratio of the medians"
        )
        _print("stored and answered", sealed.stored, plain.stored)
        _print(f"read with {_TURNS} turns", sealed.read, plain.read)
        _print("both", sealed.both, plain.both)
    text = sealer.seal(_TEXT)
    print(
        f"one message: sealed in {_each(lambda: sealer.seal(_TEXT)):.0f} µs, opened in {_each(lambda: sealer.open(text)):.0f} µs"
    )
    print(f"one message of {len(_TEXT)} characters takes {len(text)}")


def _print(name: str, sealed: Sequence[float], plain: Sequence[float]) -> None:
    with_, without = statistics.median(sealed) * 1e3, statistics.median(plain) * 1e3
    print(f"{name:22} sealed {with_:6.2f}  plain {without:6.2f}  ratio {with_ / without:.2f}")


@contextlib.contextmanager
def _engine(server_url: str | None) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), server_url) as made:
        engine = create_engine(made.url)
        yield engine
        engine.dispose()


def _each(work: Callable[[], object], times: int = 5000) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times * 1e6


if __name__ == "__main__":
    main()
