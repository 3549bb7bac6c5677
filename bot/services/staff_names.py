"""What members of staff are called: by the on-call list, and else by their account."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.on_call import OnCall, Person
from bot.services.ports import UnitOfWork


def acting_person(uow: UnitOfWork, on_call: OnCall, by: str) -> Person | None:
    """Who acts, with the name that patients see; None for who is neither on the list nor has an account."""
    if person := on_call.people.get(by):
        return person
    account = uow.accounts.by_user_name(by)
    return Person(by, first_name(account.staff.name), str(account.staff.role), ()) if account else None


def name_of(uow: UnitOfWork, on_call: OnCall, by: str | None) -> str | None:
    """What patients and staff read."""
    person = acting_person(uow, on_call, by) if by else None
    return person.name if person else by


def all_names(uow: UnitOfWork, on_call: OnCall) -> Mapping[str, str]:
    """By whatever somebody may stand under in a history."""
    accounts = {account.staff.user_name: account.staff.name for account in uow.accounts.listing()}
    return {**accounts, **{person.id: person.name for person in on_call.people.values()}}


def first_name(name: str) -> str:
    """Patients are told no more."""
    return name.split()[0] if name.split() else name
