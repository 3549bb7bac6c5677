"""The systems that are compared. Each predicts a label with a confidence for a text."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import requests

from bot.embedding import default_encoder
from bot.linear_model import LinearModel
from bot.settings import ROOT
from tools.evaluation.data import Question

Prediction = tuple[str, float]


class System(Protocol):
    """Something that labels texts."""

    def predict(self, text: str) -> Prediction: ...


class Ours:
    """Our classifier without Rasa around it, for data that is not this project's."""

    def __init__(self, lines: Sequence[Question], c: float = 30.0, similarity_weight: float = 7.0) -> None:
        vectors = default_encoder().encode_all([line.text for line in lines])
        self._model = LinearModel.fit([q.text for q in lines], vectors, [q.label for q in lines], c)
        self._weight = similarity_weight

    def predict(self, text: str) -> Prediction:
        """The likeliest label."""
        chances = self._model.probabilities(text, default_encoder().encode(text), self._weight)
        best = int(chances.argmax())
        return self._model.labels[best], float(chances[best])


class Nearest:
    """The label of the nearest training line, by the bare embeddings."""

    def __init__(self, lines: Sequence[Question]) -> None:
        self._lines = lines
        self._vectors = default_encoder().encode_all([line.text for line in lines])

    def predict(self, text: str) -> Prediction:
        """Cosine similarity as confidence."""
        similar = self._vectors @ default_encoder().encode(text)
        best = int(similar.argmax())
        return self._lines[best].label, float(similar[best])


class Bm25:
    """The label of the training line that shares the rarest words (Okapi BM25, k1 = 1.5, b = 0.75)."""

    def __init__(self, lines: Sequence[Question]) -> None:
        self._lines = lines
        self._documents = [Counter(line.text.lower().split()) for line in lines]
        self._mean = sum(sum(d.values()) for d in self._documents) / len(lines)
        self._postings: dict[str, list[int]] = defaultdict(list)
        for i, document in enumerate(self._documents):
            for word in document:
                self._postings[word].append(i)

    def predict(self, text: str) -> Prediction:
        """The score as confidence."""
        scores: Counter[int] = Counter()
        for word in text.lower().split():
            owners = self._postings.get(word, [])
            weight = math.log(1 + (len(self._lines) - len(owners) + 0.5) / (len(owners) + 0.5))
            for i in owners:
                count, length = self._documents[i][word], sum(self._documents[i].values())
                scores[i] += weight * count * 2.5 / (count + 1.5 * (0.25 + 0.75 * length / self._mean))  # type: ignore[assignment]
        if not scores:
            return "", 0.0
        best, score = scores.most_common(1)[0]
        return self._lines[best].label, float(score)


@dataclass(frozen=True, slots=True)
class Served:
    """A Rasa server with a model. Times in seconds, memory in MB."""

    url: str
    cold_start: float
    process: int

    def predict(self, text: str) -> Prediction:
        """Intent, or topic of a retrieval intent, with the intent's confidence."""
        parsed = requests.post(f"{self.url}/model/parse", json={"text": text}, timeout=60).json()
        intents = [i for i in (parsed["intent"], *parsed.get("intent_ranking", [])) if i["name"] != "nlu_fallback"]
        name, confidence = intents[0]["name"], float(intents[0]["confidence"])
        topic = parsed.get("response_selector", {}).get(name, {}).get("response", {}).get("intent_response_key")
        if parsed.get("topics"):
            return " + ".join(parsed["topics"]), 1.0
        return topic or name, confidence

    def memory(self) -> float:
        """Resident memory of the server."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def served(model: Path) -> Iterator[Served]:
    """Start a Rasa server with a model, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    argv = [
        sys.executable,
        "-m",
        "rasa",
        "run",
        "--enable-api",
        "--model",
        str(model),
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    process = subprocess.Popen(
        argv, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        while not _up(url):
            if process.poll() is not None:
                raise RuntimeError(f"the server of {model} ended with {process.returncode}")
            time.sleep(0.1)
        yield Served(url, time.monotonic() - began, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _up(url: str) -> bool:
    try:
        return bool(requests.get(f"{url}/status", timeout=2).status_code == 200)
    except requests.ConnectionError:
        return False


def figures(system: System, inside: Sequence[Question], outside: Sequence[Question]) -> dict[str, Any]:
    """Accuracy, strangers caught at 95 % of our own answered, and the time of a message."""
    times: list[float] = []

    def ask(question: Question) -> Prediction:
        began = time.perf_counter()
        prediction = system.predict(question.text)
        times.append((time.perf_counter() - began) * 1e3)
        return prediction

    ask(inside[0])
    own, strangers = [ask(q) for q in inside], [ask(q) for q in outside]
    limit = float(np.quantile([confidence for _, confidence in own], 0.05))
    caught = [not label.startswith("faq/") or confidence < limit for label, confidence in strangers]
    return {
        "accuracy": float(np.mean([q.label in label.split(" + ") for q, (label, _) in zip(inside, own, strict=True)])),
        "caught": float(np.mean(caught)),
        "p50 ms": float(np.percentile(times, 50)),
        "p95 ms": float(np.percentile(times, 95)),
    }
