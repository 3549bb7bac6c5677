"""The words of the phone tree: where a call stands, what a caller does, what is said and done next."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Button


class Stage(enum.StrEnum):
    """What the caller was last asked for."""

    TALK = "talk"  # a question, a key of the menu, or whether there is anything else
    ASKED = "asked"  # "is this happening right now?"
    OFFER = "offer"  # a text, a call back or a message
    NUMBER = "number"  # the keys of a number to call back
    CHECK = "check"  # whether that number is right
    MESSAGE = "message"  # a spoken message for the staff
    WAIT = "wait"  # nothing: an answer is being looked for
    DESK = "desk"  # nothing: the desk's phone rings
    RING = "ring"  # nothing: an on-call person's phone rings
    HOLD = "hold"  # nothing: a severe report is open, and who called stays on the line
    OVER = "over"


class Why(enum.StrEnum):
    """Why a text is offered, as `PhoneTexts.why` has it."""

    UNHEARD = "unheard"
    TOO_LONG = "too_long"
    ASKED = "asked"
    CLOSED = "closed"
    NOBODY = "nobody"
    SLOW = "slow"
    LANGUAGE = "language"
    ENOUGH = "enough"


# -- what a key or a word means ----------------------------------------------------


class Command(enum.StrEnum):
    """What a caller can ask of the tree itself, by key or by word."""

    YES = "yes"
    NO = "no"
    TEXT = "text"
    CALL_BACK = "call_back"
    MESSAGE = "message"
    MENU = "menu"
    REPEAT = "repeat"
    PERSON = "person"
    LANGUAGE = "language"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the menu: a key sends its question as the caller's own message."""

    id: str
    title: str
    question: str


# -- what happens ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoke:
    """Speech as it was recognised. `confidence` is 0 to 1; None where the recogniser does not tell.

    `number`: a telephone number in it.
    """

    text: str = field(repr=False)
    confidence: float | None = None
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys. `number`: the telephone number that they make, if they do."""

    digits: str = field(repr=False)
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nobody spoke or pressed a key in time."""


@dataclass(frozen=True, slots=True)
class Rang:
    """A phone that was dialled was answered or not. `bridged`: whether two people talked, where the provider tells."""

    answered: bool
    bridged: bool | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A spoken message was recorded. `recording` is the provider's id of it."""

    recording: str
    seconds: int


Event = Spoke | Pressed | Nothing | Rang | Left


# -- what is known ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A severe report of this caller's that is open. `seen_by`: first name and role of who acknowledged.

    `paged`: a page has left the house and was accepted.
    """

    reference: str
    tier: Tier
    paged: bool = False
    acknowledged: bool = False
    seen_by: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true at this moment. `ring`: the people on call who can be dialled, by tier.

    `agreed`: texts were agreed to before, and not taken back.
    """

    can_text: bool = False
    agreed: bool = False
    number_known: bool = False
    desk_open: bool = False
    ring: Mapping[Tier, tuple[str, ...]] = field(default_factory=dict)
    case: Case | None = None


class Meaning(enum.StrEnum):
    """What became of a caller's words."""

    REPORT = "report"  # severe, and somebody is woken
    QUESTION = "question"  # asked back: is it happening now?
    ANSWER = "answer"
    PERSON = "person"  # a person was wished for, which the staff were told
    LANGUAGE = "language"  # there are no answers in this language
    DOWN = "down"  # the dialogue does not work; the question was kept for the staff, if that worked
    LOST = "lost"  # the dialogue neither understood nor has a choice to offer
    STAFF = "staff"  # a person has the talk: the assistant is silent
    LATE = "late"  # not there yet


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said to the caller's words: texts in the order to be spoken, and choices."""

    meaning: Meaning
    texts: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    # Of a report: None when it could not be stored.
    case: Case | None = None
    # False where the choices are there because it was not.
    is_understood: bool = True


# -- what comes next ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say; `language` where it is not the call's."""

    text: str = field(repr=False)
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """Gather speech and keys together. `keys`: how many end it; None: until pound. `seconds` of silence until `Nothing`."""

    keys: int | None = 1
    seconds: int = 7


@dataclass(frozen=True, slots=True)
class RingDesk:
    """Put the caller through to the desk."""


@dataclass(frozen=True, slots=True)
class RingPerson:
    """Put the caller through to an on-call person, who has to press a key first."""

    person: str


@dataclass(frozen=True, slots=True)
class Record:
    """Record a spoken message and have it transcribed."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Come back for the answer in a moment."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Then = Listen | RingDesk | RingPerson | Record | Fetch | HangUp


@dataclass(frozen=True, slots=True)
class TextMe:
    """The caller agreed to texts. `words` are what was agreed to."""

    how: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallBack:
    """Staff have to call back: at `number`, or where the caller is known to be. `reason` is a constant word."""

    reason: str
    number: str | None = field(default=None, repr=False)
    recording: str | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The caller was asked whether it is happening now, and is silent: the staff are woken."""


@dataclass(frozen=True, slots=True)
class ChangeLanguage:
    """From now on the call is in another language."""

    to: Language


Effect = TextMe | CallBack | Unanswered | ChangeLanguage


@dataclass(frozen=True, slots=True)
class State:
    """Where a call stands. Kept as JSON between two webhooks."""

    stage: Stage = Stage.TALK
    language: Language = Language.ENGLISH
    turn: int = 0
    # Turns in a row that were not heard or not understood.
    misses: int = 0
    # What keys mean just now, beside those that mean the same everywhere.
    keys: Mapping[str, str] = field(default_factory=dict)
    # What "repeat" says.
    said: tuple[str, ...] = field(default=(), repr=False)
    # The turn whose words an answer is looked for, and how often it was looked for.
    asked: int | None = None
    fetches: int = 0
    why: Why = Why.UNHEARD
    # A text is on its way, or somebody will call back: the call can end.
    settled: bool = False
    desk_tried: bool = False
    # A number that is being checked.
    number: str | None = field(default=None, repr=False)
    # On-call people who are still to be rung, how often that was begun, and rounds spent waiting.
    ring: tuple[str, ...] = ()
    ringing: str | None = None
    ring_rounds: int = 0
    holds: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {**asdict(self), "said": list(self.said), "ring": list(self.ring)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> State:
        """Inverse of `to_dict`."""
        return replace(
            cls(**data),
            stage=Stage(data["stage"]),
            language=Language(data["language"]),
            why=Why(data["why"]),
            said=tuple(data["said"]),
            ring=tuple(data["ring"]),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What is said, what comes next, and what has to be stored before it is said."""

    state: State
    says: tuple[Line, ...]
    then: Then
    does: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The caller's words, to be taken in before anything else happens.

    `command`: what they mean to the tree itself; only a report or a question back comes before it.
    `unclear`: heard so badly that they count for a report alone. `screen_only`: the dialogue is not asked.
    """

    text: str = field(repr=False)
    command: Command | None = None
    unclear: bool = False
    number: str | None = field(default=None, repr=False)
    screen_only: bool = False
