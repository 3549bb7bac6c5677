"""How long ago, in a patient's words: "since yesterday", "14 hrs", "at noon", "3 days".

Where words leave a range ("2-3 hours", "this morning") the longer time is taken:
something that may have lasted too long is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

_ONES = "one two three four five six seven eight nine ten eleven twelve".split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_ONES, start=1)} | {
    "fifteen": "15",
    "eighteen": "18",
    **{ten: str(value) for ten, value in _TENS.items()},
    **{f"{ten}-{one}": str(value + n) for ten, value in _TENS.items() for n, one in enumerate(_ONES[:9], start=1)},
}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})\b")
_VAGUE = {"couple of": "2", "couple": "2", "few": "3", "several": "5", "bunch of": "5", "half a": "0.5", "half": "0.5"}

_HOURS = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "o": 720.0, "y": 8760.0}
_UNITS = (
    r"(?:(?P<s>sec(?:ond)?s?)|(?P<m>m(?:in(?:ute)?s?)?)|(?P<h>h(?:(?:ou)?rs?)?)|(?P<d>d(?:ays?)?|nights?)"
    r"|(?P<w>w(?:ee)?ks?)|(?P<o>months?)|(?P<y>y(?:ea)?rs?))"
)
_AMOUNT = r"(?P<low>\d+(?:\.\d+)?)(?:\s*(?:-|–|to|or|/)\s*(?P<high>\d+(?:\.\d+)?))?"
_SPAN = re.compile(
    rf"(?<![\d.:]){_AMOUNT}\s*(?:more\s+)?{_UNITS}\b(?P<half>\s+and\s+a\s+half)?(?P<or_two>\s+or\s+(?:two|2|so))?"
)
_MORE = re.compile(r"\b(?:more|longer|over|at least|older)\s+(?:than\s+)?(?:a\s+)?$|\bover\s+$|>\s*$")
# "for days", "hours now": an unknown number of them.
_PLURAL = re.compile(r"\b(hours|days|weeks|months|years|ages|forever|always)\b")
_PLURAL_HOURS: Mapping[str, float] = {"hours": 5.0, "days": 72.0, "weeks": 336.0}
_LONG = 8760.0
# More than so much: a little over, so that it is past a limit that it names.
_OVER = 1.25

_JUST = re.compile(
    r"\b(?:just (?:now|started|began|noticed|got)|right now|a (?:moment|minute|second) ago|minutes ago|this (?:moment|minute))\b"
)
_DAYS_OF_WEEK = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY = re.compile(
    r"\b(?P<last>last\s+)?(?P<day>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|saturday|sunday)\b"
)
_DAYS_BACK = (
    (re.compile(r"\bday before yesterday\b"), 2),
    (re.compile(r"\byesterday\b|\byday\b|\blast (?:night|evening)\b|\bovernight\b|\ball night\b"), 1),
    (
        re.compile(r"\btoday\b|\btoday's\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b|\ball day\b|\bearlier\b"),
        0,
    ),
)
_PARTS_OF_DAY = (
    (re.compile(r"\bmidnight\b"), 0.0),
    (re.compile(r"\b(?:morning|breakfast|woke up|waking up|got up)\b|\ball day\b"), 8.0),
    (re.compile(r"\b(?:noon|midday|lunch(?:time)?)\b"), 12.0),
    (re.compile(r"\bafternoon\b"), 14.0),
    (re.compile(r"\b(?:evening|dinner|supper|tonight)\b"), 18.0),
    (re.compile(r"\bnight\b|\bovernight\b"), 21.0),
)
_CLOCK = re.compile(
    r"\b(?:at|since|around|about|from|by|ended|until|till)\s+(?P<h>\d{1,2})(?::(?P<m>\d{2}))?"
    r"\s*(?P<half>[ap])?\.?(?:m\b|o'?clock\b)?\.?(?!\s*(?:/|out|\d|%))"
    r"|\b(?P<h2>\d{1,2})(?::(?P<m2>\d{2}))?\s*(?P<half2>[ap])\.?m\b"
    r"|\b(?P<h3>\d{1,2})(?::(?P<m3>\d{2})\b|\s*o'?clock\b)"
)
# A day without an hour, and the clinic's opening where only "today" is known.
_MIDDAY, _OPENING = 12.0, 8.0
_LEAST = 0.25


def hours_ago(text: str, now: datetime, exact: bool = False) -> float | None:
    """Hours between what `text` names and `now`; None when it names no time.

    `now` is the time of day where the patient is: aware or not, it is only
    compared with itself. `exact`: "today" alone is not a time.
    """
    said = normal(text)
    span = _span(said)
    if span is not None:
        return span
    if _JUST.search(said):
        return _LEAST
    moment = _moment(said, now, exact)
    if moment is not None:
        return max((now - moment) / timedelta(hours=1), _LEAST)
    return _plural(said)


def normal(text: str) -> str:
    """Lower case, plain apostrophes, number words as digits, "an hour" as "1 hour"."""
    said = " ".join(text.lower().replace("’", "'").split())
    said = re.sub(r"\b(twenty|thirty|forty|fifty) (?=(?:one|two|three|four|five|six|seven|eight|nine)\b)", r"\1-", said)
    said = _NUMBER_WORD.sub(lambda found: _NUMBER_WORDS[found[0]], said)
    said = re.sub(r"\b(\d+) and a half\b", r"\1.5", said)
    for words, number in _VAGUE.items():
        said = re.sub(rf"\b(?:an? )?{words}(?= (?:an? )?(?:sec|min|h|d|night|w|month|y))", number, said)
    said = re.sub(r"(?<=0\.5 )an? ", "", said)
    return re.sub(r"\b(?:an?)(?= (?:hour|hr|day|night|week|month|year|minute|min)\b)", "1", said)


def _span(said: str) -> float | None:
    """The first amount of time, with a smaller one right after it ("1 hour 30 minutes")."""
    total, end, unit = 0.0, None, _LONG
    for found in _SPAN.finditer(said):
        size = next(_HOURS[name] for name in _HOURS if found[name])
        if end is not None and (size >= unit or not re.fullmatch(r"[\s,]*(?:and\s+)?", said[end : found.start()])):
            break
        total += _amount(found) * size
        if _MORE.search(said[: found.start()]):
            total *= _OVER
        end, unit = found.end(), size
    return total if end is not None else None


def _amount(found: re.Match[str]) -> float:
    amount = float(found["high"] or found["low"])
    if found["half"]:
        amount += 0.5
    return amount + 1 if found["or_two"] and not found["or_two"].endswith("so") else amount


def _plural(said: str) -> float | None:
    found = _PLURAL.search(said)
    return _PLURAL_HOURS.get(found[1], _LONG) if found else None


def _moment(said: str, now: datetime, exact: bool) -> datetime | None:
    """The latest moment before `now` that a day, a part of it or a clock names."""
    days, hours = _days_back(said, now), list(_clock(said)) or list(_part_of_day(said))
    if not hours and (days is None or (exact and days == 0)):
        return None
    if days is None:
        return max(_latest(hour, now) for hour in hours)
    if days == 0:
        return max((m for m in (_on(now, 0, hour) for hour in hours or [_OPENING]) if m <= now), default=now)
    return _on(now, days, hours[-1] if hours else _MIDDAY)


def _days_back(said: str, now: datetime) -> int | None:
    for pattern, days in _DAYS_BACK:
        if pattern.search(said):
            return days
    if found := _WEEKDAY.search(said):
        day = next(n for n, name in enumerate(_DAYS_OF_WEEK) if name.startswith(found["day"][:3]))
        # Who says "Tuesday" on a Tuesday means the one a week ago.
        return (now.weekday() - day) % 7 or 7
    if re.search(r"\blast week\b", said):
        return 7
    return 30 if re.search(r"\blast month\b", said) else None


def _clock(said: str) -> Iterator[float]:
    """The hours of the day that a clock time may mean, afternoon last."""
    found = _CLOCK.search(said)
    if found is None:
        return
    hour = int(found["h"] or found["h2"] or found["h3"]) + int(found["m"] or found["m2"] or found["m3"] or 0) / 60
    half = found["half"] or found["half2"]
    if hour >= 24:
        return
    if half == "a" or (half is None and re.search(r"\bmorning\b", said)) or hour >= 13:
        yield hour % 12 if half == "a" else hour
    elif half == "p" or re.search(r"\b(?:afternoon|evening|night|tonight)\b", said):
        yield hour % 12 + 12
    else:
        yield from (hour % 12, hour % 12 + 12)


def _part_of_day(said: str) -> Iterator[float]:
    for pattern, hour in _PARTS_OF_DAY:
        if pattern.search(said):
            yield hour
            return


def _latest(hour: float, now: datetime) -> datetime:
    today = _on(now, 0, hour)
    return today if today <= now else _on(now, 1, hour)


def _on(now: datetime, days: int, hour: float) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=-days, hours=hour)
