"""The way in when nobody has an account yet: printed once, on the terminal that started it all."""

from __future__ import annotations

import secrets
from typing import Final

from bot.app import Office
from bot.domain.staff import Role
from bot.services.accounts import NewAccount
from bot.settings import Settings

# The clinic of the file as it comes: invented, for trying it out.
DEMO_CLINIC: Final = "Riverbend Ketamine Clinic"
_BY: Final = "first start"


def first_account(settings: Settings, office: Office) -> str | None:
    """What to print; None when somebody has an account. Raises StorageUnavailable.

    The demonstration gets an account with a password of its own; a clinic a link with which its manager makes one.
    """
    if not office.accounts.is_empty():
        return None
    if settings.clinic.name != DEMO_CLINIC:
        return (
            "nobody has an account of the staff console yet. Make the first one, within 48 hours:\n"
            f"  {settings.public_url}/staff/set-up/{office.accounts.first_link()}"
        )
    password = secrets.token_urlsafe(12)
    staff, _ = office.accounts.add(_BY, NewAccount("manager", "Demo manager", Role.MANAGER, None, password))
    return (
        f"staff console   {settings.public_url}/staff\n"
        f"  user name       {staff.user_name}\n"
        f"  password        {password}   (shown this once; `python -m bot staff reset-password manager` sets another)"
    )
