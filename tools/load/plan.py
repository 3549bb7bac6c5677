"""What a run is made of, handed to the load generator as a file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Where the generator finds its plan: it is started by locust and takes no arguments of ours.
PLAN_VARIABLE = "LOAD_PLAN"


@dataclass(frozen=True, slots=True)
class Texts:
    """How texts from patients come in: the clinic's number, the account's token, the address that is signed."""

    clinic_number: str
    token: str
    public_url: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Rates in messages a second, times in seconds.

    `rates` are tried in turn until p95 passes `limit`; then half of the last
    good one. With `flooders` one client more sends as fast as it can, that many
    at a time, in a second part at the same rate.
    """

    urls: tuple[str, ...]
    rates: tuple[float, ...]
    seconds: float
    limit: float
    out: str
    seed: int = 1
    texts: Texts | None = None
    flooders: int = 0

    def write(self, path: Path) -> None:
        """Into a file."""
        path.write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Plan:
        """From a file that `write` wrote."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        texts, urls, rates = (data.pop(name) for name in ("texts", "urls", "rates"))
        return cls(**data, urls=tuple(urls), rates=tuple(rates), texts=Texts(**texts) if texts else None)


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a run: `rate` messages a second from `start` to `end`, in seconds of the run."""

    name: str
    rate: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it began (seconds of the run), what it was, how long it took; `problem` is empty when all was well."""

    at: float
    kind: str
    seconds: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What the generator writes."""

    parts: tuple[Part, ...]
    samples: tuple[Sample, ...]

    def write(self, path: Path) -> None:
        """Into a file."""
        rows = {
            "parts": [dataclasses.astuple(part) for part in self.parts],
            "samples": [dataclasses.astuple(sample) for sample in self.samples],
        }
        path.write_text(json.dumps(rows), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Run:
        """From a file that `write` wrote."""
        rows = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(Part(*row) for row in rows["parts"]), tuple(Sample(*row) for row in rows["samples"]))
