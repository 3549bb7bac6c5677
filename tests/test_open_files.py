"""A gateway may hold as many connections as its streams need, if the system lets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

# In a process of its own: a limit that is lowered cannot be raised again.
LIMITED = """
import logging, resource
from bot.open_files import allow_connections
logging.basicConfig()
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(allow_connections({streams}))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "streams", "limit", "said"),
    [
        (256, 4096, 2000, 2512, False),
        (256, 1024, 2000, 1024, True),
        (3000, 4096, 2000, 3000, False),
    ],
)
def test_the_limit_is_raised_as_far_as_needed_and_possible(
    soft: int, hard: int, streams: int, limit: int, said: bool
) -> None:
    code = LIMITED.format(soft=soft, hard=hard, streams=streams)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (int(done.stdout), "few_open_files" in done.stderr) == (limit, said)
