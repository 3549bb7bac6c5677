"""Run the cluster on this machine: two gateways, Rasa servers, action servers and pagers on a PostgreSQL and a Redis of its own.

    python -m tools.cluster [--port 8080] [--folder DIR]

What dies is started again. Ctrl-C stops everything.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from bot.domain.errors import AssistantError
from tools.cluster.cluster import CannotRun, Cluster, Options, cluster


def main() -> int:
    """Start, say where, stay; 1 with a sentence when it did not start."""
    options = _options()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    began = time.monotonic()
    print("cluster: starting …", flush=True)
    try:
        with cluster(Options(first_port=options.port, folder=options.folder)) as running:
            print(f"cluster: ready after {time.monotonic() - began:.0f} s\n{_where(running)}", flush=True)
            stop.wait()
            print("cluster: stopping …", flush=True)
    except (CannotRun, AssistantError) as error:
        print(f"cluster: cannot go on:\n{error}", file=sys.stderr)
        return 1
    print("cluster: stopped")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    port = int(os.environ.get("PORT") or 8080)
    parser.add_argument("--port", type=int, default=port, help="of the first gateway; the second has the next one")
    parser.add_argument("--folder", type=Path, help="for data and logs, which are kept; else all is gone at the end")
    return parser.parse_args()


def _where(running: Cluster) -> str:
    pages = "\n".join(f"  gateway     {url}/" for url in running.urls)
    return f"{pages}\n  data, logs  {running.place.folder}\n  Ctrl-C stops everything"


if __name__ == "__main__":
    sys.exit(main())
