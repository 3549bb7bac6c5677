"""Questions that the assistant could not answer: seen by staff, answered, and made into drafts of topics."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime

from bot.domain.audit import Action
from bot.domain.clock import Clock
from bot.domain.errors import IllegalMove, NotFound
from bot.domain.staff import Staff
from bot.services.ports import UnitOfWorkFactory
from bot.services.queue_ports import Question

PAGE = 50
_SLUG_WORDS = 4
_LONGEST_SLUG = 40
# What has a meaning in an example of the training data.
_MARKUP = re.compile(r"[\[\](){}|\x00-\x1f\x7f\u2028\u2029]+")


class QuestionDesk:
    """Lists them and notes what was done. Reading them stands in the audit. Raises NotFound, StorageUnavailable."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def listing(self, by: Staff, before: datetime | None = None) -> tuple[Question, ...]:
        """Latest first; one more than a page where there are more."""
        with self._unit_of_work() as uow:
            found = uow.questions.listing(before, PAGE + 1)
            if found:
                uow.audit.append(by.user_name, Action.QUESTIONS_READ, "", {"count": len(found[:PAGE])}, self._clock())
                uow.commit()
            return found

    def put_aside(self, message_id: str, by: Staff) -> None:
        """Nothing needs to be done about it. Raises IllegalMove where somebody has seen to it."""
        with self._unit_of_work() as uow:
            if uow.questions.get(message_id) is None:
                raise NotFound("that question is not there any more")
            now = self._clock()
            if not uow.questions.finish(message_id, "put_aside", by.by, now):
                raise IllegalMove("this question", "seen to", "put aside")
            uow.audit.append(by.user_name, Action.QUESTION_PUT_ASIDE, message_id, {}, now)
            uow.commit()

    def draft(self, message_id: str, by: Staff, answer: str = "") -> tuple[str, str]:
        """Name and content of a draft of a topic, for whoever writes the answers."""
        with self._unit_of_work() as uow:
            question = uow.questions.get(message_id)
            if question is None:
                raise NotFound("that question is not there any more")
            now = self._clock()
            uow.audit.append(by.user_name, Action.QUESTION_DRAFTED, message_id, {}, now)
            uow.commit()
        topic = slug(question.text)
        return f"{topic}.yml", draft_topic(topic, question.text, answer, now.date())


def slug(text: str) -> str:
    """A name for a topic, of the longest words of a question."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]{3,}", plain)
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)[:_SLUG_WORDS]
    return "_".join(word for word in dict.fromkeys(words) if word in longest)[:_LONGEST_SLUG].strip("_") or "new_topic"


def draft_topic(topic: str, question: str, answer: str, today: date) -> str:
    """A file in the form of data/nlu/faq, in which a person still has to write."""
    example = " ".join(_MARKUP.sub(" ", question).split())
    text = json.dumps(" ".join(answer.split()) or "Write the answer here.", ensure_ascii=False)
    return f"""\
# Draft. Before it goes to data/nlu/faq: take everything out that tells who the patient is, write more ways to
# ask, the answer, its sources and its short form (at most 300 characters), and have it reviewed.
version: "3.1"

nlu:
- intent: faq/{topic}
  examples: |
    - {example}

responses:
  utter_faq/{topic}:
  - text: {text}
    custom:
      topic: faq/{topic}
      title: {json.dumps(topic.replace("_", " ").capitalize())}
      question: {json.dumps(example, ensure_ascii=False)}
      short: ""
      facts: []
      sources: []
      disagreement: false
      reviewer: nobody yet
      reviewed: "{today.isoformat()}"
"""
