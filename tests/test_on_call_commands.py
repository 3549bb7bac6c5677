"""`coverage`, `check` and `gateway` on the command line: what they print, and when they refuse."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from bot import __main__ as command_line
from bot.settings import ROOT
from tests.harness.settings import environment

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # Monday 08:00 in Chicago
NOOR = {"name": "Noor", "role": "nurse", "contacts": ["sms:+15550100101"]}
BY_DAY = {**NOOR, "hours": ["mon-sun 08:00-17:00"]}


def _on_call(person: dict[str, Any], **changes: Any) -> dict[str, Any]:
    ladder = {tier: {"steps": [{"page": ["noor"]}]} for tier in ("emergency", "urgent")}
    return {"people": {"noor": person}, "ladder": ladder, "last_resort": ["noor"], **changes}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with a clinic's section; returns status, output and errors."""
    monkeypatch.setattr(command_line, "utc_now", lambda: NOW)

    def run(on_call: dict[str, Any] | None, *arguments: str, **more: Any) -> tuple[int, str, str]:
        clinic = {"name": "Harbor", "phone": "555-010-0177", "time_zone": "America/Chicago", "on_call": on_call, **more}
        (tmp_path / "clinic.yml").write_text(yaml.safe_dump(clinic), encoding="utf-8")
        for name, value in environment(tmp_path, CLINIC_FILE=str(tmp_path / "clinic.yml")).items():
            monkeypatch.setenv(name, value)
        status = command_line.main(arguments)
        return status, *capsys.readouterr()

    return run


def test_coverage_prints_both_tiers_for_two_weeks_from_now(run: Any) -> None:
    status, out, errors = run(_on_call(NOOR), "coverage")
    assert (status, errors) == (0, "")
    assert out.splitlines() == [
        "emergency: 14 days from Mon 2026-11-23 08:00 CST, times of America/Chicago",
        "  Mon 2026-11-23 08:00 CST to Mon 2026-12-07 08:00 CST  noor",
        "  no gap",
        "urgent: 14 days from Mon 2026-11-23 08:00 CST, times of America/Chicago",
        "  Mon 2026-11-23 08:00 CST to Mon 2026-12-07 08:00 CST  noor",
        "  no gap",
    ]


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        ("2026-12-24", "Thu 2026-12-24 00:00 CST"),
        ("2026-07-04T17:30", "Sat 2026-07-04 17:30 CDT"),
        ("2026-07-04T17:30:00+00:00", "Sat 2026-07-04 12:30 CDT"),
    ],
)
def test_coverage_of_one_tier_from_a_day_or_time_of_the_clinic(run: Any, start: str, shown: str) -> None:
    status, out, _ = run(_on_call(NOOR), "coverage", "--tier", "urgent", "--from", start, "--days", "1")
    assert status == 0
    assert out.startswith(f"urgent: 1 day from {shown}")
    assert "emergency" not in out


def test_a_gap_that_is_not_allowed_is_marked_and_ends_with_status_1(run: Any) -> None:
    status, out, errors = run(_on_call(BY_DAY), "coverage", "--days", "2", "--tier", "emergency")
    assert (status, out.count("GAP: nobody is on call"), out.splitlines()[-1]) == (
        1,
        2,
        "  2 gaps, 30 h 0 min, NOT ALLOWED",
    )
    assert "for an emergency report nobody is on call from Mon 2026-11-23 17:00 CST" in errors
    assert "urgent" not in errors


def test_a_gap_that_is_allowed_is_marked_and_ends_with_status_0(run: Any) -> None:
    status, out, errors = run(_on_call(BY_DAY, allow_gaps=["emergency", "urgent"]), "coverage", "--days", "2")
    assert (status, out.count("GAP"), errors) == (0, 4, "")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--days", "0"), ("--days", "367"), ("--days", "-1"), ("--days", "two"), ("--days", "²"),
        ("--tier", "routine"), ("--from", "tomorrow"), ("--from", "1999-12-31"), ("--from", "9999-12-31"),
    ],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(
    run: Any, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(_on_call(NOOR), "coverage", option, value)
    assert ended.value.code == 2
    assert f"argument {option}" in capsys.readouterr().err


@pytest.mark.parametrize("tier", ["emergency", "urgent"])
def test_a_gap_within_two_weeks_refuses_the_check(run: Any, tier: str) -> None:
    other = "urgent" if tier == "emergency" else "emergency"
    status, out, errors = run(_on_call(BY_DAY, allow_gaps=[other]), "check")
    assert (status, out) == (1, "")
    assert f"- clinic.yml: on_call: for an {tier} report nobody is on call" in errors


def test_serve_refuses_a_gap_before_it_starts_anything(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "serve", lambda _: pytest.fail("was started"))
    status, _, errors = run(_on_call(BY_DAY), "serve")
    assert status == 1
    assert "nobody is on call" in errors


def test_the_gateway_says_a_gap_and_serves_all_the_same(
    run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started: list[web.Application] = []
    monkeypatch.setattr(web, "run_app", lambda app, **_: started.append(app))
    with caplog.at_level(logging.ERROR):
        status, _, _ = run(_on_call(BY_DAY), "gateway")
    assert (status, len(started)) == (0, 1)
    assert "on_call_incomplete" in caplog.text
    assert "nobody is on call" in caplog.text


def test_pages_that_only_the_log_sees_are_said_loudly_and_refuse_nothing(run: Any) -> None:
    status, out, errors = run(_on_call({**NOOR, "contacts": ["log"]}), "check")
    assert (status, out) == (0, "assistant: the configuration of Harbor is complete\n")
    assert errors.startswith("assistant: WARNING: clinic.yml: on_call: AN EMERGENCY WAKES NOBODY")


def test_a_telephone_that_cannot_be_called_is_said_loudly_and_refuses_nothing(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "ACaaaabbbbccccddddaaaabbbbccccdddd")
    monkeypatch.setenv("TWILIO_AUTH_TOKENS", "x" * 32)
    status, _, errors = run(_on_call(NOOR), "check", telephone={"numbers": ["+15550100150"]})
    assert (status, "CANNOT BE REACHED" in errors) == (0, False)
    assert "PUBLIC_URL is an address of this machine alone: NO TEXT AND NO CALL WILL GET IN" in errors


def test_a_missing_section_is_refused_with_one_to_copy(run: Any) -> None:
    status, _, errors = run(None, "check")
    assert status == 1
    assert "clinic.yml: on_call: is missing, so nobody would be paged" in errors
    assert 'contacts: ["call:+15550100101"]' in errors


@pytest.mark.parametrize("start", ["2026-01-01", "2026-07-01"])
def test_the_clinic_of_the_repository_has_somebody_on_call_at_every_hour_of_the_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], start: str
) -> None:
    for name, value in environment(tmp_path, CLINIC_FILE=str(ROOT / "clinic.yml")).items():
        monkeypatch.setenv(name, value)
    assert command_line.main(["coverage", "--from", start, "--days", "200"]) == 0
    assert "GAP" not in capsys.readouterr().out
