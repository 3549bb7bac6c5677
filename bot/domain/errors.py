"""Errors that a person can act on.

AssistantError
├── ConfigurationError    what is set is wrong; carries every problem found
├── UnknownConversation   the token is not one that this service issued
├── IllegalMove           an escalation cannot go from here to there
├── AlreadyTaken          somebody else acknowledged or took over first
├── NotFound              no escalation has that reference
├── AnotherOpen           the patient's newer escalation is not closed: it goes on there
├── ReasonNeeded          a lower tier is not taken without saying why
├── PageRefused           the provider will not take a page: another way is due
├── DialogueUnavailable   Rasa is slow, dead, or answered nothing
├── PageUnsent            not known to be taken: the same way may be tried again (also an OSError)
└── StorageUnavailable    the database did not take it
    ├── Conflict          somebody else wrote first; trying again is right
    ├── CannotOpen        it was encrypted with a key that is not given
    └── WrongKeys         the keys are not those of this database (also a ConfigurationError)
"""

from __future__ import annotations

from collections.abc import Sequence


class AssistantError(Exception):
    """Base of all errors that this package raises on purpose."""


class ConfigurationError(AssistantError):
    """The configuration cannot be used; `problems` names all of it at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"- {problem}" for problem in problems))


class UnknownConversation(AssistantError):
    """No conversation of this service has that id."""


class IllegalMove(AssistantError):
    """An escalation's status does not allow that step."""

    def __init__(self, reference: str, status: str, to: str) -> None:
        super().__init__(f"{reference} is {status}: it cannot become {to}")


class AlreadyTaken(AssistantError):
    """Somebody else was first; `owner` is who."""

    def __init__(self, reference: str, owner: str | None) -> None:
        self.owner = owner
        super().__init__(f"{reference} is already with {owner or 'somebody else'}")


class LinkUsed(AssistantError):
    """The link of a page has acknowledged before: it does so once."""


class NotFound(AssistantError):
    """No escalation has that reference."""


class AnotherOpen(AssistantError):
    """An escalation is not opened again beside another one of the same talk."""

    def __init__(self, reference: str, other: str) -> None:
        self.other = other
        super().__init__(f"{reference} stays closed: {other} of the same patient is open, go on there")


class ReasonNeeded(AssistantError):
    """What makes a case less serious needs a reason."""

    def __init__(self) -> None:
        super().__init__("say why it is less serious than it was taken for")


class DialogueUnavailable(AssistantError):
    """Nothing usable came back from Rasa; `reason` is a constant word for logs."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PageRefused(AssistantError):
    """The provider will not take it: another way is due. `reason` is a constant word, never an address or a secret."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PageUnsent(AssistantError, OSError):
    """Nobody said that it was taken; trying again may help. `reason` is a constant word, as above.

    The provider may have it all the same, when only its answer was lost or late.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class StorageUnavailable(AssistantError):
    """The database did not commit."""


class Conflict(StorageUnavailable):
    """A unique rule was met by another writer first."""


class CannotOpen(StorageUnavailable):
    """What is stored was encrypted with a key that is not given."""

    def __init__(self) -> None:
        super().__init__(
            "what is stored was encrypted with a key that is not given: put that key back behind the present ones, "
            "in DATA_KEYS or in data.keys in DATA_DIR"
        )


class WrongKeys(ConfigurationError, StorageUnavailable):
    """The keys that are given are not those of this database: nothing may be written with them."""
