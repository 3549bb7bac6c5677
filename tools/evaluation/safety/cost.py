"""Memory and load time of the screen, in a process that does nothing else.

python -m tools.evaluation.safety.cost MODEL
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

# Not from bot.settings: what that imports would not be measured.
_ROOT = Path(__file__).parents[3]
# Any message: what is loaded on first use is loaded then.
_FIRST = "I can't breathe"
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds until the first message is read (by the clock and of CPU, imports included), and memory in MB."""

    seconds: float
    cpu_seconds: float
    added_megabytes: float
    process_megabytes: float


def measure(model: Path) -> Cost:
    """Load the screen in a new process and read one message. Raises CalledProcessError."""
    arguments = [sys.executable, "-m", __name__, str(model)]
    done = subprocess.run(arguments, cwd=_ROOT, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout))


def _measured_here(model: Path) -> Cost:
    before, began, cpu = _megabytes(), time.perf_counter(), time.process_time()
    # Imported here: the imports are part of what it takes.
    from bot.safety.joined import JoinedScreen
    from bot.safety.screen import default_screen

    JoinedScreen(default_screen(), model)(_FIRST)
    seconds, cpu_seconds, after = time.perf_counter() - began, time.process_time() - cpu, _megabytes()
    return Cost(round(seconds, 2), round(cpu_seconds, 2), round(after - before), round(after))


def _megabytes() -> float:
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    print(json.dumps(asdict(_measured_here(Path(sys.argv[1])))))
