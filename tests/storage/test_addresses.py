"""Patients' numbers: found by a keyed hash, stopped and started, in one conversation at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.services.telephone_ports import Address, Consent, ConsentEntry
from bot.storage import tables
from bot.storage.sealing import Sealer
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.settings import DATA_KEY
from tests.harness.storage import Database

ANA, BEN = "+15555550101", "+15555550102"
CLINIC, OTHER_CLINIC = "+15555550190", "+15555550191"
LATER = START + timedelta(minutes=5)


def _add(uow: SqlUnitOfWork, number: str = ANA, clinic: str = CLINIC, conversation: str | None = None) -> Address:
    return uow.addresses.add(number, clinic, conversation or uow.conversations.add("sms", START).id, START)


def test_an_address_is_found_by_both_numbers(uow: SqlUnitOfWork) -> None:
    anas, elsewhere, bens = _add(uow), _add(uow, clinic=OTHER_CLINIC), _add(uow, BEN)
    assert uow.addresses.find(ANA, CLINIC) == uow.addresses.get(anas.id) == anas
    assert uow.addresses.find(ANA, OTHER_CLINIC) == elsewhere
    assert uow.addresses.find(BEN, CLINIC) == bens
    assert uow.addresses.find(BEN, OTHER_CLINIC) is None
    assert uow.addresses.get("nobodys") is None


def test_a_number_is_stored_once_for_each_number_of_the_clinic(database: Database) -> None:
    def add_twice() -> None:
        with database() as uow:
            _add(uow)
            _add(uow)

    with pytest.raises(Conflict) as caught:
        add_twice()
    assert ANA not in str(caught.value)


def test_the_table_shows_no_number_and_no_hash_that_can_be_made_without_the_key(database: Database) -> None:
    with database() as uow:
        _add(uow)
        uow.commit()
    (row,) = database.stored(tables.addresses)
    assert ANA[1:] not in str(row)
    assert row["number_hash"] != Sealer(lambda: (DATA_KEY,), b"another secret key").lookup(ANA)


def test_a_talk_goes_on_at_the_address_that_joined_it_last(uow: SqlUnitOfWork) -> None:
    anas = _add(uow)
    bens = _add(uow, BEN)
    assert uow.addresses.of(anas.conversation_id) == anas
    uow.addresses.join(bens.id, anas.conversation_id, LATER)
    assert uow.addresses.of(anas.conversation_id).id == bens.id
    assert uow.addresses.of(bens.conversation_id) is None


def test_a_talk_goes_on_where_texts_are_taken_and_says_if_none_are(uow: SqlUnitOfWork) -> None:
    anas = _add(uow)
    bens = _add(uow, BEN, conversation=anas.conversation_id)
    uow.addresses.join(bens.id, anas.conversation_id, LATER)
    uow.addresses.record(bens.id, Consent.STOPPED, "keyword", "STOP", LATER)
    assert uow.addresses.of(anas.conversation_id) == anas
    uow.addresses.record(anas.id, Consent.STOPPED, "keyword", "STOP", LATER)
    assert uow.addresses.of(anas.conversation_id).stopped


def test_the_last_word_about_consent_counts_and_all_are_kept(uow: SqlUnitOfWork) -> None:
    anas, bens = _add(uow), _add(uow, BEN)
    uow.addresses.record(anas.id, Consent.GIVEN, "texted_first", "hello", START)
    uow.addresses.record(anas.id, Consent.STOPPED, "plain_request", "stop texting me", LATER)
    assert [uow.addresses.get(each.id).stopped for each in (anas, bens)] == [True, False]
    uow.addresses.record(anas.id, Consent.GIVEN, "keyword", "START", LATER)
    assert not uow.addresses.get(anas.id).stopped
    assert uow.addresses.record_of(anas.id) == (
        ConsentEntry(START, Consent.GIVEN, "texted_first", "hello"),
        ConsentEntry(LATER, Consent.STOPPED, "plain_request", "stop texting me"),
        ConsentEntry(LATER, Consent.GIVEN, "keyword", "START"),
    )
    assert uow.addresses.record_of(bens.id) == ()


def test_an_address_is_greeted_once_it_was(uow: SqlUnitOfWork) -> None:
    anas, bens = _add(uow), _add(uow, BEN)
    uow.addresses.set_greeted(anas.id)
    assert [uow.addresses.get(each.id).greeted for each in (anas, bens)] == [True, False]
