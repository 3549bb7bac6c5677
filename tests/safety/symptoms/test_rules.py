"""What follows from what was told about a symptom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import yaml

from bot.domain.escalation import Tier
from bot.safety.symptoms.answers import Course
from bot.safety.symptoms.rules import (
    COURSE,
    HOW_BAD,
    NEVER,
    SINCE,
    TREATMENT,
    UNKNOWN,
    WHAT,
    WITH_TREATMENT,
    Outcome,
    answer_to,
    answer_topic,
    judge,
    lasted,
    told_in,
    with_more,
)
from bot.safety.symptoms.table import OTHER, SYMPTOMS, named
from bot.settings import ROOT

NOW = datetime(2026, 11, 18, 15, 0)  # noqa: DTZ001 - a Wednesday, where the patient is
MILD: dict[str, Any] = {WHAT: ["nausea"], SINCE: 1.0, HOW_BAD: 2, COURSE: Course.BETTER, TREATMENT: 2.0}


def told(**changes: Any) -> dict[str, Any]:
    """A mild, easing nausea an hour after the treatment, but for these."""
    names = {"what": WHAT, "since": SINCE, "bad": HOW_BAD, "course": COURSE, "treatment": TREATMENT}
    return {**MILD, **{names[name]: value for name, value in changes.items()}}


# -- a person has to hear of it -----------------------------------------------------


def test_mild_brief_and_easing_is_expected() -> None:
    assert judge(MILD).outcome is Outcome.EXPECTED
    assert judge(MILD).tier is None


@pytest.mark.parametrize(("bad", "tier"), [(0, None), (6, None), (6.5, None), (7, Tier.URGENT), (10, Tier.URGENT)])
def test_from_seven_of_ten_on_it_is_urgent(bad: float, tier: Tier | None) -> None:
    assert judge(told(bad=bad)).tier is tier


@pytest.mark.parametrize(("course", "tier"), [("better", None), ("same", None), ("worse", Tier.URGENT)])
def test_what_gets_worse_is_urgent(course: str, tier: Tier | None) -> None:
    assert judge(told(course=course)).tier is tier


@pytest.mark.parametrize(
    ("what", "since", "tier"),
    [
        ("dissociation", 2, None),
        ("dissociation", 2.5, Tier.SAME_DAY),
        ("sleepiness", 2, None),
        ("sleepiness", 3, Tier.SAME_DAY),
        ("anxiety", 3, Tier.SAME_DAY),
        ("blood_pressure", 4, None),
        ("blood_pressure", 4.5, Tier.SAME_DAY),
        ("nausea", 24, None),
        ("nausea", 25, Tier.SAME_DAY),
        ("headache", 96, Tier.SAME_DAY),
    ],
)
def test_what_lasts_beyond_its_window_is_for_today(what: str, since: float, tier: Tier | None) -> None:
    assert judge(told(what=[what], since=since, treatment=since)).tier is tier


def test_of_several_symptoms_the_shortest_window_counts() -> None:
    judgement = judge(told(what=["nausea", "dissociation"], since=5.0, treatment=5.0))
    assert (judgement.tier, judgement.categories) == (Tier.SAME_DAY, ("dissociation_psychosis_mania",))


def test_a_psychic_effect_on_the_day_after_is_for_today_however_short() -> None:
    assert judge(told(what=["dissociation"], since=0.5, treatment=30)).reasons == ("the_day_after",)


@pytest.mark.parametrize("what", ["skin", "urinary"])
def test_what_the_clinical_table_calls_back_about_is_for_today_however_mild(what: str) -> None:
    assert judge(told(what=[what])).tier is Tier.SAME_DAY


def test_since_the_treatment_is_as_long_as_the_treatment_is_ago() -> None:
    assert lasted(told(since=WITH_TREATMENT, treatment=30.0)) == 30
    assert judge(told(since=WITH_TREATMENT, treatment=30.0)).tier is Tier.SAME_DAY


def test_severe_goes_before_lasting() -> None:
    judgement = judge(told(what=["headache"], since=96, bad=9, course="worse"))
    assert judgement.tier is Tier.URGENT
    assert judgement.reasons == ("severe", "getting_worse")
    assert judgement.categories == ("hypertensive",)


def test_severe_is_urgent_whatever_else_is_unknown() -> None:
    assert judge({HOW_BAD: 8}).tier is Tier.URGENT


# -- not enough to say that it can wait ----------------------------------------------


@pytest.mark.parametrize("fact", [WHAT, SINCE, HOW_BAD, COURSE, TREATMENT])
@pytest.mark.parametrize("how", ["missing", "skipped"])
def test_anything_unknown_is_a_reason_to_offer_the_staff(fact: str, how: str) -> None:
    facts = {**MILD, fact: UNKNOWN} if how == "skipped" else {k: v for k, v in MILD.items() if k != fact}
    judgement = judge(facts)
    assert judgement.outcome is Outcome.UNSURE
    assert f"{fact}_unknown" in judgement.reasons


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"what": [OTHER]}, "not_in_the_documents"),
        ({"what": ["infusion_site"]}, "not_in_the_documents"),
        ({"treatment": NEVER}, "never_treated"),
        ({"since": 1.0, "treatment": 100.0}, "began_late"),
        ({"bad": 5, "course": "same"}, "moderate_and_not_easing"),
    ],
)
def test_what_the_documents_do_not_expect_is_offered_to_the_staff(changes: dict[str, Any], reason: str) -> None:
    judgement = judge(told(**changes))
    assert (judgement.outcome, judgement.reasons) == (Outcome.UNSURE, (reason,))


# -- reading messages -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("spacey", {WHAT: ["dissociation"]}),
        ("nausea and a headache", {WHAT: ["nausea", "headache"]}),
        ("a mild headache since noon", {WHAT: ["headache"], SINCE: 3.0, HOW_BAD: 2.0}),
        ("queasy since this morning's session", {WHAT: ["nausea"], SINCE: WITH_TREATMENT, TREATMENT: 7.0}),
        ("my dizziness is getting worse", {WHAT: ["dizziness"], COURSE: "worse"}),
        ("I feel a bit strange", {}),
        ("no headache but dizzy", {WHAT: ["dizziness"]}),
    ],
)
def test_a_first_message_is_read_for_all_that_it_says(text: str, facts: dict[str, Any]) -> None:
    assert told_in(text, NOW) == facts


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        (WHAT, "my tummy is upset", ["nausea"]),
        (WHAT, "purple", None),
        (SINCE, "since the infusion", WITH_TREATMENT),
        (SINCE, "3 hours", 3.0),
        (SINCE, "dunno", None),
        (HOW_BAD, "4", 4.0),
        (COURSE, "gone now", "better"),
        (TREATMENT, "Earlier today", 7.0),
        (TREATMENT, "haven't had one yet", NEVER),
        (TREATMENT, "who knows", None),
    ],
)
def test_an_answer_is_read_for_what_was_asked(fact: str, text: str, value: Any) -> None:
    assert answer_to(fact, text, NOW) == value


def test_later_words_add_symptoms_and_never_make_it_milder() -> None:
    both = with_more(told(bad=8, course="worse", since=UNKNOWN), {WHAT: ["headache"], HOW_BAD: 2, COURSE: "better"})
    assert both == told(what=["nausea", "headache"], bad=8, course="worse", since=UNKNOWN)
    assert with_more(told(), {HOW_BAD: 9, COURSE: "worse", SINCE: 50}) == told(bad=9, course="worse")


# -- the table ------------------------------------------------------------------------


def test_every_button_is_an_answer_to_its_question() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    for fact in (WHAT, SINCE, HOW_BAD, COURSE, TREATMENT):
        for button in responses[f"utter_ask_symptom_form_{fact}"][0]["custom"]["buttons"]:
            assert answer_to(fact, button["text"], NOW) is not None, button["text"]


def test_every_topic_of_the_table_is_one_that_the_documents_answer() -> None:
    topics = {row.answer for row in SYMPTOMS.values() if row.answer}
    assert [t for t in topics if not (ROOT / "data" / "nlu" / f"{t}.yml").exists()] == []


def test_every_row_names_its_source() -> None:
    assert [row.name for row in SYMPTOMS.values() if not row.source] == []


@pytest.mark.parametrize(
    ("what", "topic"),
    [
        (["nausea"], "faq/nausea"),
        (["headache", "dizziness"], "faq/common_side_effects"),
        (["nausea", "tiredness"], "faq/common_side_effects"),
        (["nausea", "infusion_site"], None),
        ([OTHER], None),
        (UNKNOWN, None),
    ],
)
def test_the_documents_answer_fits_the_symptoms(what: Any, topic: str | None) -> None:
    assert answer_topic({WHAT: what}) == topic


def test_most_training_lines_of_reports_name_a_symptom() -> None:
    entry = yaml.safe_load((ROOT / "data/nlu/side_effects.yml").read_text(encoding="utf-8"))["nlu"][0]
    lines = [line.removeprefix("- ") for line in entry["examples"].splitlines()]
    assert sum(bool(named(line)) for line in lines) >= 0.95 * len(lines)
