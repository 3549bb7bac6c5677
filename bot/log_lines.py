"""Lines of the log: an event and keywords, as text or as JSON, each with the request that it belongs to."""

from __future__ import annotations

import ast
import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

TEXT, JSON = "TEXT", "JSON"
# The request that is being served; None outside of one.
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)

_TEXT_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_EVENT = re.compile(r"[a-z][a-z0-9_]*(?!\S)")
# Up to the next keyword, since the words of an operating system's error have spaces.
_BARE = r"(?:(?!\s+[A-Za-z_]\w*=).)*"
_QUOTED = r"""'(?:[^'\\]|\\.)*'(?!\S)|"(?:[^"\\]|\\.)*"(?!\S)"""
_PAIR = re.compile(rf"\s+([A-Za-z_]\w*)=({_QUOTED}|{_BARE})", re.S)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_CONSTANTS = {"True": True, "true": True, "False": False, "false": False, "None": None}
# What other libraries write is no event of ours.
_FOREIGN = "message"


def configure(level: str, form: str = TEXT) -> None:
    """Write the log of this process to standard error, from `level` on, as TEXT or JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == JSON else TextLines())
    logging.basicConfig(level=level, handlers=[handler])


def reshape(form: str) -> None:
    """The same where somebody else has set the log up, as Rasa does; TEXT leaves it as it is."""
    if form == JSON:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())


class TextLines(logging.Formatter):
    """For reading: the request is the last keyword."""

    def __init__(self) -> None:
        super().__init__(_TEXT_LINE)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without a traceback."""
        line = super().formatMessage(record)
        request_id = REQUEST_ID.get()
        return f"{line} request={request_id}" if request_id else line


class JsonLines(logging.Formatter):
    """For collectors: one object a line, with `time`, `level`, `logger`, `event` and the keywords beside them."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, a traceback in it as `trace`."""
        own: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if request_id := REQUEST_ID.get():
            own["request"] = request_id
        if record.exc_info:
            own["trace"] = self.formatException(record.exc_info)
        event, fields = parse(record.getMessage())
        own["event"] = event
        # A keyword that is called like one of these does not take its place.
        return json.dumps({**own, **fields, **own}, default=str)


def parse(message: str) -> tuple[str, dict[str, Any]]:
    """Event and keywords of a line; what is no such line is the event `message` with the whole in `message`."""
    if found := _object(message):
        return found
    event = _EVENT.match(message)
    fields: dict[str, Any] = {}
    at = event.end() if event else 0
    while event and at < len(message):
        if pair := _PAIR.match(message, at):
            fields[pair[1]] = _value(pair[2])
            at = pair.end()
        else:
            event = None
    return (event[0], fields) if event else (_FOREIGN, {"message": message})


def _object(message: str) -> tuple[str, dict[str, Any]] | None:
    """Rasa's lines are JSON already."""
    if not message.startswith("{"):
        return None
    try:
        fields: dict[str, Any] = json.loads(message)
    except ValueError:
        return None
    return str(fields.pop("event", _FOREIGN)), fields


def _value(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if text[:1] in ("'", '"'):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
    return text
