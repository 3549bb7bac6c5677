"""Who the clinic is: the part of the configuration that texts need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clinic:
    """Names and numbers, as the clinic's manager wrote them in `clinic.yml`."""

    name: str
    phone: str
    emergency_number: str = "911"
    crisis_number: str = "988"
    time_zone: str = "UTC"

    def fill(self, text: str) -> str:
        """Replace the placeholders that approved texts may carry.

        Square brackets, not braces: Rasa fills braces from slots and logs an
        error for each one that it does not know.
        """
        for placeholder, value in (
            ("[clinic name]", self.name),
            ("[clinic phone]", self.phone),
            ("[emergency number]", self.emergency_number),
            ("[crisis number]", self.crisis_number),
        ):
            text = text.replace(placeholder, value)
        return text
