"""How many connections this process may hold."""

from __future__ import annotations

import logging
import resource

log = logging.getLogger(__name__)

# Beside the streams: messages that are being answered, the database, Rasa.
_OTHERS = 512


def allow_connections(streams: int) -> int:
    """Raise this process's own limit as far as so many streams need and the system lets it; returns the limit.

    Many systems begin with 1024 open files, which a gateway with a thousand patients has used up.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = streams + _OTHERS
    if 0 <= soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if 0 <= soft < wanted:
        log.warning(
            "few_open_files limit=%d wanted=%d what_to_do='raise the limit (ulimit -n), or lower STREAMS'", soft, wanted
        )
    return soft
