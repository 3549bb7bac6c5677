"""What the provider's error codes mean for us.

The provider adds codes and splits old ones, so an unknown one is judged by its HTTP status; these are the
exceptions, and those whose meaning the patient or the staff must be told.
"""

from __future__ import annotations

# The patient has opted out with the provider.
STOPPED = frozenset({21610})
# The number is one that no text reaches; the last two come with a receipt.
LANDLINE = frozenset({21614, 21635, 30006, 60205})
# No such number.
NO_NUMBER = frozenset({21211, 21217, 21401, 21421, 30005})
# Too much at once: answered with 400 all the same.
LATER = frozenset({20429, 21611, 30001, 30022, 63038})
# Comes with a receipt: the phone is off or out of reach, the queue is full, or nobody knows.
MAY_ARRIVE_LATER = frozenset({30001, 30003, 30008, 30022})


def reason(code: int | None) -> str:
    """A constant word for logs and for the history; never what the provider wrote."""
    for codes, word in ((STOPPED, "stopped"), (LANDLINE, "landline"), (NO_NUMBER, "no_such_number")):
        if code in codes:
            return word
    return f"code_{code}" if code else "refused"
