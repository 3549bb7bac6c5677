"""What the screen makes of a bare answer to a question of the symptom talk. Pure.

"1 hour ago" or "3 days" says nothing severe by itself, but the learned reader, which
does not see the question, may take it for anything. What it answers is judged by
`rules.judge`, with the question. Everything else in the talk is screened as ever.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.domain.escalation import Tier
from bot.safety.symptoms.rules import judge, told_in
from bot.safety.symptoms.times import normal
from bot.safety.verdict import Verdict

QUESTIONS = frozenset(f"symptoms/{name}" for name in ("what", "since", "severity", "course", "treatment"))
LEARNED = "learned"

_ANSWER_WORDS = frozenset(
    (
        "s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days night nights week weeks month "
        "months year years am pm o'clock noon midnight midday lunch lunchtime morning afternoon evening tonight today "
        "yesterday monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri last this "
        "ago since for about around at roughly nearly almost over under less more than before after earlier just now "
        "couple few several half a an and or to of the in on it its it's is was been has i i'm think guess maybe say like "
        "mild moderate severe slight slightly medium minor bad very quite pretty really not too so "
        "out getting gotten got better worse same no change unchanged still comes goes steady session infusion treatment "
        "drip my ok okay well um uh probably only already"
    ).split()
)
_WORD = re.compile(r"[a-z']+")


def is_bare_answer(asked: str | None, text: str) -> bool:
    """Whether a message only says when, how much or which way, after a question of the symptom talk."""
    return asked in QUESTIONS and bool(text.strip()) and set(_WORD.findall(normal(text))) <= _ANSWER_WORDS


def rules_alone(verdict: Verdict) -> Verdict:
    """The verdict on a bare answer: what a rule would wake the staff for; the talk judges the rest."""
    kept = (found for found in verdict.evidence if found.flag != LEARNED and found.tier.wakes_staff)
    return Verdict(tuple(kept), bare_answer=True)


def tier_in_talk(asked: str | None, text: str, tier: Tier, now: datetime) -> Tier:
    """The tier of a report that also answers the talk: never lower than what the talk would make of it."""
    judged = judge(told_in(text, now)).tier if asked in QUESTIONS else None
    return tier.worst(judged) if judged else tier
