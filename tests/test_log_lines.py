"""What a log line becomes, for people and for collectors."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot.log_lines import JSON, REQUEST_ID, TEXT, JsonLines, TextLines, parse, reshape


@pytest.fixture
def request_id() -> Iterator[str]:
    """A request is being served."""
    token = REQUEST_ID.set("abc-123")
    yield "abc-123"
    REQUEST_ID.reset(token)


def _record(message: str, *values: object) -> logging.LogRecord:
    """As a logger makes it, with the error that is being handled, if any."""
    trace = sys.exc_info() if sys.exc_info()[0] else None
    return logging.LogRecord("bot.part", logging.ERROR, "part.py", 1, message, values, trace)


def _json(message: str, *values: object) -> dict[str, Any]:
    line = JsonLines().format(_record(message, *values))
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line)
    return read


@pytest.mark.parametrize(
    ("message", "event", "fields"),
    [
        ("report_spooled", "report_spooled", {}),
        ("page_failed reference=7KQ3M attempts=2", "page_failed", {"reference": "7KQ3M", "attempts": 2}),
        ("waited seconds=0.25 up=True why=None", "waited", {"seconds": 0.25, "up": True, "why": None}),
        ("silent nobody_is_paged=true", "silent", {"nobody_is_paged": True}),
        ("spool_failed error=No space left on device", "spool_failed", {"error": "No space left on device"}),
        ("a error=No space b=2", "a", {"error": "No space", "b": 2}),
        ("silent what='restart it: python -m bot pager'", "silent", {"what": "restart it: python -m bot pager"}),
        (
            """on_call problem="nobody's on call, a=b" days=3""",
            "on_call",
            {"problem": "nobody's on call, a=b", "days": 3},
        ),
        (r"""on_call problem='two\nlines'""", "on_call", {"problem": "two\nlines"}),
        ("odd value='not closed", "odd", {"value": "'not closed"}),
        ('{"event": "rasa.up", "port": 5005}', "rasa.up", {"port": 5005}),
        ('{"port": 5005}', "message", {"port": 5005}),
        ("empty value=", "empty", {"value": ""}),
        (
            "rasa_replica url=http://rasa-1:5005/?a=b up=False",
            "rasa_replica",
            {"url": "http://rasa-1:5005/?a=b", "up": False},
        ),
    ],
)
def test_event_and_keywords_are_found(message: str, event: str, fields: dict[str, Any]) -> None:
    assert parse(message) == (event, fields)


@pytest.mark.parametrize(
    "message", ["Error handling request", "keep the whole of it", "", "done = yes", "{no json}", "x" * 9 + " "]
)
def test_what_others_write_is_kept_whole(message: str) -> None:
    assert parse(message) == ("message", {"message": message})


def test_a_json_line_has_time_level_logger_event_and_keywords() -> None:
    line = _json("page_failed reference=%s", "7KQ3M")
    assert {**line, "time": ""} == {
        "time": "", "level": "ERROR", "logger": "bot.part", "event": "page_failed", "reference": "7KQ3M",
    }  # fmt: skip
    assert line["time"].endswith("+00:00")


def test_a_keyword_takes_no_place_of_ours() -> None:
    line = _json("child_died event=other level=low")
    assert (line["event"], line["level"]) == ("child_died", "ERROR")


def _failing(form: logging.Formatter) -> str:
    try:
        raise ValueError("no")
    except ValueError:
        return form.format(_record("request_failed"))


def test_a_traceback_is_in_the_line() -> None:
    line = _failing(JsonLines())
    assert "\n" not in line
    assert "ValueError: no" in json.loads(line)["trace"]


def test_both_forms_say_the_request(request_id: str) -> None:
    assert _json("asked")["request"] == request_id
    assert TextLines().format(_record("asked n=1")).endswith("bot.part asked n=1 request=abc-123")


def test_without_a_request_none_is_said() -> None:
    assert "request" not in _json("asked")
    assert TextLines().format(_record("asked")).endswith("bot.part asked")


def test_the_traceback_of_a_text_line_follows_it(request_id: str) -> None:
    first, second, *_ = _failing(TextLines()).splitlines()
    assert first.endswith("request_failed request=abc-123")
    assert second.startswith("Traceback")


@pytest.mark.parametrize(("form", "formatter"), [(JSON, JsonLines), (TEXT, logging.Formatter)])
def test_a_log_that_somebody_else_has_set_up_takes_our_form(
    form: str, formatter: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    reshape(form)
    assert type(handler.formatter) is formatter
