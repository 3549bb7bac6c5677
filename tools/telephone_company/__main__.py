"""The company in a terminal: text and call your own clinic, and hold the phones of its staff.

    python -m tools.telephone_company --clinic http://127.0.0.1:8080 --number +15550100150 --port 9090

prints the variables to start the clinic with, then takes lines such as

    +15550100142 text can I drive home afterwards
    +15550100142 dial
    +15550100142 press 1              say … | wait | hang up | message …
    +15550100101 answer               decline | ignore | voicemail: a phone that rings
    +15550100142 landline             off | on | stopped: what texts to it meet

Whatever a phone receives or hears is printed as it comes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

from tools.telephone_company.calls import Call
from tools.telephone_company.company import TelephoneCompany
from tools.telephone_company.phones import Phone

_COMMANDS = (
    "text, dial, press, say, wait, hang up, message, answer, decline, ignore, voicemail, landline, off, on, stopped"
)


class Terminal:
    """Turns lines into what somebody does with a phone."""

    def __init__(self, company: TelephoneCompany, show: Callable[[str], None]) -> None:
        self._company = company
        self._show = show
        self._calls: dict[str, Call] = {}
        company.listeners.append(lambda what, number, detail: show(f"{number} {what.replace('_', ' ')}: {detail}"))

    async def do(self, line: str) -> None:
        """One line. What cannot be done is said."""
        number, _, rest = line.strip().partition(" ")
        if not number:
            return
        phone = self._company.phone(number)
        try:
            await self._act(phone, *_command(rest))
        except (AssertionError, LookupError) as error:
            self._show(f"? {error}")
        for problem in self._company.forget_errors():
            self._show(f"! {problem}")

    async def _act(self, phone: Phone, command: str, words: str) -> None:
        """Whatever the command is: with a text, with the call that is on, with the one that rings, with the line."""
        if command == "text":
            delivery = await phone.text(words)
            self._show(f"the clinic answered {delivery.status}")
        elif command == "dial":
            self._calls[phone.number] = await phone.dials(words or None)
        elif command in ("landline", "off", "on", "stopped"):
            phone.line_type = "landline" if command == "landline" else "mobile"
            phone.undelivered_code = 30003 if command == "off" else None
            phone.has_opted_out = command == "stopped"
        elif command in ("answer", "decline", "ignore", "voicemail"):
            await self._pick_up(phone, command)
        else:
            await self._in_call(phone, command, words)

    async def _pick_up(self, phone: Phone, command: str) -> None:
        ringing = await phone.rings()
        if command == "answer":
            self._calls[phone.number] = await ringing.answers()
        else:
            ways = {"decline": ringing.declines, "ignore": ringing.rings_out, "voicemail": ringing.goes_to_voicemail}
            await ways[command]()

    async def _in_call(self, phone: Phone, command: str, words: str) -> None:
        call = self._calls.get(phone.number)
        if call is None:
            raise LookupError(f"{phone.number} is in no call")
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "press": lambda: call.presses(words),
            "say": lambda: call.says(words),
            "wait": call.keeps_silent,
            "hang up": call.hangs_up,
            "message": lambda: call.leaves_message(words),
        }
        if command not in acts:
            raise LookupError(f"{command!r} is none of {_COMMANDS}")
        await acts[command]()


def _command(rest: str) -> tuple[str, str]:
    """The command and its words."""
    if rest.strip() == "hang up":
        return "hang up", ""
    command, _, words = rest.strip().partition(" ")
    return command, words


async def _run(options: argparse.Namespace) -> None:
    company = TelephoneCompany(*options.number, port=options.port)
    await company.open()
    try:
        company.serves(options.clinic, options.public_url)
        print(f"Start the clinic with `telephone: {{numbers: {json.dumps(company.numbers)}}}` in clinic.yml, and with")
        for name, value in {**company.environment(), "PUBLIC_URL": options.public_url or options.clinic}.items():
            print(f"  export {name}={value}")
        terminal = Terminal(company, print)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await terminal.do(line)
    finally:
        await company.close()


def main() -> None:
    """Until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tools.telephone_company", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--clinic", default="http://127.0.0.1:8080", help="where the clinic's gateway is on this machine"
    )
    parser.add_argument("--public-url", default="", help="the clinic's PUBLIC_URL, if it is another")
    parser.add_argument("--number", nargs="+", default=["+15550100150"], help="the clinic's numbers")
    parser.add_argument("--port", type=int, default=9090, help="where the company listens")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
