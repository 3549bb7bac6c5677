"""Replies as text messages: short form first, sources named, quick replies as words or numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.domain.language import Language
from bot.domain.messages import Button, Reply, ReplyKind
from bot.domain.sms_text import MOST_SEGMENTS, Split, parts, plain, segments, whole
from bot.domain.texts import TEXTS, SmsTexts

# What answers a question may be cut. Everything else says what to do, or asks: never cut.
_MAY_BE_CUT = frozenset({ReplyKind.ANSWER, ReplyKind.OUT_OF_SCOPE, ReplyKind.SMALLTALK})
_YES = frozenset({"yes", "y", "si", "s"})
_NO = frozenset({"no", "n"})
_BRIEF = re.compile(r" \([^)]*\)$")


def sms_bodies(replies: Sequence[Reply], language: Language = Language.ENGLISH) -> Split:
    """What is texted now, a message for each reply, and what MORE would give (the caller keeps it)."""
    splits = [_split(reply, TEXTS[language].sms) for reply in replies]
    return Split(
        tuple(body for split in splits for body in split.now),
        "\n".join(split.rest for split in splits if split.rest),
    )


def continued(rest: str, language: Language = Language.ENGLISH) -> Split:
    """The answer to MORE: the next message, and what then remains."""
    return parts(rest, TEXTS[language].sms.more)


def _split(reply: Reply, texts: SmsTexts) -> Split:
    if reply.kind not in _MAY_BE_CUT:
        return whole(_lines(reply.short or reply.text, _options(reply, texts)))
    if reply.kind is ReplyKind.ANSWER and reply.short and reply.short != reply.text:
        return _short_first(reply, reply.short, texts)
    said = _lines(reply.short or reply.text, _sources(_documents(reply), texts), _options(reply, texts))
    return parts(said, texts.more)


def _short_first(reply: Reply, short: str, texts: SmsTexts) -> Split:
    """The short form with as many of its sources as there is room for; MORE gives the answer in full, with all."""
    in_full = _lines(reply.text, _sources(_documents(reply), texts))
    for note in _notes(reply, texts):
        body = plain(f"{_lines(short, note, _options(reply, texts))} {texts.more_in_full}")
        if segments(body) <= MOST_SEGMENTS:
            return Split((body,), in_full)
    return Split(parts(short, texts.more_in_full).now, in_full)


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))


# -- sources ---------------------------------------------------------------------


def _notes(reply: Reply, texts: SmsTexts) -> Iterator[str]:
    """Ways to name the sources, from all titles down to nothing."""
    titles = [_brief(title) for title in _documents(reply)]
    for count in range(len(titles), 0, -1):
        yield _sources(titles[:count], texts, len(titles) - count)
    yield ""


def _documents(reply: Reply) -> list[str]:
    return list(dict.fromkeys(source.document for source in reply.sources))


def _sources(titles: Sequence[str], texts: SmsTexts, others: int = 0) -> str:
    if not titles:
        return ""
    named = "; ".join(f'"{title}"' for title in titles)
    if others:
        named = f"{named} {texts.and_others.format(count=others)}"
    form = texts.source if len(titles) + others == 1 else texts.sources
    return form.format(sources=named)


def _brief(title: str) -> str:
    """A title without what stands in brackets, and without the shorter half around a colon."""
    return max(_BRIEF.sub("", title).split(": "), key=len)


# -- quick replies ---------------------------------------------------------------


def button_text(buttons: Sequence[Button], text: str) -> str | None:
    """What pressing a button would send, if a message names one: its number where numbers were offered, title or text."""
    answer = _bare(text)
    number = int(answer) if re.fullmatch(r"[1-9]", answer) else 0
    if _is_numbered(buttons) and 0 < number <= len(buttons):
        return buttons[number - 1].text
    for button in buttons:
        if answer and answer in (_bare(button.title), _bare(button.text)):
            return button.text
    if _is_yes_or_no(buttons) and answer in _YES | _NO:
        return buttons[answer in _NO].text
    return None


def _options(reply: Reply, texts: SmsTexts) -> str:
    """How to answer, where the text itself does not say it."""
    buttons, said = reply.buttons, _bare(reply.short or reply.text)
    if _is_yes_or_no(buttons):
        return "" if re.search(r"\b(?:yes or no|si o no)\b", said) else texts.yes_or_no
    if all(_bare(button.title) in said for button in buttons):
        return ""
    if _is_numbered(buttons):
        options = "; ".join(f"{number} {button.title}" for number, button in enumerate(buttons, start=1))
        return texts.by_number.format(options=options)
    return texts.by_word.format(options="; ".join(button.title for button in buttons))


def _is_yes_or_no(buttons: Sequence[Button]) -> bool:
    first = [_bare(button.text).partition(" ")[0] for button in buttons]
    return len(first) == 2 and first[0] in _YES and first[1] in _NO


def _is_numbered(buttons: Sequence[Button]) -> bool:
    """Topics to choose from. "2" to "how bad is it?" or "since when?" is an answer, not the second of a list."""
    return (
        1 < len(buttons) <= 9
        and any(_bare(button.title) != _bare(button.text) for button in buttons)
        and not any(char.isdigit() for button in buttons for char in button.title)
        and not _is_yes_or_no(buttons)
    )


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(char for char in letters if not unicodedata.combining(char))
    return re.sub(r"[^\w]+", " ", letters).strip()
