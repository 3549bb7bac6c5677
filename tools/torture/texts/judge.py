"""What arrived on the phones, held against what was texted: is anything lost, twice, or out of order?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tools.telephone_company.texts import TextMessage
from tools.torture.texts.crowd import Fate, Sent

_TOKEN = re.compile(r"Answer to: .*\b(T\d{5})\b")
_GREETING = "automated assistant"
# The company did not hear the answer: it comes when it is asked for again, or when the outbox has looked.
_LATE = (Fate.ANSWER_LOST, Fate.ANSWER_LOST_FOR_GOOD)


def answers(texts: Iterable[TextMessage]) -> dict[str, list[str]]:
    """By patient, the questions that the texts on the phone answer, in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for text in texts:
        if text.direction != "inbound" and (token := _TOKEN.search(text.body)):
            found[text.to].append(token[1])
    return found


def greetings(texts: Iterable[TextMessage]) -> Counter[str]:
    """How often each patient was told who we are."""
    return Counter(text.to for text in texts if text.direction != "inbound" and _GREETING in text.body)


def missing(sent: Sequence[Sent], texts: Sequence[TextMessage]) -> set[str]:
    """Questions that nobody has answered yet, not even with the numbers to call."""
    given = {token for tokens in answers(texts).values() for token in tokens}
    return {each.token for each in sent if not each.is_put_off} - given


def figures(sent: Sequence[Sent], texts: Sequence[TextMessage]) -> dict[str, Any]:
    """What came of a run."""
    got = answers(texts)
    counted = Counter(token for tokens in got.values() for token in tokens)
    greeted = greetings(texts)
    numbers = {each.number for each in sent}
    return {
        "texts": len(sent),
        "patients": len(numbers),
        "deliveries of webhooks": sum(each.deliveries for each in sent),
        "fates": {fate.value: sum(each.fate is fate for each in sent) for fate in Fate},
        "put off: the database did not answer in time": sum(each.is_put_off for each in sent),
        "lost": len(missing(sent, texts)),
        "answered twice": sum(count > 1 for count in counted.values()),
        "greeted twice": sum(count > 1 for count in greeted.values()),
        "never greeted": len(numbers - set(greeted)),
        "patients answered out of order": len(out_of_order(sent, got)),
        "answers that nobody asked for": len(set(counted) - {each.token for each in sent}),
        "webhooks that were refused": sum(status != 200 for each in sent for status in each.statuses),
        "seconds to the answer of a webhook": _spread([second for each in sent for second in each.seconds]),
    }


def out_of_order(sent: Sequence[Sent], got: Mapping[str, Sequence[str]]) -> list[str]:
    """Patients whose answers came in another order than their texts, as far as the company heard us at once."""
    by_patient: defaultdict[str, list[Sent]] = defaultdict(list)
    for each in sorted(sent, key=lambda each: each.begun_at):
        if each.fate not in _LATE:
            by_patient[each.number].append(each)
    return [number for number, texts in by_patient.items() if not _in_order(texts, got.get(number, ()))]


def _in_order(texts: Sequence[Sent], got: Sequence[str]) -> bool:
    asked = [each.token for each in texts]
    first = {token: place for place, token in reversed(list(enumerate(got)))}
    places = [first[token] for token in asked if token in first]
    return places == sorted(places)


def failures(found: Mapping[str, Any]) -> list[str]:
    """What must not be."""
    must_be_none = (
        "lost", "answered twice", "greeted twice", "never greeted", "patients answered out of order",
        "answers that nobody asked for",
    )  # fmt: skip
    return [f"{name}: {found[name]}" for name in must_be_none if found[name]]


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {f"p{share}": round(float(np.percentile(seconds, share)), 3) for share in (50, 95, 99, 100)}
