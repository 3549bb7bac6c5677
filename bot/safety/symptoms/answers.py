"""What a patient says about a symptom: how bad, getting better or worse, since which treatment, or enough of this."""

from __future__ import annotations

import enum
import re
from datetime import datetime

from bot.safety.symptoms.times import hours_ago, normal

# On a scale to 10: CTCAE grades 1, 2 and 3, as numeric rating scales are usually cut (1-3, 4-6, 7-10).
MILD, MODERATE, SEVERE = 2.0, 5.0, 8.0
SEVERE_FROM, MODERATE_FROM = 7.0, 4.0


class Course(enum.StrEnum):
    """Where a symptom is going."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


_OF_TEN = re.compile(r"\b(\d{1,2}(?:\.\d)?)\s*(?:/|out of|of|on)\s*(?:a\s+)?10\b")
# A number without a unit: an answer to "how bad?" only.
_BARE_NUMBER = re.compile(
    r"(?<![\d./:])\b(?:\d{1,2}\s*(?:-|–|to|or)\s*)?(\d{1,2}(?:\.\d)?)\b(?!\s*(?:[/:%]|hours?|hrs?|h\b|days?|min))"
)
_NOT = r"(?:not|isn't|isnt|wasn't|nothing|never|hardly|n't)"
_NOT_SEVERE = re.compile(
    rf"\b{_NOT}\s+(?:(?:so|too|that|very|really|all|anything|particularly|super|at)\s+)*"
    r"(?:bad|badly|severe|severely|terrible|awful|horrible|unbearable|intense|extreme|strong|serious|much)\b"
)
_SEVERE = re.compile(
    r"\b(?:sever(?:e|ely)|terribl[ey]|awful(?:ly)?|unbearabl[ey]|excruciating|horribl[ey]|horrendous|agony|agoni[sz]ing|"
    r"the worst|worst ever|really bad|very bad|so bad|intense(?:ly)?|extreme(?:ly)?|serious(?:ly)?|brutal|insufferable|intolerable|"
    r"(?:can't|cannot|cant|can not|barely|hardly) (?:stand|bear|take|cope|function|move|think|walk|get up)|crippling|"
    r"knocks? me (?:out|flat)|killing me|overwhelming|very strong|really strong)\b"
)
_SEVERE_ANSWER = re.compile(r"\b(?:bad|badly|a lot|high)\b")
_MODERATE = re.compile(
    r"\b(?:moderate(?:ly)?|medium|middling|so[- ]so|in between|in the middle|bearable|tolerable|manageable|annoying|"
    r"uncomfortable|unpleasant|noticeable|strong|somewhat|fairly|average)\b"
)
_MILD = re.compile(r"\b(?:mild(?:ly)?|slight(?:ly)?|minor|faint(?:ly)?|barely|hardly)\b")
_MILD_ANSWER = re.compile(
    r"\b(?:light(?:ly)?|(?:a )?little|(?:a |tiny |wee )?bit|touch|weak|low|tiny|small|not (?:much|really))\b"
)
# "I feel faint" names a symptom, "barely able to walk" a severe one.
_NO_MILDNESS = re.compile(r"\b(?:feel(?:ing)?|felt) (?:\w+ )?faint\b|\bgoing to faint\b|\bfaint(?:ed|ing)\b")


def severity(text: str, asked: bool = False) -> float | None:
    """How bad, 0 to 10; None when it does not say. The worst of what is said counts.

    `asked`: the message answers "how bad?", so that a bare number, "a bit" or "bad" is an answer.
    """
    said = normal(text)
    found = [float(number) for number in _OF_TEN.findall(said)]
    if asked and not found:
        found = [float(number) for number in _BARE_NUMBER.findall(said)]
    found = [number for number in found if number <= 10]
    plain = _NO_MILDNESS.sub(" ", _NOT_SEVERE.sub(" ", said))
    if plain != said and _NOT_SEVERE.search(said):
        found.append(MILD)
    if _SEVERE.search(plain) or (asked and _SEVERE_ANSWER.search(plain)):
        found.append(SEVERE)
    elif _MODERATE.search(plain):
        found.append(MODERATE)
    elif _MILD.search(plain) or (asked and _MILD_ANSWER.search(plain)):
        found.append(MILD)
    return max(found, default=None)


_ONCE_WORSE = re.compile(
    r"\b(?:was|were|used to be|had been) (?:(?:much|a lot|even|far|way|a bit|a little|definitely) )?(?:worse|stronger)\b"
)
_NO_CHANGE = re.compile(
    r"\b(?:not|isn't|isnt|hasn't|hasnt|haven't|doesn't|no|neither|never|n't|nor)(?: (?:really|getting|gotten|got|become|been|any|"
    r"much|changed|seem(?:ed|s)?|to|be|felt|feel(?:ing)?|it's|is))* (?:better|worse|stronger|improv\w+|chang\w+|eas\w+|"
    r"fad\w+|settl\w+|going away|gone away|go away|difference)\b"
)
_WORSE = re.compile(
    r"\b(?:wors(?:e|ens?|ening|ened)|increas(?:es|ed|ing)|stronger|building(?: up)?|growing|grows|more and more|spread(?:s|ing)|"
    r"escalat\w+|intensif\w+|deteriorat\w+|going downhill|more (?:severe|intense|painful|often)|getting (?:bad|really bad|bigger))\b"
)
_BETTER = re.compile(
    r"\b(?:better|improv(?:es|ed|ing|ement)|eas(?:es|ed|ing)(?: (?:off|up))?|fad(?:es|ed|ing)|settl(?:es|ed|ing)|less|lessening|"
    r"wear(?:s|ing) off|going away|went away|passing|passed|almost gone|nearly gone|gone|subsid\w+|down a bit|weaker|clearing|cleared)\b"
)
_SAME = re.compile(
    r"\b(?:same|unchanged|no change|steady|constant|stable|comes and goes|come and go|coming and going|on and off|off and on|"
    r"up and down|still there|hasn't budged|persist\w*|stays|staying|even|level|not really|no)\b"
)


def course(text: str, asked: bool = False) -> Course | None:
    """Better, the same or worse; None when it does not say. Both better and worse is worse.

    `asked`: the message answers that question, so that "gone" or "on and off" is an answer.
    """
    said = _ONCE_WORSE.sub(" ", normal(text))
    plain = _NO_CHANGE.sub(" ", said)
    if _WORSE.search(plain):
        return Course.WORSE
    if plain != said:
        return Course.SAME
    if re.search(r"\b(?:getting|gets|feel(?:ing)?|much|bit|little) better\b", plain) or (
        asked and _BETTER.search(plain)
    ):
        return Course.BETTER
    return Course.SAME if asked and _SAME.search(plain) else None


_TREATMENT = (
    r"(?:session|infusion|treatment|drip|ket(?:amine)?|esketamine|spravato|spray|appointment|dose|dosing|shot|injection|"
    r"lozenge|troche|clinic|therapy|visit|iv)s?"
)
_TREATMENT_WORD = re.compile(rf"\b{_TREATMENT}\b")
_WHOSE_TREATMENT = re.compile(rf"\b(?:(?:this|last) \w+|today|yesterday|\w+day)'?s (?:\w+ )?{_TREATMENT}\b")
_SINCE_TREATMENT = re.compile(
    rf"\b(?:since|after|following|from|during|right after|ever since)\s+(?:(?:i|we|she|he|they) (?:had|got|left|did|took|came)\s+)?"
    rf"(?:(?:the|my|our|her|his|their|a|an|your|this|last|first|second|third|fourth|fifth|sixth|\w+'s|todays|yesterdays|latest|morning|\d\w*|home|from|to)\s+){{0,4}}"
    rf"{_TREATMENT}\b"
    r"|\b(?:since|after) (?:then|it|that)\b|\bright (?:after(?:wards?)?|away)\b|\bstraight (?:after|away)\b"
    r"|\bsince (?:i|we|she|he) (?:got|came|left|was)\b"
)
_ONSET = re.compile(
    r"\b(?:since|for(?: (?:about|the last|the past|around|like|nearly|almost|over))?|began|started|lasting|lasted|it's been|its been)\b(.*)"
)
_NEVER = re.compile(
    r"\b(?:never|not yet|haven't|havent|no (?:treatment|session|infusion)s?|none|before my first|not started|upcoming)\b"
)


def began_with_treatment(text: str) -> bool:
    """Whether a symptom is said to be there since the treatment ("ever since my drip")."""
    return bool(_SINCE_TREATMENT.search(normal(text)))


def onset(text: str, now: datetime) -> float | None:
    """Hours since a symptom began, where a message says so beside other things."""
    found = _ONSET.search(normal(text))
    return hours_ago(found[1], now, exact=True) if found and not _TREATMENT_WORD.search(found[1]) else None


def treated(text: str, now: datetime) -> float | None:
    """Hours since the treatment, where a message says so beside other things."""
    said = normal(text)
    found = _TREATMENT_WORD.search(said)
    if found is None:
        return None
    ago = hours_ago(said[found.start() :], now, exact=True)
    before = _WHOSE_TREATMENT.search(said)
    return hours_ago(before[0], now, exact=True) if ago is None and before else ago


def never_treated(text: str) -> bool:
    """Whether there was no treatment yet."""
    return bool(_NEVER.search(normal(text)))


_STOP = re.compile(
    r"(?:ok(?:ay)?,? |please |pls |no,? |oh |well |just |actually |sorry,? |ah )*"
    r"(?:stop(?: (?:it|asking|this|that|now|please|asking me|the questions))*|never ?mind(?: (?:that|it|then))?|nvm|nm|forget (?:it|that|about it)|"
    r"cancel(?: (?:it|that|this))?|quit|leave it|drop it|enough|no more questions|skip (?:it|this|that)|leave me alone|"
    r"(?:i )?(?:do not|don't|dont) (?:want to|wanna) (?:answer|talk|say|go on|continue)(?: (?:about|anymore|any more|this|that|it|more))*|"
    r"(?:it(?:'s| is)|its|that(?:'s| is)|thats) (?:ok(?:ay)?|fine|not important|nothing)|(?:i'm|im|i am) (?:fine|ok(?:ay)?|good|all right))"
    r"(?:,? (?:then|now|thanks|thank you|anyway|please|pls))*"
)
_QUESTION = re.compile(
    r"^(?:(?:and|but|so|ok|okay|also|then|wait|hey|hi|um|uh|sorry|quick question)[,:]? )*"
    r"(?:what|what's|whats|how|when|where|why|who|which|can|could|may|might|should|shall|will|would|is|isn't|are|am|do|does|did|"
    r"has|have i|must|was)\b"
)
_LONG_ENOUGH = 5


def wants_to_stop(text: str) -> bool:
    """Whether the whole message says that this talk should end ("never mind")."""
    return bool(_STOP.fullmatch(normal(text).rstrip(" .!")))


def is_question(text: str) -> bool:
    """Whether a message asks something, rather than answers ("3 hours?" answers)."""
    said = normal(text)
    ends = said.endswith("?")
    return (bool(_QUESTION.match(said)) and (ends or len(said.split()) >= _LONG_ENOUGH)) or (
        ends and len(said.split()) >= _LONG_ENOUGH
    )
