"""Alerts and dashboard speak of metrics that exist."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from typing import Any

import jsonschema
import pytest

from bot.domain.clock import utc_now
from bot.domain.escalation import Status, Tier
from bot.domain.messages import ReplyKind
from bot.metrics import Metrics
from bot.services.measures import Figures, Outbox
from bot.settings import ROOT
from tests.deploy.shipped import DEPLOY, PORTS, document

ALERTS = document("prometheus/alerts.yml")
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text("utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [t["expr"] for panel in PANELS for t in panel["targets"]]
# Prometheus's own.
_BY_PROMETHEUS = {"up"}

_DURATION = {"type": "string", "pattern": r"^\d+[smhd]$"}
_TEXT = {"type": "string", "minLength": 10, "pattern": r"\S$"}
SCHEMA = {
    "type": "object",
    "required": ["groups"],
    "additionalProperties": False,
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "rules"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-z-]+$"},
                    "rules": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["alert", "expr", "labels", "annotations"],
                            "additionalProperties": False,
                            "properties": {
                                "alert": {"type": "string", "pattern": "^Assistant[A-Za-z]+$"},
                                "expr": {"type": "string"},
                                "for": _DURATION,
                                "labels": {
                                    "type": "object",
                                    "required": ["severity"],
                                    "additionalProperties": False,
                                    "properties": {"severity": {"enum": ["page", "ticket"]}},
                                },
                                "annotations": {
                                    "type": "object",
                                    "required": ["summary", "what_to_do"],
                                    "additionalProperties": False,
                                    "properties": {"summary": _TEXT, "what_to_do": _TEXT},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def samples() -> dict[str, set[str]]:
    """Every sample that can be read, with the names of its labels."""
    metrics = Metrics()
    metrics.answered("web", ReplyKind)
    metrics.asked(0.1, "timeout")
    metrics.screened(0.1)
    metrics.served("/", "GET", 200, 0.1)
    metrics.refused("not_found")
    now, due = utc_now(), Outbox(1, utc_now())
    metrics.parts({"http://rasa-1:5005": True}, True, 0)
    metrics.stand(Figures({(Tier.URGENT, Status.OPEN): 1}, {Tier.URGENT: now}, due, due, (), now, now), now)
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


SAMPLES = samples()


def selected(expression: str) -> list[tuple[str, str]]:
    """The metrics of an expression, with what is in braces behind each."""
    words = re.sub(r'"[^"]*"', '""', re.sub(r"\b(?:by|without)\s*\([^)]*\)", "", expression))
    names = re.findall(r"\b((?:assistant|process|python)_\w+|up)\b(?!\()\s*(?:\{([^}]*)\})?", words)
    return [(name, labels) for name, labels in names]


def test_rules_are_built_as_they_should() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(ALERTS)
    names = [rule["alert"] for rule in RULES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_exists(expression: str) -> None:
    found = selected(expression)
    assert found
    for name, labels in found:
        assert name in SAMPLES or name in _BY_PROMETHEUS
        used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels))
        assert used <= SAMPLES.get(name, set()) | {"job", "instance"}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_brackets_are_closed(expression: str) -> None:
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


def test_label_values_that_are_asked_for_exist() -> None:
    asked = {pair for e in EXPRESSIONS for pair in re.findall(r'(tier|outbox|status|quantile)="([a-z_0-9.]+)"', e)}
    read = {
        (name, value) for family in _families() for sample in family.samples for name, value in sample.labels.items()
    }
    assert asked
    assert asked <= read


def _families() -> list[Any]:
    metrics = Metrics()
    now = utc_now()
    metrics.stand(Figures({}, {}, Outbox(0, None), Outbox(0, None), (), None, None), now)
    return list(metrics.registry.collect())


def test_whatever_is_measured_is_shown() -> None:
    shown = {name for expression in EXPRESSIONS for name, _ in selected(expression)}
    families = {name.removesuffix("_created") for name in SAMPLES if name.startswith("assistant_")}
    stems = {re.sub("_(bucket|count|sum|total)$", "", name) for name in families}
    assert stems - {re.sub("_(bucket|count|sum|total)$", "", name) for name in shown} == set()


def test_the_docs_list_every_metric() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = {family.name + ("_total" if family.type == "counter" else "") for family in Metrics().registry.collect()}
    own = {name for name in names if name.startswith("assistant_")}
    assert own
    assert own == set(re.findall(r"^\| `(assistant_\w+)` \|", page, re.M))


def test_the_alerts_and_the_docs_name_the_same() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert {rule["alert"] for rule in RULES} == set(re.findall(r"^\| `(Assistant\w+)` \|", page, re.M))


def test_panels_lie_side_by_side() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    cells = [
        cell
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for cell in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_every_panel_says_what_it_shows_and_asks_the_chosen_prometheus() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource", "job"]


def test_prometheus_asks_every_gateway_of_the_compose_file() -> None:
    (job,) = document("prometheus/prometheus.yml")["scrape_configs"]
    gateways = [name for name in document("compose.yaml")["services"] if name.startswith("gateway-")]
    assert job["static_configs"] == [{"targets": [f"{name}:{PORTS['gateway']}" for name in gateways]}]
    assert job["job_name"] == "assistant"


PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool")
@pytest.mark.parametrize(
    "arguments", [("check", "rules", "deploy/prometheus/alerts.yml"), ("test", "rules", "tests/deploy/alerts_test.yml")]
)
def test_prometheus_reads_them_and_fires_when_it_should(arguments: tuple[str, ...]) -> None:
    run = subprocess.run([str(PROMTOOL), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
