"""A text from somebody on call that holds a reference: they take that report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.errors import AlreadyTaken, IllegalMove, NotFound, StorageUnavailable
from bot.domain.escalation import REFERENCE_LENGTH, SAYABLE
from bot.domain.on_call import Method, OnCall, Person
from bot.services.handling import Handling

WAY = "sms"
_WORD = re.compile(r"[A-Z0-9]+")
_VERB = re.compile(r"\W*(?:I(?:'LL|’LL| WILL)? )?(?:TAKE|TAKING|ACK|ACKNOWLEDGE)\b")
# A text of more words is a patient's: none of them is looked up.
_MOST_WORDS = 40


class StaffTexts:
    """Reads a text before it is taken for a patient's."""

    def __init__(self, on_call: OnCall, handling: Handling) -> None:
        self._on_call = on_call
        self._handling = handling

    def take(self, number: str, text: str) -> str | None:
        """What to text back; None if this is no one on call, or the text names no report: then it is a patient's.

        Anybody of the on-call list may take any report. Any case, with spaces or
        dashes inside, with words around it. `number` is E.164.
        """
        person = self._person(number)
        if person is None:
            return None
        shouted = text.upper()
        for reference in _references(shouted):
            if (answer := self._take(reference, person)) is not None:
                return answer
        if code := _code_alone(shouted):
            return f"There is no report {code}. Check the reference, or open the link in your page."
        return None

    def _person(self, number: str) -> Person | None:
        for person in self._on_call.people.values():
            for contact in person.contacts:
                if contact.method in (Method.SMS, Method.CALL) and contact.address == number:
                    return person
        return None

    def _take(self, reference: str, person: Person) -> str | None:
        """None where there is no such report."""
        try:
            self._handling.acknowledge(reference, person.id, WAY)
        except NotFound:
            return None
        except AlreadyTaken as error:
            return f"{reference} is already with {error.owner or 'somebody else'}. There is nothing for you to do."
        except IllegalMove:
            return f"{reference} is closed. There is nothing for you to do."
        except StorageUnavailable:
            return f"{reference}: this could NOT be stored. Reply again in a moment, or open the link in your page."
        return f"You have {reference}. Contact the patient now; nobody else is paged meanwhile."


def _references(shouted: str) -> Iterator[str]:
    """Everything that could be one: a word, or with a digit also neighbouring words that make one ("K7 PQ4")."""
    words = _WORD.findall(shouted)[:_MOST_WORDS]
    for first, word in enumerate(words):
        if _could_be(word):
            yield word
        elif _could_be(joined := _joined(words[first:])) and _has_digit(joined):
            yield joined


def _joined(words: list[str]) -> str:
    """The first of them, as many as a reference takes."""
    joined = ""
    for word in words:
        if len(joined) >= REFERENCE_LENGTH:
            break
        joined += word
    return joined


def _could_be(code: str) -> bool:
    return len(code) == REFERENCE_LENGTH and set(code) <= set(SAYABLE)


def _has_digit(code: str) -> bool:
    return any(letter.isdigit() for letter in code)


def _code_alone(shouted: str) -> str | None:
    """The code, if nothing else was meant: "take K7PQ4". It must have a digit: a word alone may be a patient's."""
    verb = _VERB.match(shouted)
    code = "".join(_WORD.findall(shouted[verb.end() if verb else 0 :]))
    return code if _could_be(code) and _has_digit(code) else None
