"""The packet of an incident in the console: who gets it, what is on the page, and that it stands in the audit."""

from __future__ import annotations

import json

import pytest

from bot.channels.web import INTAKE
from bot.domain.audit import Action
from bot.domain.messages import Inbound
from bot.domain.staff import Role
from bot.services.incident import verify
from tests.harness.console import ConsoleHouse

EMERGENCY = "I have crushing chest pain <b>and</b> cannot breathe"


@pytest.fixture
async def reference(console: ConsoleHouse) -> str:
    """A patient has reported something severe."""
    outcome = await console.app[INTAKE].receive(Inbound("web", EMERGENCY, "message-1"))
    assert outcome.escalation is not None
    return outcome.escalation.reference


def _address(reference: str, form: str = "") -> str:
    return f"/staff/escalations/{reference}/packet{form}"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
async def test_managers_and_auditors_read_it(console: ConsoleHouse, reference: str, role: Role) -> None:
    shown = await console.signed_in(role).get(_address(reference))
    assert (shown.status, shown.title) == (200, f"Incident packet {reference}")
    assert "The history is as it was written" in shown.said
    assert "crushing chest pain &lt;b&gt;and&lt;/b&gt;" in shown.text


async def test_a_nurse_gets_it_once_she_has_the_report(console: ConsoleHouse, reference: str) -> None:
    nurse = console.signed_in(Role.NURSE)
    shown = await nurse.get(_address(reference))
    assert (shown.status, shown.title) == (403, "Not yours")
    assert "packet" not in (await nurse.get(f"/staff/escalations/{reference}")).text
    await nurse.post(f"/staff/escalations/{reference}/acknowledge")
    assert _address(reference) in (await nurse.get(f"/staff/escalations/{reference}")).text
    assert (await nurse.get(_address(reference))).status == 200
    assert (await console.signed_in(Role.NURSE).get(_address(reference, ".json"))).status == 403


async def test_the_file_proves_itself(console: ConsoleHouse, reference: str) -> None:
    shown = await console.signed_in(Role.AUDITOR).get(_address(reference, ".json"))
    assert shown.headers["Content-Disposition"] == f'attachment; filename="incident-{reference}.json"'
    packet = json.loads(shown.text)
    assert verify(packet, console.settings.secret_key) == len(packet["history"]) > 0


async def test_each_one_stands_in_the_audit_and_a_refusal_does_not(console: ConsoleHouse, reference: str) -> None:
    await console.signed_in(Role.NURSE).get(_address(reference))
    assert Action.PACKET_MADE not in [action for _, action, _ in console.audited()]
    await console.signed_in(Role.AUDITOR).get(_address(reference))
    assert console.audited()[-1] == ("auditor-1@example.org", Action.PACKET_MADE, reference)


@pytest.mark.parametrize("reference", ["XXXXX", "a'b", "%00", "é"])
async def test_what_is_not_there_is_said(console: ConsoleHouse, reference: str) -> None:
    shown = await console.signed_in(Role.AUDITOR).get(_address(reference))
    assert (shown.status, shown.title) == (404, "Not found")
