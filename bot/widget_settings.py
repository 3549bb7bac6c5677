"""The section `widget` of clinic.yml: which sites may show the chat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.on_call_settings.notes import Notes, read_fields, read_list, shown

# Key, whether it is needed, what it is.
EXPLAINED: tuple[tuple[str, bool, str], ...] = (
    (
        "sites",
        False,
        'Sites whose pages may show the chat, as their address begins: `["https://www.example.org"]`, without a path. '
        "With and without `www.` are two sites. Left out: pages of the gateway itself.",
    ),
)
_FORM = 'sites: ["https://www.example.org"]'
# As browsers write it: small letters, no path, no usual port. Others could read what goes over http.
_SITE = re.compile(r"(https://[a-z0-9.-]+|http://(?:localhost|127\.0\.0\.1))(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class WidgetSettings:
    """Origins of other sites that may use the chat."""

    sites: tuple[str, ...] = ()


def read_widget(data: Any, notes: Notes) -> WidgetSettings:
    """The section, or its defaults where there is none; problems go to `notes`."""
    if data is None:
        return WidgetSettings()
    fields = read_fields(data, notes, [key for key, _, _ in EXPLAINED], _FORM)
    place = notes.at("sites")
    entries = read_list(fields.get("sites") or [], place, _FORM)
    return WidgetSettings(tuple(dict.fromkeys(_site(entry, place) for entry in entries)))


def _site(entry: Any, notes: Notes) -> str:
    origin = entry.strip().rstrip("/").lower() if isinstance(entry, str) else ""
    if not _SITE.fullmatch(origin):
        notes.add(
            f"{shown(entry)} is no site: write scheme and host as the browser shows them, such as https://www.example.org "
            "(https, no path, no *; letters beyond a-z as xn--…)"
        )
    return origin.removesuffix(":443") if origin.startswith("https:") else origin.removesuffix(":80")
