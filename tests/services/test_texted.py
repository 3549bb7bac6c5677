"""Stop, start, and words that may be a plea: what each does to texts, and what the staff are told."""

from __future__ import annotations

import pytest

from bot.domain import wording
from bot.domain.escalation import Outcome, Status, Tier
from bot.domain.keywords import Keyword
from bot.domain.messages import Reply, ReplyKind
from bot.domain.sms_text import plain
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY, URGENT_CRISIS
from tests.harness.house import House
from tests.harness.texter import Texter

STOPPED = plain(wording.stopped_reply(CLINIC).text)
HOW_TO_STOP = plain(wording.how_to_stop_reply(CLINIC).text)
STARTED = plain(wording.started_reply(CLINIC).text)
DOUBTFUL = "my chest feels a bit odd"
BORDERLINE_QUESTION = plain(wording.ask_back_reply(CLINIC).text)


@pytest.fixture
async def ana(house: House) -> Texter:
    """Ana, who has been greeted and answered."""
    ana = Texter(house)
    await ana.writes(BENIGN)
    house.dialogue.asked.clear()
    return ana


@pytest.fixture
async def reported(ana: Texter) -> Texter:
    """Ana, who has an emergency open."""
    await ana.writes(EMERGENCY)
    return ana


@pytest.fixture
async def stopped(ana: Texter) -> Texter:
    """Ana, who wants no more texts."""
    await ana.writes("STOP")
    return ana


def events(ana: Texter) -> list[str]:
    """The reasons of what was added to the report, in order."""
    return [reason for event, reason in ana.history() if event in ("opened", "message_added", "tier_raised")]


# -- stop ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["STOP", "stop!", "StopAll", "UNSUBSCRIBE", "OPT OUT", "revoke", "alto", "END", "quit"]
)
async def test_a_word_stops_texts_and_is_confirmed_once(ana: Texter, body: str) -> None:
    assert await ana.writes(body) == [STOPPED]
    assert ana.address.stopped
    assert ana.consents()[-1] == ("stopped", "keyword", body)
    assert await ana.writes(body) == []


@pytest.mark.parametrize("body", ["stop texting me", "Please take me off your list", "ya no me manden mensajes"])
async def test_a_plain_request_stops_texts_too(ana: Texter, body: str) -> None:
    (confirmation,) = await ana.writes(body)
    assert "START" in confirmation
    assert ana.consents()[-1] == ("stopped", "plain_request", body)


@pytest.mark.parametrize("body", ["it does not stop hurting when I walk", "when does the trip end", "how do I cancel"])
async def test_a_sentence_with_such_a_word_stops_nothing(ana: Texter, body: str) -> None:
    await ana.writes(body)
    assert not ana.address.stopped


async def test_the_screen_reads_before_any_word_counts(ana: Texter) -> None:
    said = await ana.writes("stop texting me, I am going to kill myself")
    assert not ana.address.stopped
    assert events(ana) == ["screen"]
    assert said[-1] == HOW_TO_STOP


async def test_a_stop_at_first_contact_is_confirmed_without_more(house: House) -> None:
    ana = Texter(house)
    assert await ana.writes("STOP") == [STOPPED]
    assert [how for _, how, _ in ana.consents()] == ["keyword"]


async def test_a_stop_of_one_number_of_the_clinics_is_no_stop_of_another(stopped: Texter, house: House) -> None:
    other = Texter(house, stopped.number, "+15550100151")
    assert (await other.writes(BENIGN))[-1] == ANSWER.text


async def test_a_stop_beside_an_open_report_counts_at_once_and_staff_are_told_to_phone(reported: Texter) -> None:
    (confirmation,) = await reported.writes("STOP")
    assert reported.address.stopped
    assert confirmation == plain(wording.stopped_reply(CLINIC, reported.house.desk.listing()[0].reference).text)
    assert events(reported) == ["screen", "texts_stopped"]


async def test_a_stop_while_asked_back_is_a_report_that_nobody_can_answer_by_text(ana: Texter) -> None:
    ana.house.screen.doubts_about(DOUBTFUL)
    assert (await ana.writes(DOUBTFUL))[0] == BORDERLINE_QUESTION
    await ana.writes("STOP")
    (escalation,) = ana.house.desk.listing()
    assert (escalation.tier, escalation.categories, escalation.reason) == (
        Tier.EMERGENCY,
        ("cardiac",),
        "texts_stopped",
    )
    assert [row.outcome for row in ana.house.database.rows(tables.safety_questions)] == ["reported"]


async def test_a_stop_soon_after_a_case_was_closed_lets_staff_phone_the_same_day(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.resolve(case.reference, "noor", Outcome.HANDLED)
    await reported.writes("STOP")
    (opened,) = reported.house.desk.listing()
    assert (opened.tier, opened.reason) == (Tier.SAME_DAY, "texts_stopped")


async def test_whoever_has_the_case_is_paged_that_texts_have_stopped(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.take_over(case.reference, "noor")
    await reported.writes("STOP")
    reported.house.paging.tick()
    assert "has a new report" in reported.house.pager.sent[-1]


async def test_a_stop_in_an_ordinary_talk_tells_nobody(ana: Texter) -> None:
    await ana.writes("STOP")
    assert ana.house.desk.listing() == ()


# -- start ---------------------------------------------------------------------


@pytest.mark.parametrize("body", ["START", "unstop", "Yes"])
async def test_a_word_starts_texts_again(stopped: Texter, body: str) -> None:
    assert await stopped.writes(body) == [STARTED]
    assert stopped.consents()[-1] == ("given", "keyword", body)
    assert await stopped.writes(BENIGN) == [ANSWER.text]


async def test_yes_is_no_keyword_while_texts_are_on(ana: Texter) -> None:
    await ana.writes("yes")
    assert ana.house.dialogue.asked == ["yes"]


async def test_start_while_texts_are_on_says_who_we_are(ana: Texter) -> None:
    assert await ana.writes("START") == [plain(wording.help_reply(CLINIC).text)]


async def test_a_second_stop_after_a_start_is_confirmed_again(stopped: Texter) -> None:
    await stopped.writes("START")
    assert await stopped.writes("STOP") == [STOPPED]


# -- numbers that have stopped -------------------------------------------------


async def test_a_question_of_a_stopped_number_is_not_answered_and_staff_have_it(stopped: Texter) -> None:
    assert await stopped.writes(BENIGN) == []
    assert stopped.house.dialogue.asked == []
    (escalation,) = stopped.house.desk.listing()
    assert (escalation.tier, escalation.reason) == (Tier.ROUTINE, "texts_stopped")


async def test_a_report_of_a_stopped_number_pages_and_tells_staff_to_phone(stopped: Texter) -> None:
    await stopped.writes(EMERGENCY)
    (escalation,) = stopped.house.desk.listing()
    assert escalation.tier is Tier.EMERGENCY
    assert stopped.house.database.count(tables.pages) == 1
    assert ("texts_stopped", "") in stopped.history()


async def test_the_provider_carries_a_safety_text_where_the_stop_was_only_ours(stopped: Texter) -> None:
    (said,) = await stopped.writes(EMERGENCY)
    assert said.startswith("This may be an emergency. Call 112 now")


async def test_where_the_provider_blocks_the_number_no_safety_text_is_tried(ana: Texter) -> None:
    await ana.writes("STOP", by_provider=Keyword.STOP)
    assert await ana.writes(EMERGENCY) == []
    assert ana.states()[-1] == "refused"


async def test_an_opt_out_with_the_provider_is_over_with_the_next_start(ana: Texter) -> None:
    await ana.writes("STOP", by_provider=Keyword.STOP)
    await ana.writes("START", by_provider=Keyword.START)
    await ana.writes("stop texting me")
    assert len(await ana.writes(EMERGENCY)) == 1


async def test_nobody_asks_a_stopped_number_back(stopped: Texter) -> None:
    stopped.house.screen.doubts_about(DOUBTFUL)
    assert await stopped.writes(DOUBTFUL) == []
    (escalation,) = stopped.house.desk.listing()
    assert (escalation.tier, escalation.categories) == (Tier.EMERGENCY, ("cardiac",))


async def test_an_answer_that_was_on_its_way_is_not_sent_after_a_stop(ana: Texter) -> None:
    ana.house.answer_seconds = 0.05
    ana.house.build_texting()
    ana.house.dialogue.hangs()
    await ana.writes(BENIGN)
    ana.house.dialogue.released.set()
    await ana.house.texting.finish(5)
    await ana.writes("STOP", by_provider=Keyword.STOP)
    ana.house.sending.tick()
    assert ana.house.telephony.tries == 0
    assert ana.states()[-1] == "refused"


# -- pleas ---------------------------------------------------------------------


@pytest.mark.parametrize("body", ["HELP", "help!!", "ayuda"])
async def test_help_beside_an_open_report_is_a_new_report(reported: Texter, body: str) -> None:
    said = await reported.writes(body)
    assert "112" in said[0]
    assert HOW_TO_STOP not in said
    assert events(reported) == ["screen", "plea"]


@pytest.mark.parametrize("body", ["END", "end.", "QUIT", "Cancel", "please stop"])
async def test_a_word_that_may_be_a_plea_stops_nothing_beside_an_open_report(reported: Texter, body: str) -> None:
    said = await reported.writes(body)
    assert (said[0][:22], said[-1]) == ("This may be an emergen", HOW_TO_STOP)
    assert not reported.address.stopped
    assert events(reported) == ["screen", "plea"]


async def test_a_plea_keeps_the_words_for_a_crisis(ana: Texter) -> None:
    await ana.writes(URGENT_CRISIS)
    said = await ana.writes("END")
    assert CLINIC.crisis_number in said[0]


async def test_whoever_has_the_case_is_paged_about_a_plea(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.acknowledge(case.reference, "noor", "link")
    await reported.writes("HELP")
    reported.house.paging.tick()
    assert "has a new report" in reported.house.pager.sent[-1]


async def test_a_plea_while_asked_back_is_a_yes(ana: Texter) -> None:
    ana.house.screen.doubts_about(DOUBTFUL)
    await ana.writes(DOUBTFUL)
    await ana.writes("HELP")
    (escalation,) = ana.house.desk.listing()
    assert (escalation.tier, escalation.categories, escalation.reason) == (Tier.EMERGENCY, ("cardiac",), "plea")


async def test_a_plea_after_a_question_back_was_answered_with_no_opens_a_report(ana: Texter) -> None:
    ana.house.screen.doubts_about(DOUBTFUL)
    await ana.writes(DOUBTFUL)
    await ana.writes("no")
    ana.house.clock.move(hours=23)
    await ana.writes("HELP")
    (escalation,) = ana.house.desk.listing()
    assert (escalation.tier, escalation.categories) == (Tier.URGENT, ("unspecified_distress",))


async def test_a_plea_within_a_day_of_a_closed_case_opens_it_again(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.resolve(case.reference, "noor", Outcome.HANDLED)
    reported.house.clock.move(hours=20)
    await reported.writes("help")
    (opened,) = reported.house.desk.listing()
    assert (opened.reference, opened.status) == (case.reference, Status.OPEN)


async def test_a_plea_in_a_talk_about_a_mild_symptom_opens_a_report(ana: Texter) -> None:
    ana.house.dialogue.replies = (Reply("Since when?", ReplyKind.CLARIFY, topic="symptoms/since"),)
    await ana.writes("I feel a bit queasy")
    await ana.writes("END")
    (escalation,) = ana.house.desk.listing()
    assert escalation.reason == "plea"


async def test_days_later_help_is_help_and_end_is_an_end(reported: Texter) -> None:
    (case,) = reported.house.desk.listing()
    reported.house.handling.resolve(case.reference, "noor", Outcome.HANDLED)
    reported.receives()
    reported.house.clock.move(hours=25)
    assert await reported.writes("HELP") == [plain(wording.help_reply(CLINIC).text)]
    assert await reported.writes("END") == [STOPPED]


@pytest.mark.parametrize("body", ["info", "START"])
async def test_words_that_are_no_plea_are_what_they_are_beside_a_report(reported: Texter, body: str) -> None:
    assert await reported.writes(body) == [plain(wording.help_reply(CLINIC).text)]
    assert events(reported) == ["screen"]


async def test_a_plea_that_the_provider_took_for_help_is_a_plea_all_the_same(reported: Texter) -> None:
    said = await reported.writes("HELP", by_provider=Keyword.HELP)
    assert "112" in said[0]
    assert events(reported) == ["screen", "plea"]


async def test_an_end_that_the_provider_took_for_a_stop_wakes_staff(ana: Texter) -> None:
    ana.house.screen.doubts_about(DOUBTFUL)
    await ana.writes(DOUBTFUL)
    await ana.writes("no")
    assert await ana.writes("END", by_provider=Keyword.STOP) == []
    (escalation,) = ana.house.desk.listing()
    assert (escalation.tier, escalation.reason) == (Tier.URGENT, "texts_stopped")
    assert ana.address.stopped


async def test_a_plea_of_a_stopped_number_tells_staff_to_phone(reported: Texter) -> None:
    await reported.writes("STOP")
    await reported.writes("HELP")
    assert events(reported) == ["screen", "texts_stopped", "plea"]
    assert reported.history()[-1] == ("texts_stopped", "")
