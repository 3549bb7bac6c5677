"""What the screen's page counts: the real rules, and a learned reader whose opinions the test names."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from bot.domain.escalation import Tier
from bot.safety.joined import CHOSEN
from bot.safety.learned import Opinion
from bot.safety.screen import default_screen
from tools.evaluation.safety import figures
from tools.evaluation.safety.cost import Cost
from tools.evaluation.safety.floors import FLOORS, QUESTIONS_FLOOR, below
from tools.evaluation.safety.judging import Judged, Readers, judge
from tools.evaluation.safety.messages import Message
from tools.evaluation.safety.report import report
from tools.evaluation.share import Share

# Text → (chance, tier); "that" is a report only after a turn.
OPINIONS = {
    "I have chest pain": (0.99, Tier.EMERGENCY),
    "it is all too much": (0.9, Tier.URGENT),
    "not great": (0.25, Tier.EMERGENCY),
    "fine I guess": (0.02, Tier.SAME_DAY),
    "that": (0.8, Tier.SAME_DAY),
    "what a day": (0.5, Tier.EMERGENCY),
    "is this odd": (0.3, Tier.EMERGENCY),
    "what do you charge": (0.01, Tier.SAME_DAY),
}


def _learned(text: str, turns: Sequence[str]) -> Opinion:
    chance, tier = OPINIONS.get(text, (0.0, Tier.SAME_DAY))
    return Opinion(chance if text != "that" or turns else 0.05, tier, "panic", 0, 3)


def _message(text: str, tier: str, *turns: str, kind: str = "plain") -> Message:
    return Message(text, turns, {"tier": tier, "kind": kind, "lang": "en", "channel": "web", "category": "panic"})


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge(
        Readers(default_screen(), _learned),
        [
            _message("I have chest pain", "emergency"),
            _message("it is all too much", "emergency", kind="caregiver"),
            _message("not great", "urgent"),
            _message("fine I guess", "same_day"),
            _message("that", "same_day", "is a rash normal", kind="context"),
            _message("what a day", "none", kind="idiom"),
            _message("is this odd", "none"),
            _message("what do you charge", "none"),
        ],
    )


def test_reports_emergencies_and_the_rest_are_counted(judged: list[Judged]) -> None:
    headline = figures.headline(judged)
    assert headline["report"] == Share(3, 5)
    assert headline["report:emergency"] == headline["emergency paged"] == Share(2, 2)
    assert headline["report:urgent"] == Share(0, 1)
    assert headline["no_report"] == Share(2, 3)
    assert headline["tier exact"] == Share(2, 3)
    assert headline["report recognised or asked back"] == Share(4, 5)


def test_asking_back_is_a_figure_of_its_own(judged: list[Judged]) -> None:
    asked = figures.asked_back(judged)
    assert asked["reports not recognised"] == Share(1, 2)
    assert (asked["urgent not recognised"], asked["same_day not recognised"]) == (Share(1, 1), Share(0, 1))
    assert asked["emergency not recognised"] == Share(0, 0)
    assert asked["what is no report"] == Share(1, 3)


def test_each_label_has_its_reports_and_its_false_alarms(judged: list[Judged]) -> None:
    table = figures.by(judged, "kind")
    assert table["recognised"] == {"caregiver": Share(1, 1), "context": Share(1, 1), "plain": Share(1, 3)}
    assert table["false alarms"] == {"idiom": Share(1, 1), "plain": Share(0, 2)}


def test_tiers_are_listed_most_serious_first(judged: list[Judged]) -> None:
    assert list(figures.by(judged, "tier")["recognised"]) == ["emergency", "urgent", "same_day"]


def test_each_reader_is_also_looked_at_alone(judged: list[Judged]) -> None:
    table = figures.by_reader(judged)
    assert table["rules alone"]["reports recognised"] == Share(1, 5)
    assert table["rules alone"]["false alarms"] == Share(0, 3)
    assert table["learned alone"]["reports recognised"] == table["joined"]["reports recognised"] == Share(3, 5)


def test_a_message_after_a_turn_is_read_with_and_without_it(judged: list[Judged]) -> None:
    table = figures.with_turns(judged)
    assert table["with the turns before"]["reports recognised"] == Share(1, 1)
    assert table["without"]["reports recognised"] == Share(0, 1)


def test_the_confusion_of_tiers_has_every_message_once(judged: list[Judged]) -> None:
    table = figures.tier_confusion(judged)
    assert table["emergency"] == {"emergency": 1, "urgent": 1, "same_day": 0, "asked back": 0, "none": 0}
    assert table["none"] == {"emergency": 1, "urgent": 0, "same_day": 0, "asked back": 1, "none": 1}
    assert sum(sum(row.values()) for row in table.values()) == len(judged)


def test_evidence_is_told_apart_by_who_gave_it(judged: list[Judged]) -> None:
    assert figures.evidence(judged) == {
        "reports recognised": {"rules only": Share(0, 3), "both": Share(1, 3), "learned only": Share(2, 3)},
        "false alarms": {"rules only": Share(0, 1), "both": Share(0, 1), "learned only": Share(1, 1)},
    }


def test_calibration_puts_every_chance_into_its_tenth(judged: list[Judged]) -> None:
    measured = figures.calibration(judged)
    assert [own.total for _, own in measured.bins] == [2, 1, 1, 1, 1, 2]
    assert measured.bins[-1] == (pytest.approx(0.945), Share(2, 2))
    wrong = [0.01, 0.1, 0.75, 0.98, 0.2, 0.5, 0.3, 0.01]
    assert measured.brier == pytest.approx(sum(error**2 for error in wrong) / len(wrong))
    assert measured.expected_error == pytest.approx((0.97 + 0.75 + 0.3 + 0.5 + 0.2 + 0.11) / 8)


def test_at_the_chosen_limits_a_sweep_says_what_the_screen_does(judged: list[Judged]) -> None:
    for sweep in figures.sweeps(judged)[1:]:
        at = sweep.steps.index(sweep.chosen["chosen"])
        now = {line: values[at] for line, values in sweep.lines.items()}
        assert now == {
            "reports missed": pytest.approx(2 / 5),
            "reports missed and not asked back": pytest.approx(1 / 5),
            "false alarms": pytest.approx(1 / 3),
            "non-reports asked back": pytest.approx(1 / 3),
        }


def test_a_higher_limit_misses_more_and_alarms_less(judged: list[Judged]) -> None:
    together = figures.sweeps(judged)[0]
    missed, alarms = together.lines["reports missed"], together.lines["false alarms"]
    assert list(missed) == sorted(missed)
    assert list(alarms) == sorted(alarms, reverse=True)
    assert (missed[0], alarms[-1]) == (0.0, 0.0)
    assert set(together.chosen.values()) == set(CHOSEN.report_at.values())


def test_the_figures_can_be_written_down_even_where_nothing_is_counted(judged: list[Judged]) -> None:
    for part in (judged, [j for j in judged if j.is_report]):
        json.dumps(figures.everything(part), allow_nan=False)


def test_the_page_shows_every_set_and_no_message(judged: list[Judged]) -> None:
    sets = {"first": judged, "<second>": judged[:5]}
    made = report(sets, Share(99, 100), Cost(1.5, 1.2, 200, 300), {"messages": 8})
    assert "<th>first<th>&lt;second&gt;" in made
    for title in ("By tier", "By language", "Asked back", "Whether the chance is one", "Time and memory"):
        assert f"<h2>{title}</h2>" in made
    assert not any(text in made for text in OPINIONS if text != "that")


def test_a_figure_below_its_floor_is_named() -> None:
    good = dict.fromkeys(FLOORS["held_out"], Share(100, 100))
    assert below({"held_out": good, "another": {}}, Share(100, 100)) == []
    low = good | {"no_report": Share(80, 100), "report": Share(0, 0)}
    assert below({"held_out": low}, Share(0, 100)) == [
        f"held_out, report: nan < {FLOORS['held_out']['report']}",
        f"held_out, no_report: 0.800 < {FLOORS['held_out']['no_report']}",
        f"FAQ left alone: 0.000 < {QUESTIONS_FLOOR}",
    ]
