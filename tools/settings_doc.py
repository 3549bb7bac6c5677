"""Writes docs/settings.md from the settings themselves: python -m tools.settings_doc."""

from __future__ import annotations

from bot.settings import CLINIC_SCHEMA, ROOT, SETTINGS

PATH = ROOT / "docs" / "settings.md"


def render() -> str:
    """The page."""
    lines = [
        "# Settings",
        "",
        "Made by `python -m tools.settings_doc`; a test keeps it equal to `bot/settings.py`.",
        "",
        "## Environment",
        "",
        'Also as options: `make run ARGS="--port 9000"`, except for secrets. `NAME_FILE` names a file that holds the value.',
        "All problems are named at once, at start.",
        "",
        "| variable | default | what |",
        "|---|---|---|",
        *(f"| `{s.name}` | {f'`{s.default}`' if s.default else ''} | {s.help} |" for s in SETTINGS),
        "",
        "## clinic.yml",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(
            f"| `{key}` | {'yes' if key in CLINIC_SCHEMA['required'] else 'no'} | {schema['description']} |"
            for key, schema in CLINIC_SCHEMA["properties"].items()
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PATH.write_text(render(), encoding="utf-8")
