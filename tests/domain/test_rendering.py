"""Replies as text messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import wording
from bot.domain.clinic import Clinic
from bot.domain.documents import DOCUMENTS
from bot.domain.escalation import Tier
from bot.domain.language import Language
from bot.domain.messages import Button, Reply, ReplyKind, Source
from bot.domain.rendering import button_text, continued, sms_bodies
from bot.domain.sms_text import Encoding, Split, encoding, plain, segments
from bot.settings import ROOT
from tests.harness.cast import CLINIC

REFERENCE = "K7QXM"
LONG_NAMED = Clinic(name="Ketamine Clinic of the Northern Lakes (NY)", phone="+1 (555) 010-0177")
CLINICS = [CLINIC, LONG_NAMED]
CHOICE = (
    Button("Driving", "When may I drive again?"),
    Button("Safety", "Is it safe?"),
    Button("None of these", "None of these"),
)
HOW_BAD = tuple(Button(title, title) for title in ("Mild", "Moderate", "Severe"))
SINCE = (Button("Less than 2 hours", "Less than 2 hours"), Button("Before that", "2 or more days ago"))


def _faq() -> Iterator[Reply]:
    for path in sorted(Path(ROOT, "data/nlu/faq").glob("*.yml")):
        for variants in yaml.safe_load(path.read_text())["responses"].values():
            yield Reply.from_dict({**variants[0]["custom"], "text": variants[0]["text"], "kind": "answer"})


FAQ = list(_faq())


def _answer(text: str, short: str | None = None, *documents: str) -> Reply:
    return Reply(text, ReplyKind.ANSWER, short=short, sources=tuple(Source(document, "x") for document in documents))


def _whole(split: Split, language: Language = Language.ENGLISH) -> list[str]:
    """Everything that is texted when the patient asks for MORE until nothing is left."""
    bodies = list(split.now)
    while split.rest:
        split = continued(split.rest, language)
        bodies += split.now
    return bodies


# -- answers ---------------------------------------------------------------------


def test_an_answer_comes_in_its_short_form_with_its_source_and_the_way_to_the_rest() -> None:
    split = sms_bodies([_answer("A long answer.", "Short.", "A Guide")])
    assert split == Split(
        ('Short.\nSource: "A Guide". Reply MORE for the full answer.',), 'A long answer.\nSource: "A Guide".'
    )


def test_more_gives_the_full_answer_and_then_nothing() -> None:
    rest = sms_bodies([_answer("A long answer.", "Short.", "A Guide")]).rest
    assert continued(rest) == Split(('A long answer.\nSource: "A Guide".',), "")
    assert continued("") == Split((), "")


def test_in_spanish_the_frame_is_spanish() -> None:
    split = sms_bodies([_answer("Larga.", "Corta.", "A Guide")], Language.SPANISH)
    assert split.now == ('Corta.\nFuente: "A Guide". Responda MAS para leer todo.',)


def test_an_answer_without_a_short_form_is_not_repeated_by_more() -> None:
    assert sms_bodies([_answer("Plan two hours.", None, "A Guide")]) == Split(('Plan two hours.\nSource: "A Guide".',))
    assert sms_bodies([_answer("Plan two hours.", "Plan two hours.")]) == Split(("Plan two hours.",))


def test_each_document_is_named_once_and_what_has_no_room_is_counted() -> None:
    titles = [*DOCUMENTS, *DOCUMENTS]
    body = sms_bodies([_answer("Long.", "s" * 250, *titles)]).now[0]
    assert "and 3 more" in body
    assert segments(body) == 3
    assert _whole(sms_bodies([_answer("Long.", "s" * 250, *titles)]))[1].count("Ketamine Therapy: What Happens") == 1


def test_the_brief_titles_of_the_documents_tell_them_apart() -> None:
    said = {sms_bodies([_answer("Long.", "Short.", title)]).now for title in DOCUMENTS}
    assert len(said) == len(DOCUMENTS)


@pytest.mark.parametrize("reply", FAQ, ids=[str(reply.topic) for reply in FAQ])
def test_every_approved_answer_fits_names_a_source_and_comes_whole_with_more(reply: Reply) -> None:
    split = sms_bodies([reply])
    assert len(split.now) == 1
    assert "Source" in split.now[0]
    assert split.now[0].startswith(plain(reply.short or ""))
    bodies = _whole(split)
    assert all(segments(body) <= 3 and encoding(body) is Encoding.GSM_7 for body in bodies)
    said = " ".join(body.removesuffix(" Reply MORE for the rest.") for body in bodies[1:]).replace("\n", " ")
    assert plain(reply.text) in said
    assert all(source.document in said for source in reply.sources)


def test_two_answers_are_two_texts_and_more_gives_both_in_full() -> None:
    split = sms_bodies([_answer("First long.", "First."), _answer("Second long.", "Second.")])
    assert [body[:6] for body in split.now] == ["First.", "Second"]
    assert continued(split.rest).now == ("First long.\nSecond long.",)


def test_a_short_form_that_is_too_long_itself_is_cut() -> None:
    split = sms_bodies([_answer("Everything. " * 60, "Nearly everything. " * 40)])
    assert segments(split.now[0]) <= 3
    assert split.now[0].endswith("Reply MORE for the full answer.")


@given(st.text(max_size=900), st.none() | st.text(max_size=900), st.sampled_from(sorted(ReplyKind)))
def test_whatever_is_said_leaves_in_bodies_that_a_provider_takes(text: str, short: str | None, kind: ReplyKind) -> None:
    split = sms_bodies([Reply(text, kind, short=short)])
    assert all(0 < len(body) <= 1600 for body in split.now)
    assert len(_whole(split)) < 100


# -- what must not be cut --------------------------------------------------------


@pytest.mark.parametrize("kind", [ReplyKind.SAFETY, ReplyKind.HANDOFF, ReplyKind.CLARIFY, ReplyKind.FALLBACK])
def test_what_says_what_to_do_is_never_cut(kind: ReplyKind) -> None:
    text = "Call 911 now. " * 50
    assert sms_bodies([Reply(text, kind)]) == Split((text.strip(),), "")


CATEGORIES = (
    "cardiac", "suicidality", "driving_impaired", "overdose_misuse", "child_pet_ingestion", "abuse_safety",
)  # fmt: skip


@pytest.mark.parametrize("clinic", CLINICS, ids=["short-name", "long-name"])
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("reference", [REFERENCE, None])
@pytest.mark.parametrize(("tier", "category"), product((Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY), CATEGORIES))
def test_every_text_about_a_report_is_one_message_of_three_plain_segments(
    tier: Tier, category: str, reference: str | None, language: Language, clinic: Clinic
) -> None:
    both = wording.safety_reply(clinic, tier, (category, "suicidality"), reference, language)
    for reply in (both, wording.safety_reply(clinic, tier, (category,), reference, language)):
        (body,) = sms_bodies([reply], language).now
        assert encoding(body) is Encoding.GSM_7
        assert segments(body) <= 3


def _others(clinic: Clinic, language: Language) -> Iterator[Reply]:
    yield wording.ask_back_reply(clinic, language)
    yield wording.ask_back_reply(clinic, language, again=True)
    yield wording.reminder_reply(clinic, REFERENCE, language)
    yield wording.not_happening_reply(clinic, language)
    yield wording.when_to_call_reply(clinic, language)
    yield wording.not_sure_of_symptom_reply(clinic, language)
    yield wording.nobody_yet_notice(clinic, REFERENCE, language)
    yield wording.seen_notice(clinic, ("Noor", "nurse"), "17:05", REFERENCE, language)
    yield wording.joined_notice(clinic, None, REFERENCE, language)
    yield wording.closed_notice(clinic, REFERENCE, language)
    yield wording.not_my_language_reply(clinic, language)
    for reference in (REFERENCE, None):
        yield wording.degraded_reply(clinic, reference, language)
        yield from (wording.handoff_reply(clinic, reference, asked, language) for asked in wording.Asked)


@pytest.mark.parametrize("clinic", CLINICS, ids=["short-name", "long-name"])
@pytest.mark.parametrize("language", list(Language))
def test_every_other_fixed_text_is_one_message_of_three_plain_segments(clinic: Clinic, language: Language) -> None:
    for reply in _others(clinic, language):
        (body,) = sms_bodies([reply], language).now
        assert (encoding(body), segments(body) <= 3) == (Encoding.GSM_7, True), reply.topic


# -- texts of texting alone ------------------------------------------------------


def _of_texting(clinic: Clinic, language: Language) -> list[tuple[Reply, int]]:
    return [
        (wording.greeting_reply(clinic, language), 2),
        (wording.help_reply(clinic, language), 2),
        (wording.stopped_reply(clinic, None, language), 1),
        (wording.stopped_reply(clinic, REFERENCE, language), 2),
        (wording.started_reply(clinic, language), 1),
        (wording.how_to_stop_reply(clinic, language), 1),
        (wording.no_pictures_reply(clinic, language), 1),
        (wording.voicemail_reply(clinic, REFERENCE, language), 2),
        (wording.voicemail_reply(clinic, None, language), 1),
        (wording.call_back_reply(clinic, REFERENCE, language), 1),
        (wording.call_back_reply(clinic, None, language), 2),
    ]


@pytest.mark.parametrize("clinic", CLINICS, ids=["short-name", "long-name"])
@pytest.mark.parametrize("language", list(Language))
def test_texts_of_texting_keep_to_their_segments_in_gsm_7(clinic: Clinic, language: Language) -> None:
    for reply, most in _of_texting(clinic, language):
        split = sms_bodies([reply], language)
        assert split.rest == ""
        assert encoding(split.now[0]) is Encoding.GSM_7
        assert segments(split.now[0]) <= most, reply.topic


@pytest.mark.parametrize("language", list(Language))
def test_greeting_and_help_say_who_it_is_how_to_stop_and_where_help_is(language: Language) -> None:
    for reply in (wording.greeting_reply(CLINIC, language), wording.help_reply(CLINIC, language)):
        for said in (CLINIC.name, CLINIC.emergency_number, CLINIC.crisis_number, "STOP"):
            assert said in reply.text
    assert ("HELP" if language is Language.ENGLISH else "AYUDA") in wording.greeting_reply(CLINIC, language).text


@pytest.mark.parametrize("language", list(Language))
def test_a_stop_amid_a_report_says_that_the_staff_phone_and_what_not_to_wait_for(language: Language) -> None:
    text = wording.stopped_reply(CLINIC, REFERENCE, language).text
    assert REFERENCE in text
    assert text.index(CLINIC.emergency_number) < text.index(CLINIC.crisis_number) < text.index(CLINIC.phone)


@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_claimed_to_be_kept_when_it_is_not(language: Language) -> None:
    for reply in (wording.voicemail_reply(CLINIC, None, language), wording.call_back_reply(CLINIC, None, language)):
        assert " NO" in f" {reply.text}"
        assert CLINIC.phone in reply.text


# -- quick replies ---------------------------------------------------------------


def _asking(buttons: tuple[Button, ...], text: str = "Which?") -> str:
    (body,) = sms_bodies([Reply(text, ReplyKind.CLARIFY, buttons=buttons)]).now
    return body


def test_topics_are_offered_by_number() -> None:
    assert _asking(CHOICE) == "Which?\nReply with a number: 1 Driving; 2 Safety; 3 None of these."


def test_an_offer_is_answered_with_yes_or_no() -> None:
    assert _asking((wording.YES, wording.NO)) == "Which?\nReply YES or NO."


def test_what_the_text_says_already_is_not_said_again() -> None:
    assert _asking(HOW_BAD, "Is it mild, moderate or severe?") == "Is it mild, moderate or severe?"
    for language in Language:
        reply = wording.ask_back_reply(CLINIC, language)
        assert sms_bodies([reply], language).now == (plain(reply.text),)


def test_answers_that_are_figures_are_offered_in_words() -> None:
    assert _asking(SINCE) == "Which?\nReply with one of these: Less than 2 hours; Before that."


@pytest.mark.parametrize(
    ("buttons", "text", "expected"),
    [
        (CHOICE, "1", "When may I drive again?"),
        (CHOICE, " 2. ", "Is it safe?"),
        (CHOICE, "#3", "None of these"),
        (CHOICE, "driving!", "When may I drive again?"),
        (CHOICE, "Is it safe", "Is it safe?"),
        (CHOICE, "4", None),
        (CHOICE, "0", None),
        (CHOICE, "12", None),
        (CHOICE, "yes", None),
        (CHOICE, "", None),
        (CHOICE, "driving and safety", None),
        (HOW_BAD, "mild", "Mild"),
        (HOW_BAD, "2", None),
        (SINCE, "2", None),
        (SINCE, "before that", "2 or more days ago"),
        ((wording.YES, wording.NO), "YES", wording.YES.text),
        ((wording.YES, wording.NO), "n", wording.NO.text),
        ((wording.YES, wording.NO), "1", None),
        ((wording.YES, wording.NO), "no I can't breathe", None),
        (wording.ask_back_reply(CLINIC, Language.SPANISH).buttons, "Sí", "Sí, ahora mismo"),
        (wording.ask_back_reply(CLINIC).buttons, "yes", "Yes, right now"),
        ((), "1", None),
        ((), "", None),
    ],
)
def test_an_answer_that_names_a_button_presses_it(buttons: tuple[Button, ...], text: str, expected: str | None) -> None:
    assert button_text(buttons, text) == expected


@given(st.text())
def test_any_answer_is_read(text: str) -> None:
    assert button_text(CHOICE, text) in (None, *(button.text for button in CHOICE))
