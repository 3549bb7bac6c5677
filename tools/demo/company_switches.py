"""What the visitor tells the telephone company to do wrong."""

from __future__ import annotations

from typing import Any

from tools.telephone_company import Manner, TelephoneCompany
from tools.telephone_company.phones import Draft
from tools.telephone_company.trouble import Troubles

# Code of Twilio's for a request too many, and for a number that no text may go to.
_TOO_MANY, _BLOCKED = 20429, 21612
_MANNERS = {
    "delay": Manner.DELAY,
    "answer_late": Manner.ANSWER_LATE,
    "hang": Manner.HANG,
    "drop": Manner.DROP,
    "drop_accepted": Manner.DROP_ACCEPTED,
}
TROUBLES = ("refuse", "too_many", *_MANNERS)
_MOST = 50


class Switches:
    """Refuse, delay, hang, repeat, reorder."""

    def __init__(self, company: TelephoneCompany) -> None:
        self._company = company
        self._repeats = False
        self._reorders = False
        self._waiting: list[Draft] = []

    def trouble(self, name: str, times: int) -> None:
        """The next requests of the product meet it. Raises ValueError for what there is not."""
        if name not in TROUBLES or not 1 <= times <= _MOST:
            raise ValueError(f"choose one of {', '.join(TROUBLES)}, for 1 to {_MOST} requests")
        if name == "refuse":
            self._company.will_refuse(_BLOCKED, times=times)
        elif name == "too_many":
            self._company.will_refuse(_TOO_MANY, status=429, times=times)
        else:
            self._company.will(_MANNERS[name], times)

    def calm(self) -> None:
        """No more trouble; whatever waits goes on."""
        before, self._company.troubles = self._company.troubles, Troubles()
        before.release()

    async def set(self, name: str, on: bool) -> None:
        """A switch that stays. Raises ValueError for what there is not."""
        if name == "repeats":
            self._repeats = on
        elif name == "reorders":
            self._reorders = on
            if not on:
                await self._let_go()
        elif name == "loses_receipts":
            self._company.sends_receipts = not on
        else:
            raise ValueError("there is no such switch")

    async def hand_in(self, draft: Draft) -> None:
        """A text on its way to the clinic: at once, twice, or after the next one."""
        if self._reorders:
            self._waiting.append(draft)
            if len(self._waiting) < 2:
                return
            await self._let_go()
            return
        await self._arrive(draft)

    async def _let_go(self) -> None:
        waiting, self._waiting = self._waiting[::-1], []
        for draft in waiting:
            await self._arrive(draft)

    async def _arrive(self, draft: Draft) -> None:
        delivery = await draft.arrives()
        if self._repeats:
            await delivery.again()

    def state(self) -> dict[str, Any]:
        """As the page shows them."""
        return {
            "left": self._company.troubles.left,
            "repeats": self._repeats,
            "reorders": self._reorders,
            "waiting": len(self._waiting),
            "loses_receipts": not self._company.sends_receipts,
        }
