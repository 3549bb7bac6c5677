"""Coverage as people read it, what refuses a start, what a start warns of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.coverage import lines, refused, warnings
from bot.domain.escalation import Tier
from bot.domain.on_call import Method, OnCall, coverage
from tests.harness.on_call import WEEKDAYS, ladder, local, on_call, person, window

MONDAY = local("2026-11-23 00:00").astimezone(UTC)
DAYS = window(WEEKDAYS, "08:00", "17:00")
NIGHTS = window(range(7), "17:00", "08:00")
ALWAYS = ladder((0, "kim"))
GAP = ladder((0, "lee"))
LEE, KIM = person("lee", DAYS), person("kim")


def _lines(staff: OnCall, start: datetime, days: int = 1) -> list[str]:
    return list(lines(staff, Tier.EMERGENCY, coverage(staff, Tier.EMERGENCY, start, days)))


def test_a_stretch_says_from_when_to_when_and_who_is_paged_and_next() -> None:
    staff = on_call([person("noor", NIGHTS), LEE, KIM], ladder((0, "noor lee"), (3, "kim"), (3, "lee kim")))
    assert _lines(staff, local("2026-11-23 08:00")) == [
        "emergency: 1 day from Mon 2026-11-23 08:00 CST, times of America/Chicago",
        "  Mon 2026-11-23 08:00 CST to Mon 2026-11-23 17:00 CST  lee, then kim, then lee + kim",
        "  Mon 2026-11-23 17:00 CST to Tue 2026-11-24 08:00 CST  noor, then kim, then kim",
        "  no gap",
    ]


def test_a_gap_is_marked_with_who_is_told_then() -> None:
    staff = on_call([LEE, KIM], GAP, last_resort="kim")
    assert _lines(staff, local("2026-11-23 08:00"))[2:] == [
        "  Mon 2026-11-23 17:00 CST to Tue 2026-11-24 08:00 CST  GAP: nobody is on call; only the last resort is told: kim",
        "  1 gap, 15 h 0 min, NOT ALLOWED",
    ]


def test_a_gap_without_a_last_resort_says_that_nobody_is_told() -> None:
    assert "GAP: nobody is on call; nobody is told" in _lines(on_call([LEE], GAP), MONDAY)[1]


def test_an_allowed_gap_is_said_to_be_allowed() -> None:
    staff = on_call([LEE], GAP, allowed=[Tier.EMERGENCY])
    assert _lines(staff, MONDAY)[-1] == "  2 gaps, 15 h 0 min, allowed by `allow_gaps: [emergency]`"


def test_the_hour_that_comes_twice_is_told_apart_and_counted_twice() -> None:
    staff = on_call([person("noor", window([6], "00:00", "01:30"), window([6], "03:00", "00:00"))], ladder((0, "noor")))
    shown = _lines(staff, local("2026-11-01 00:00"))
    assert [line[2:54] for line in shown if "GAP" in line] == [
        "Sun 2026-11-01 01:30 CDT to Sun 2026-11-01 01:00 CST",
        "Sun 2026-11-01 01:30 CST to Sun 2026-11-01 03:00 CST",
    ]
    assert shown[-1] == "  2 gaps, 2 h 0 min, NOT ALLOWED"


def test_whoever_only_the_log_would_reach_is_marked() -> None:
    staff = on_call([person("lee", method=Method.LOG), KIM], ladder((0, "lee"), (3, "kim")))
    assert _lines(staff, MONDAY)[1].endswith("  lee (log only), then kim")


def test_nothing_is_said_about_no_time_at_all() -> None:
    assert _lines(on_call([KIM], ALWAYS), MONDAY, days=0) == []


# -- what refuses a start ------------------------------------------------------


def test_hours_that_are_all_covered_refuse_nothing() -> None:
    assert refused(on_call([KIM], ALWAYS, urgent=ALWAYS), MONDAY) == []


@pytest.mark.parametrize(
    ("emergency", "urgent", "allowed", "named"),
    [
        (GAP, ALWAYS, [], ["emergency"]),
        (ALWAYS, GAP, [], ["urgent"]),
        (GAP, GAP, [], ["emergency", "urgent"]),
        (GAP, GAP, [Tier.URGENT], ["emergency"]),
        (GAP, GAP, [Tier.EMERGENCY], ["urgent"]),
        (GAP, GAP, [Tier.EMERGENCY, Tier.URGENT], []),
    ],
)
def test_a_gap_refuses_unless_its_own_tier_is_allowed(
    emergency: object, urgent: object, allowed: list[Tier], named: list[str]
) -> None:
    staff = on_call([LEE, KIM], emergency, urgent=urgent, allowed=allowed)  # type: ignore[arg-type]
    assert [
        tier for tier in ("emergency", "urgent") if any(f"for an {tier} report" in p for p in refused(staff, MONDAY))
    ] == named


def test_a_refusal_says_when_and_what_to_do() -> None:
    (problem,) = refused(on_call([LEE, KIM], GAP, urgent=ALWAYS), local("2026-11-23 08:00"), days=1)
    assert problem == (
        "on_call: for an emergency report nobody is on call from Mon 2026-11-23 17:00 CST to Tue 2026-11-24 08:00 CST: "
        "put somebody on, or accept it with `allow_gaps: [emergency]`. `python -m bot coverage --tier emergency` shows all hours"
    )


def test_of_many_gaps_the_first_are_shown_and_the_others_counted() -> None:
    (problem,) = refused(on_call([LEE, KIM], GAP, urgent=ALWAYS), MONDAY)
    assert problem.count(" CST to ") == 3
    assert "(and 8 more)" in problem


def test_one_minute_without_anybody_refuses() -> None:
    short = person("noor", window(range(7), "00:00", "23:59"))
    assert len(refused(on_call([short], ladder((0, "noor")), urgent=ladder((0, "noor"))), MONDAY, days=1)) == 2


@pytest.mark.parametrize(("day", "refuses"), [("2026-12-06", True), ("2026-12-07", False)])
def test_a_start_looks_two_weeks_ahead_and_not_further(day: str, refuses: bool) -> None:
    away = local(f"{day} 00:00").date()
    staff = on_call([person("kim", away=[(away, away)])], ALWAYS, urgent=ALWAYS)
    assert bool(refused(staff, MONDAY)) is refuses


# -- what a start warns of -----------------------------------------------------


def test_with_real_contacts_and_a_last_resort_nothing_is_warned_of() -> None:
    assert warnings(on_call([KIM], ALWAYS, last_resort="kim"), MONDAY) == []


def test_an_emergency_that_only_the_log_sees_is_said_loudly() -> None:
    (warning,) = warnings(on_call([person("kim", method=Method.LOG)], ALWAYS, last_resort="kim"), MONDAY)
    assert "AN EMERGENCY WAKES NOBODY" in warning
    assert "from Mon 2026-11-23 00:00 CST to Mon 2026-12-07 00:00 CST" in warning


def test_hours_in_which_only_the_log_is_reached_are_named_and_joined() -> None:
    logs = [
        person("noor", NIGHTS, method=Method.LOG),
        person("kim", window(range(7), "20:00", "07:00"), method=Method.LOG),
    ]
    staff = on_call(
        [*logs, person("lee", window(range(7), "08:00", "17:00"))],
        ladder((0, "noor lee"), (3, "kim")),
        last_resort="lee",
    )
    (warning,) = warnings(staff, local("2026-11-23 08:00"))
    assert "from Mon 2026-11-23 17:00 CST to Tue 2026-11-24 08:00 CST and from Tue" in warning


def test_one_real_contact_in_any_step_is_enough() -> None:
    staff = on_call([person("noor", method=Method.LOG), KIM], ladder((0, "noor"), (3, "kim")), last_resort="kim")
    assert warnings(staff, MONDAY) == []


def test_a_gap_is_a_gap_and_no_page_to_the_log() -> None:
    assert warnings(on_call([LEE], GAP, last_resort="lee", allowed=[Tier.EMERGENCY]), MONDAY) == []


def test_a_ladder_that_tells_nobody_in_the_end_is_warned_of() -> None:
    assert warnings(on_call([KIM], ALWAYS), MONDAY) == [
        "on_call: nobody is told when a ladder is through without an answer: name somebody in last_resort"
    ]


def test_contacts_that_this_version_cannot_send_to_are_named_and_count_as_silent() -> None:
    staff = on_call([KIM], ALWAYS, last_resort="kim")
    unsent, unheard = warnings(staff, MONDAY, sent=(Method.LOG, Method.URL))
    assert "`sms:` CANNOT BE REACHED" in unsent
    assert "AN EMERGENCY WAKES NOBODY" in unheard
