"""Looks at processes through /proc."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

_LISTENING = "0A"


def listener(port: int) -> int | None:
    """The process that listens on a port of the loopback address."""
    inodes = {f"socket:[{inode}]" for inode in _listening_sockets(port)}
    return next((pid for pid in _pids() if inodes & set(_open_files(pid))), None)


def descendants(pid: int) -> set[int]:
    """Children, and their children."""
    parents = {child: parent for child in _pids() if (parent := _parent(child)) is not None}
    found: set[int] = set()
    while added := {child for child, parent in parents.items() if parent in {pid, *found}} - found:
        found |= added
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run; one that has ended but was not waited for does not."""
    return {pid for pid in pids if _stat(pid)[0] not in ("", "Z", "X")}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _listening_sockets(port: int) -> Iterator[str]:
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _open_files(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(path.readlink())


def _parent(pid: int) -> int | None:
    state, parent = _stat(pid)
    return int(parent) if state else None


def _stat(pid: int) -> tuple[str, str]:
    """State and parent; empty for a process that is gone."""
    with contextlib.suppress(OSError):
        # The name, in parentheses, may hold anything; what follows it may not.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return fields[0], fields[1]
    return "", ""
