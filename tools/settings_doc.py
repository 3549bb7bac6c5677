"""Writes docs/settings.md from the settings themselves: python -m tools.settings_doc."""

from __future__ import annotations

from bot.console_settings import EXAMPLE as CONSOLE_EXAMPLE
from bot.console_settings import EXPLAINED as CONSOLE_EXPLAINED
from bot.on_call_settings.keys import EXPLAINED
from bot.on_call_settings.section import SHORTEST
from bot.retention_settings import EXAMPLE as RETENTION_EXAMPLE
from bot.retention_settings import EXPLAINED as RETENTION
from bot.settings import CLINIC_SCHEMA, ROOT, SETTINGS
from bot.telephone_settings import EXAMPLE as TELEPHONE_EXAMPLE
from bot.telephone_settings import EXPLAINED as TELEPHONE_EXPLAINED
from bot.widget_settings import EXPLAINED as WIDGET

PATH = ROOT / "docs" / "settings.md"


def render() -> str:
    """The page."""
    lines = [
        "# Settings",
        "",
        "Made by `python -m tools.settings_doc`; a test keeps it equal to `bot/settings.py`, `bot/on_call_settings`",
        "and `bot/telephone_settings.py`.",
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
            f"| `{key}` | {_yes(key in (*CLINIC_SCHEMA['required'], 'on_call'))} | {schema['description']} |"
            for key, schema in CLINIC_SCHEMA["properties"].items()
        ),
        "",
        "## clinic.yml: on_call",
        "",
        "The shortest that will do; `clinic.yml` as it comes has a longer one to start from.",
        "",
        "```yaml",
        *SHORTEST.splitlines(),
        "```",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(f"| `{key}` | {_yes(needed)} | {text} |" for key, needed, text in EXPLAINED),
        "",
        "`python -m bot coverage --days 14` prints whom a report of each tier would page, hour by hour, marks the gaps, and ends",
        "with status 1 if one of them is not allowed (`--tier emergency`, `--from 2026-12-24T17:00`). `make run` and",
        "`python -m bot check` look at the next 14 days in the same way and refuse to start. The gateway alone does not: one that is",
        "restarted in the night takes in reports whatever a calendar says by then, and writes the gap to its log.",
        "",
        "## clinic.yml: telephone",
        "",
        "Texts and calls through Twilio, or a provider that speaks the same. Left out together with `TWILIO_ACCOUNT_SID`: neither.",
        "`PUBLIC_URL` must be the https address that the provider calls, exactly as its console has it: it is signed.",
        "",
        "```yaml",
        *TELEPHONE_EXAMPLE.splitlines(),
        "```",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(f"| `{key}` | {_yes(needed)} | {text} |" for key, needed, text in TELEPHONE_EXPLAINED),
        "",
        "## clinic.yml: widget",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(f"| `{key}` | {_yes(needed)} | {text} |" for key, needed, text in WIDGET),
        "",
        "## clinic.yml: console",
        "",
        "How the staff sign in; docs/console.md says who may do what.",
        "",
        "```yaml",
        *CONSOLE_EXAMPLE.splitlines(),
        "```",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(f"| `{key}` | {_yes(needed)} | {text} |" for key, needed, text in CONSOLE_EXPLAINED),
        "",
        "## clinic.yml: retention",
        "",
        "How long what patients wrote is kept; docs/operations.md says how it is deleted. The audit is kept as long as the database.",
        "",
        "```yaml",
        *RETENTION_EXAMPLE.splitlines(),
        "```",
        "",
        "| key | needed | what |",
        "|---|---|---|",
        *(f"| `{key}` | {_yes(needed)} | {text} |" for key, needed, text in RETENTION),
        "",
    ]
    return "\n".join(lines)


def _yes(needed: bool) -> str:
    return "yes" if needed else "no"


if __name__ == "__main__":
    PATH.write_text(render(), encoding="utf-8")
