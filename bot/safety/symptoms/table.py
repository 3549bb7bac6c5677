"""Symptoms that patients mention after a treatment: their words, how long they are expected, who hears of them.

Hours are after the treatment's end, by the clinical table (rows in brackets, see
docs/clinical-safety.md): the label watches patients for about 2 h for sedation and
psychic effects and names about 4 h for blood pressure; what is still there after a
day is told to the staff whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PSYCHIC_HOURS = 2.0
PRESSURE_HOURS = 4.0
DAY_HOURS = 24.0
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One row.

    `answer` is the topic that says what the documents say of it; None where
    they say nothing, so that nobody is told that it is expected. `worse` and
    `lasting` are categories of the clinical table.
    """

    name: str
    words: str
    source: str
    hours: float = DAY_HOURS
    answer: str | None = None
    worse: str = "persistent_symptom"
    lasting: str = "persistent_symptom"
    # The table itself asks for a call back, however mild it is.
    call_back: bool = False


_COMMON = "faq/common_side_effects"
_ROWS = (
    Symptom(
        "nausea",
        r"naus\w*|queas\w*|sick(?:ly)?(?: to (?:my|his|her|the) stomach| 2 my stomach)?|upset (?:stomach|tummy)|"
        r"(?:stomach|tummy|belly)(?:'s)? (?:\w+ ){0,2}(?:upset|ache\w*|churn\w*|hurts?|off)|vomit\w*|threw up|throw(?:ing)? up|"
        r"puk\w+|barf\w*|churny|appetite",
        "Label 6.1 common reactions; row 14",
        answer="faq/nausea",
        worse="vomiting_dehydration",
        lasting="vomiting_dehydration",
    ),
    Symptom(
        "dizziness",
        r"dizz\w*|light[- ]?headed\w*|woozy|wooz\w+|vertigo|off balance|unsteady|wobbl\w+|sway\w*|spinn?(?:ing|y|s)|"
        r"(?:on|like) a boat|faint(?!ly)|giddy",
        "Label 6.1 common reactions; row 26",
        answer=_COMMON,
    ),
    Symptom(
        "headache",
        r"head ?aches?|migraines?|head (?:\w+ )?(?:hurts?|hurting|aches?|aching|pounds|pounding|throbs?|throbbing|is sore)|sore head|"
        r"pain in (?:my|his|her|the) head",
        "Label 6.1 common reactions; rows 5, 26",
        answer=_COMMON,
        worse="hypertensive",
    ),
    Symptom(
        "sleepiness",
        r"sleepy|sleepiness|drows\w*|groggy|grogg\w+|sedat\w*|dozing|dozy|nodding|yawn\w*|can't stay awake",
        "Label 5.1 sedation; row 3",
        hours=PSYCHIC_HOURS,
        answer=_COMMON,
        worse="oversedation",
        lasting="oversedation",
    ),
    Symptom(
        "tiredness",
        r"tired\w*|exhaust\w*|fatigue\w*|drained|wiped(?: out)?|worn out|hung ?over|(?:arms|legs|limbs) (?:\w+ ){0,2}heavy|"
        r"heavy (?:arms|legs|limbs)|weak(?:ness)?|foggy|fogg\w+|brain fog|fuzz\w*|can'?t (?:really )?(?:focus|concentrate)|cotton wool|sluggish|lethargic",
        "Label 6.1 common reactions; row 3 (next-day tired)",
        answer="faq/after_feelings",
    ),
    Symptom(
        "dissociation",
        r"float\w*|spac(?:e|ey|y|ed)(?: out)?|disconnect\w*|dissociat\w*|dream(?:like|y)|unreal\w*|detach\w*|out of it|out of body|"
        r"outside (?:of )?my ?(?:self|body)|loopy|trippy|tripping|high|giggly|stoned|"
        r"(?:colou?rs?|sounds?|lights?) (?:\w+ ){0,4}(?:brighter|louder|bright|loud)|hallucinat\w*|seeing things|numb(?:ness)?|tingl\w+",
        "Label 5.2 dissociation; row 12",
        hours=PSYCHIC_HOURS,
        answer="faq/after_feelings",
        worse="dissociation_psychosis_mania",
        lasting="dissociation_psychosis_mania",
    ),
    Symptom(
        "anxiety",
        r"anxi\w*|nervous\w*|jitter\w*|panick\w*|panic|shak(?:y|ing|es)|on edge|restless\w*|worried|scared|frightened",
        "Label 5.2; row 13",
        hours=PSYCHIC_HOURS,
        answer=_COMMON,
        worse="panic",
        lasting="panic",
    ),
    Symptom(
        "mood",
        r"mood\w*|weepy|teary|tearful|cry(?:ing)?|emotional|irritab\w*|low|sad(?:ness)?|down(?= (?:today|since|after|this))|flat|depress\w*|angry|blue",
        "Label 5.6 clinical worsening; row 26",
        answer=_COMMON,
        worse="mood_worsening",
        lasting="mood_worsening",
    ),
    Symptom(
        "sleep",
        r"(?:vivid|weird|strange|bad|odd) dreams?|nightmares?|dreams|slept (?:badly|poorly|terribly)|(?:can't|cant|couldn't) sleep|insomnia|"
        r"trouble sleeping|sleepless",
        "Ketalar label, emergence dreams; row 26",
        answer="faq/hallucinations",
        worse="mood_worsening",
        lasting="mood_worsening",
    ),
    Symptom(
        "blood_pressure",
        r"blood pressure|bp|pulse|heart rate|heart (?:\w+ ){0,2}(?:racing|pounding|fast|beating)|racing heart|palpitations?",
        "Label 5.7 (peak about 40 min, lasts about 4 h); rows 4, 5",
        hours=PRESSURE_HOURS,
        answer="faq/heart_blood_pressure",
        worse="hypertensive",
        lasting="hypertensive",
    ),
    Symptom(
        "vision",
        r"blurr\w*|blurred|double vision|seeing double|vision|eyes? (?:\w+ ){0,3}(?:focus|blurry|weird|funny)",
        "Label 6.1; row 5 (blurred vision that cleared within an hour or so)",
        hours=PSYCHIC_HOURS,
        worse="eye",
        lasting="eye",
    ),
    Symptom(
        "nose_mouth",
        r"(?:itchy|runny|stuffy|blocked|sore|stinging) (?:nose|throat)|nose (?:\w+ ){0,2}(?:runs|running|runny|stuffy|itch\w*|blocked|sore)|sneez\w*|"
        r"dry mouth|mouth (?:\w+ ){0,3}dry|(?:bad|bitter|metallic|weird|strange) taste|taste",
        "Label 6.1; row 1 (stuffy or runny nose from the spray)",
    ),
    Symptom(
        "sweating",
        r"sweat\w*|clammy|flush(?:ed|ing)|chill(?:s|y)|warm|hot",
        "Row 23",
        worse="drug_interaction",
    ),
    Symptom(
        "infusion_site",
        r"bruis\w*|(?:arm|hand|wrist|vein|elbow) (?:\w+ ){0,3}(?:sore|hurts?|aches?|tender|swollen|puffy|bruised)|sore (?:arm|hand|vein|spot)|"
        r"(?:iv|needle|injection) (?:site|spot)|where (?:the|my) (?:iv|needle|drip) (?:was|went)",
        "IV-site guidance; row 21",
        worse="infusion_site",
        lasting="infusion_site",
    ),
    Symptom(
        "skin",
        r"rash\w*|hives|itch(?:y|ing|es)?(?! nose)|red (?:spots|patch\w*|bumps)|welts?",
        "Row 8 (small local rash: same day)",
        worse="allergic",
        lasting="allergic",
        call_back=True,
    ),
    Symptom(
        "urinary",
        r"(?:burn\w*|sting\w*|hurts?) (?:\w+ ){0,3}(?:pee\w*|urinat\w*|wee|go to the (?:bathroom|toilet))|(?:pee|peeing|urinating) (?:\w+ ){0,3}"
        r"(?:a lot|often|constantly|all the time|burns|hurts)|bladder",
        "Label 5.10; row 15 (burning, frequency: same day)",
        worse="urinary",
        lasting="urinary",
        call_back=True,
    ),
)
SYMPTOMS: Mapping[str, Symptom] = {row.name: row for row in _ROWS} | {
    OTHER: Symptom(OTHER, r"(?!)", "Row 26, and the fail-safe rule"),
}
_PATTERNS = {row.name: re.compile(rf"\b(?:{row.words})\b", re.IGNORECASE) for row in _ROWS}
_DENIED = re.compile(
    r"\b(?:no|not|without|isn't|wasn't|don't have|haven't had)(?: (?:any|a|so|that|feeling|really))*\s+(?P<what>\w+(?: (?:pain|pressure))?)\b"
)


def named(text: str) -> tuple[str, ...]:
    """The symptoms that a message names and does not deny, in the order of the table."""
    said = _DENIED.sub(" ", text.replace("’", "'").lower()) if "appetite" not in text.lower() else text.lower()
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(said))
