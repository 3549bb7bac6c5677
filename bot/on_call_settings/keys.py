"""Every key of the section, as docs/settings.md explains it."""

from __future__ import annotations

from bot.on_call_settings.section import DEFAULT_AFTER, DEFAULT_LIMITS, DEFAULT_PAUSE, DEFAULT_ROUNDS, LIMIT_KEYS

# Key, whether it is needed, what it is.
EXPLAINED: tuple[tuple[str, bool, str], ...] = (
    ("people", True, "Who can be paged, by a short id of your own: small letters, digits, `-` and `_`."),
    ("people: …: name", True, "The first name, as patients are told it."),
    ("people: …: role", True, "What patients are told they are, such as nurse."),
    (
        "people: …: contacts",
        True,
        "Tried in their order: `call:+15550100101`, `sms:+15550100101`, `url:PAGE_NOOR` (the environment variable "
        "`PAGE_NOOR`, or the file that `PAGE_NOOR_FILE` names, holds an Apprise URL), `log` (a line in the log, for a trial).",
    ),
    (
        "people: …: hours",
        False,
        'Days and hours of the week in the clinic\'s time: `"mon-fri 17:00-08:00"` ends the next morning, '
        '`"sat,sun 08:00-08:00"` is a day and a night each, 24:00 is midnight. Left out: always.',
    ),
    ("people: …: away", False, 'Days off, as `"2026-12-24..2026-12-26"` or one day; they go before the hours.'),
    ("ladder", True, "What happens with an `emergency` and with an `urgent` report; both are needed, other tiers have none."),
    ("ladder: …: steps", True, "Taken in order until somebody acknowledges; one with nobody on call is skipped at once."),
    ("ladder: …: steps: page", True, "The ids of those who are paged, all at the same time."),
    (
        "ladder: …: steps: after",
        False,
        "Minutes since the step before, 0 to 60. Default 0 for the first, then "
        f"{' and '.join(f'{minutes} ({tier})' for tier, minutes in DEFAULT_AFTER.items())}.",
    ),
    (
        "ladder: …: rounds",
        False,
        f"How often the steps are run until the last resort is told, 1 to 10. Default {DEFAULT_ROUNDS}.",
    ),
    (
        "ladder: …: pause",
        False,
        "Minutes from the last step to the first of the next round, 1 to 60. "
        f"Default {' and '.join(f'{minutes} ({tier})' for tier, minutes in DEFAULT_PAUSE.items())}.",
    ),
    (
        "last_resort",
        False,
        "Ids of those who are told when all rounds are through, or when nobody is on call, at any hour. Without them "
        "a start says a warning.",
    ),
    *(
        (f"limits: …: {key}", False, f"{text} Default {' and '.join(f'{DEFAULT_LIMITS[t][key]} ({t})' for t in DEFAULT_LIMITS)}.")
        for key, text in zip(
            LIMIT_KEYS,
            (
                "Minutes until somebody acknowledges, else the patient is told to call.",
                "Minutes from the acknowledgement until somebody takes over, else paging goes on.",
                "Minutes from the take-over to the first words to the patient, else paging goes on.",
                "Minutes until it is closed, else its owner is reminded.",
            ),
            strict=True,
        )
    ),
    ("allow_gaps", False, "Tiers for which hours with nobody on call do not refuse a start, such as `[urgent]`."),
)  # fmt: skip
