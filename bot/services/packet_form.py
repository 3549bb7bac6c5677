"""The part of an incident packet that an adverse-event report asks for: what is known, and what only staff can say.

The fields are those of FDA's voluntary form for health professionals (3500).
Nothing is filled in that was not written down: no outcome is ticked, no
product is named, and what a patient wrote stands in their own words.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from bot.domain.clinic import Clinic


class Standing(enum.StrEnum):
    """What staff have to do with a field."""

    RECORDED = "recorded"  # from what was stored
    CONFIRM = "confirm"  # from what was stored, and it may be wrong or incomplete
    FILL_IN = "fill_in"  # not known here


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices` are boxes of which staff tick some."""

    section: str
    label: str
    standing: Standing = Standing.FILL_IN
    value: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the record says. `words`: the patient's, of the messages that were reported."""

    reference: str
    began_at: datetime
    made_at: datetime
    words: Sequence[str]
    categories: Sequence[str]
    outcome: str
    forgotten: bool


_PATIENT: Final = "A. Patient"
_EVENT: Final = "B. Event"
_PRODUCT: Final = "C-E. Suspect product"
_OTHERS: Final = "F. Other products"
_REPORTER: Final = "G. Reporter"
_OUTCOMES: Final = (
    "Death (with date)",
    "Life-threatening",
    "Hospitalization, initial or prolonged",
    "Disability or permanent damage",
    "Congenital anomaly or birth defect",
    "Other serious or important medical event",
    "Intervention required to prevent permanent damage",
    "None of these",
)


def form(known: Known, clinic: Clinic) -> tuple[dict[str, Any], ...]:
    """All fields in their order, as JSON has them."""
    fields = (*_patient(), *_event(known), *_products(), *_reporter(clinic))
    return tuple({**asdict(each), "standing": str(each.standing), "choices": list(each.choices)} for each in fields)


def _patient() -> tuple[Field, ...]:
    code = "Your own code for the patient, never name or number."
    return (
        Field(_PATIENT, "Patient identifier", note=code),
        Field(_PATIENT, "Age or date of birth"),
        Field(_PATIENT, "Sex"),
        Field(_PATIENT, "Weight"),
        Field(_PATIENT, "Ethnicity and race"),
    )


def _event(known: Known) -> tuple[Field, ...]:
    kinds = (
        "Adverse event",
        "Product problem",
        "Product use or medication error",
        "Problem with a different manufacturer of the same medicine",
    )
    return (
        Field(_EVENT, "Type of report", choices=kinds),
        Field(
            _EVENT,
            "Outcomes attributed to the event",
            note=f"The record ends with: {known.outcome}. It does not say what became of the patient.",
            choices=_OUTCOMES,
        ),
        Field(
            _EVENT,
            "Date of event",
            Standing.CONFIRM,
            f"{known.began_at:%Y-%m-%d}",
            "The day on which the patient wrote to the clinic. The event may have begun earlier.",
        ),
        Field(_EVENT, "Date of this report", Standing.CONFIRM, f"{known.made_at:%Y-%m-%d}", "When you send it."),
        _description(known),
        Field(_EVENT, "Relevant tests and laboratory data, with dates"),
        Field(
            _EVENT,
            "Other relevant history",
            note="Existing conditions, allergies, pregnancy, smoking, alcohol and drugs: from the chart.",
        ),
    )


def _description(known: Known) -> Field:
    label = "Description of the event"
    if known.forgotten:
        return Field(_EVENT, label, note="The patient had the conversation deleted; their words are not kept.")
    if not known.words:
        return Field(_EVENT, label, note="No message of the patient is part of the report.")
    kinds = ", ".join(known.categories).replace("_", " ") or "nothing"
    note = f"The patient's own words. The assistant took them for: {kinds}. Whether that is right, staff decide."
    return Field(_EVENT, label, Standing.CONFIRM, "\n".join(f"“{each}”" for each in known.words), note)


def _products() -> tuple[Field, ...]:
    labels = (
        "Product available for evaluation",
        "Name, strength and manufacturer",
        "Dose or amount, frequency, route",
        "Dates of use, or duration",
        "Diagnosis or reason for use",
        "Event abated after use stopped or dose reduced",
        "Event reappeared after reintroduction",
        "Lot number and expiration date",
        "NDC number or unique identifier",
    )
    note = "From the chart: the assistant does not know what the patient was given."
    products = tuple(Field(_PRODUCT, label, note=note if label.startswith("Name") else "") for label in labels)
    return (*products, Field(_OTHERS, "Other (concomitant) medical products and their dates"))


def _reporter(clinic: Clinic) -> tuple[Field, ...]:
    return (
        Field(_REPORTER, "Name of the reporter"),
        Field(_REPORTER, "Organisation", Standing.RECORDED, clinic.name),
        Field(_REPORTER, "Telephone", Standing.RECORDED, clinic.phone),
        Field(_REPORTER, "Address and e-mail"),
        Field(_REPORTER, "Health professional, and occupation"),
        Field(
            _REPORTER,
            "Also reported to",
            choices=("Manufacturer or compounder", "User facility", "Distributor or importer"),
        ),
        Field(_REPORTER, "Identity not to be disclosed to the manufacturer"),
    )
