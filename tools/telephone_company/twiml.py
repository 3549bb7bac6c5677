"""TwiML as the company reads it: verbs in order, and a clear complaint about what Twilio would not take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

# Verb → what may be inside.
_VOICE = {
    "Say": (), "Play": (), "Pause": (), "Gather": ("Say", "Play", "Pause"), "Redirect": (), "Hangup": (), "Reject": (),
    "Dial": ("Number",), "Record": (),
}  # fmt: skip
_MESSAGING = {"Message": ("Body", "Media")}
_MARKUP = frozenset({"break", "say-as", "prosody", "emphasis", "lang", "p", "s", "sub", "phoneme", "w"})


class Unreadable(Exception):
    """A document that the company cannot follow, and why."""


@dataclass(frozen=True)
class Verb:
    """One instruction."""

    name: str
    attributes: Mapping[str, str]
    text: str
    inside: tuple[Verb, ...] = ()

    def is_on(self, attribute: str) -> bool:
        """Whether an attribute says "true"."""
        return self.attributes.get(attribute, "").lower() == "true"


def read_voice(document: str) -> list[Verb]:
    """What a call does next. Raises Unreadable."""
    return _read(document, _VOICE)


def read_messaging(document: str) -> list[Verb]:
    """What is texted back. Raises Unreadable. An empty body is an empty answer."""
    return _read(document, _MESSAGING) if document.strip() else []


def _read(document: str, known: Mapping[str, tuple[str, ...]]) -> list[Verb]:
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - the clinic's own answer, in tests and demos
    except ElementTree.ParseError as error:
        raise Unreadable(f"12100: not XML: {error}") from None
    if root.tag != "Response":
        raise Unreadable(f"12100: <{root.tag}> where <Response> belongs")
    return [_verb(element, known) for element in root]


def _verb(element: ElementTree.Element, known: Mapping[str, tuple[str, ...]]) -> Verb:
    if element.tag not in known:
        raise Unreadable(f"12200: <{element.tag}> is not known here")
    inside = [child for child in element if child.tag not in _MARKUP]
    for child in inside:
        if child.tag not in known[element.tag]:
            raise Unreadable(f"12200: <{child.tag}> does not belong into <{element.tag}>")
    nested = tuple(Verb(child.tag, dict(child.attrib), _text(child)) for child in inside)
    return Verb(element.tag, dict(element.attrib), "" if nested else _text(element), nested)


def _text(element: ElementTree.Element) -> str:
    """As it is said, with the words that are inside of marks; line ends count only in a text message."""
    text = "".join(element.itertext())
    return text.strip() if element.tag in ("Message", "Body") else " ".join(text.split())
