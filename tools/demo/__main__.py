"""Clinic in a box: python -m tools.demo (make demo).

Starts the product with a telephone company on the loopback address, and a page
with everybody's phones. Nobody outside of this machine is reached.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from bot import moved_clock
from bot.settings import load_settings
from tools.demo.cast import CLINIC_NUMBER
from tools.demo.pages import build_app
from tools.demo.product import Product
from tools.demo.stage import Stage
from tools.telephone_company import TelephoneCompany


async def _run(options: argparse.Namespace, folder: Path) -> int:
    product = Product(folder, options.clinic_port, _free_ports())
    product.prepare()
    moved_clock.follow(product.clock_file)  # the company's own clock, too: it says when texts were sent
    company = TelephoneCompany(CLINIC_NUMBER)
    await company.open()
    company.serves(product.url)
    settings = load_settings(product.environment(company.environment()))
    stage = Stage(company, settings.on_call, settings.clinic.time_zone)
    runner = web.AppRunner(build_app(stage, product), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
        print(f"demo: the phones are on http://127.0.0.1:{options.port}/ ; questions are answered once it says ready")
        return await _until_told(product, company)
    finally:
        await product.stop()
        await runner.cleanup()
        await stage.end()
        await company.close()


async def _until_told(product: Product, company: TelephoneCompany) -> int:
    """The exit status of the product; 0 where it was told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.ensure_future(product.run(company.environment(), lambda line: print(line, flush=True)))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    was_told = stop.is_set()
    stopped.cancel()
    await product.stop()
    status = await running
    return 0 if was_told else status or 1


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def main() -> int:
    """Until it is interrupted; what was written is thrown away unless a folder was named."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=int, default=8090, help="where the page with the phones is")
    parser.add_argument("--clinic-port", type=int, default=8080, help="where the product's gateway is")
    parser.add_argument("--folder", type=Path, help="keep the clinic's file and data here; otherwise they are deleted")
    options = parser.parse_args()
    folder = options.folder.resolve() if options.folder else Path(tempfile.mkdtemp(prefix="clinic-in-a-box-"))
    try:
        return asyncio.run(_run(options, folder))
    except OSError as error:
        print(f"demo: cannot start: {error.strerror or error}; choose other ports with --port and --clinic-port")
        return 1
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
