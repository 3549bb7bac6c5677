"""A clinic whose staff are paged by telephone, and the company that puts it through."""

from __future__ import annotations

from typing import Any

from tools.telephone_company import TelephoneCompany

PUBLIC = "https://chat.example.org"
NOOR, NOORS_OTHER, LEE, KIM = "+15550100101", "+15550100102", "+15550100111", "+15550100121"


def person(name: str, *contacts: str) -> dict[str, Any]:
    """Somebody on call, as `clinic.yml` has them."""
    return {"name": name, "role": "nurse", "contacts": list(contacts)}


# Noor by call on two numbers, then Lee by text and then by call, in the end Kim.
PAGED_BY_TELEPHONE = {
    "people": {
        "noor": person("Noor", f"call:{NOOR}", f"call:{NOORS_OTHER}"),
        "lee": person("Lee", f"sms:{LEE}", f"call:{LEE}"),
        "kim": person("Kim", f"call:{KIM}"),
    },
    "ladder": {tier: {"steps": [{"page": ["noor"]}, {"page": ["lee"]}]} for tier in ("emergency", "urgent")},
    "last_resort": ["kim"],
}


def telephone(company: TelephoneCompany) -> dict[str, Any]:
    """The section of `clinic.yml` with the company's numbers."""
    return {"numbers": list(company.numbers)}
