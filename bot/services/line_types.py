"""Which callers can be texted, as far as the provider knows: asked while they listen to the greeting."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, ThreadPoolExecutor

from bot.domain.drill import is_drill_number
from bot.services.telephone_ports import Telephony

_REMEMBERED = 10_000
_HANDS = 4


class LineTypes:
    """Looks numbers up in the background. Nobody waits for it: what is not known yet counts as a mobile."""

    def __init__(self, telephony: Telephony, hands: Executor | None = None) -> None:
        self._telephony = telephony
        self._hands = hands or ThreadPoolExecutor(_HANDS, thread_name_prefix="line-types")
        self._known: dict[str, bool | None] = {}
        self._lock = threading.Lock()

    def look_up(self, number: str) -> None:
        """Ask once for each number, unless it is a drill's."""
        if is_drill_number(number):
            return
        with self._lock:
            if number in self._known:
                return
            self._known[number] = None
            if len(self._known) > _REMEMBERED:
                self._known.pop(next(iter(self._known)))
        self._hands.submit(self._ask, number)

    def takes_texts(self, number: str) -> bool:
        """False for a number that is known to be a landline."""
        return self._known.get(number) is not False

    def close(self) -> None:
        """Nothing more is asked."""
        self._hands.shutdown(wait=False, cancel_futures=True)

    def _ask(self, number: str) -> None:
        takes = self._telephony.takes_texts(number)
        with self._lock:
            self._known[number] = takes
