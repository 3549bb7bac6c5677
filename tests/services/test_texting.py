"""A text comes in: what is said in the answer to the webhook, what by the outbox, and what is kept."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain import wording
from bot.domain.conversation import Mode
from bot.domain.escalation import Tier
from bot.domain.keywords import Keyword
from bot.domain.language import Language
from bot.domain.messages import Button, Reply, ReplyKind
from bot.domain.sms_text import plain, segments
from bot.services.receipts import Fate
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN, CLINIC, EMERGENCY
from tests.harness.house import House
from tests.harness.texter import ANAS, BENS, Texter, sid

GREETING = plain(wording.greeting_reply(CLINIC).text)
HELP = plain(wording.help_reply(CLINIC).text)
LONG = Reply("A very long answer. " * 60, ReplyKind.ANSWER, topic="faq/driving", short="No driving.")
CHOICE = Reply(
    "What do you mean?",
    ReplyKind.CLARIFY,
    topic="dialogue/did_you_mean",
    buttons=(Button("Driving", "When may I drive again?"), Button("Eating", "When may I eat again?")),
)


@pytest.fixture
def ana(house: House) -> Texter:
    """Somebody who never texted before."""
    return Texter(house)


@pytest.fixture
async def known(ana: Texter) -> Texter:
    """Ana, who has been greeted."""
    await ana.writes(BENIGN)
    ana.house.dialogue.asked.clear()
    return ana


def safety(house: House, tier: Tier = Tier.EMERGENCY, categories: tuple[str, ...] = ("respiratory",)) -> str:
    """The safety text about the open report."""
    (escalation,) = house.desk.listing()
    return plain(wording.safety_reply(CLINIC, tier, categories, escalation.reference).text)


def staff_speak(ana: Texter) -> None:
    """From now on a person has the talk."""
    talk = ana.talk
    with ana.house.database() as uow:
        uow.conversations.set_mode(talk, Mode.STAFF, ana.house.clock())
        uow.commit()


# -- the first text ------------------------------------------------------------


async def test_the_first_answer_begins_with_who_we_are(ana: Texter) -> None:
    assert await ana.writes(BENIGN) == [GREETING, ANSWER.text]
    assert segments(GREETING) <= 2


async def test_who_we_are_is_said_once(known: Texter) -> None:
    assert await known.writes(BENIGN) == [ANSWER.text]


async def test_a_safety_text_comes_before_who_we_are(ana: Texter) -> None:
    said = await ana.writes(EMERGENCY)
    assert said == [safety(ana.house), GREETING]


async def test_whoever_asks_for_help_first_is_told_who_we_are_by_that(ana: Texter) -> None:
    assert await ana.writes("HELP") == [HELP]
    assert await ana.writes(BENIGN) == [ANSWER.text]


async def test_to_text_first_is_consent_and_the_words_are_kept(known: Texter) -> None:
    await known.writes("and what should I wear")
    assert known.consents() == [("given", "texted_first", BENIGN)]


async def test_a_number_has_one_talk_for_ever(known: Texter) -> None:
    known.house.clock.move(days=90)
    await known.writes("and what should I wear")
    assert known.house.database.count(tables.conversations) == 1


async def test_two_numbers_have_two_talks(known: Texter, house: House) -> None:
    ben = Texter(house, BENS)
    assert await ben.writes(BENIGN) == [GREETING, ANSWER.text]
    assert ben.talk != known.talk


async def test_each_of_the_clinics_numbers_is_a_talk_of_its_own(known: Texter, house: House) -> None:
    other = Texter(house, ANAS, "+15550100151")
    assert (await other.writes(BENIGN))[0] == GREETING
    assert other.talk != known.talk


async def test_staff_know_where_to_call_whoever_texts(known: Texter) -> None:
    talk = known.talk
    with known.house.database() as uow:
        assert uow.conversations.get(talk).callback_number == ANAS


async def test_what_is_said_is_in_the_talk_and_in_the_outbox(ana: Texter) -> None:
    await ana.writes(BENIGN)
    talk_id = ana.talk
    with ana.house.database() as uow:
        talk = uow.messages.talk(talk_id, 0, 10)
        texts = [uow.texts.of_key(f"{talk_id}/{entry.position}") for entry in talk]
    assert [entry.author for entry in talk] == ["patient", "bot", "bot"]
    assert [[text.body for text in found] for found in texts] == [[], [GREETING], [ANSWER.text]]


# -- the same text again -------------------------------------------------------


@pytest.mark.parametrize("body", [BENIGN, EMERGENCY, "STOP", "HELP"])
async def test_a_repeated_delivery_gets_the_same_answer_and_acts_once(ana: Texter, body: str) -> None:
    message_id = sid()
    first = await ana.hands_in(body, message_id)
    counts = [ana.house.database.count(table) for table in (tables.messages, tables.texts, tables.escalations)]
    assert await ana.hands_in(body, message_id) == first
    assert [ana.house.database.count(t) for t in (tables.messages, tables.texts, tables.escalations)] == counts


async def test_what_has_arrived_is_not_given_again(ana: Texter) -> None:
    message_id = sid()
    await ana.writes(BENIGN, message_id)
    ana.receipt(ana.inbox[0], Fate.ON_THE_WAY)
    assert [text.body for text in await ana.hands_in(BENIGN, message_id)] == [ANSWER.text]


async def test_two_deliveries_at_the_same_time_are_acted_on_once(ana: Texter) -> None:
    message_id = sid()
    answers = await asyncio.gather(*(ana.hands_in(BENIGN, message_id) for _ in range(5)))
    assert len(set(answers)) == 1
    assert len(ana.house.dialogue.asked) == 1
    assert ana.states() == ["in_answer", "in_answer"]


async def test_a_repeated_delivery_is_known_when_the_talk_has_moved(known: Texter) -> None:
    message_id = sid()
    await known.writes("what should I wear", message_id)
    with known.house.database() as uow:
        other = uow.conversations.add("phone", known.house.clock())
        uow.addresses.join(uow.addresses.find(ANAS, known.clinic_number).id, other.id, known.house.clock())
        uow.commit()
    await known.writes("what should I wear", message_id)
    assert known.house.dialogue.asked == ["what should I wear"]


# -- an answer that takes long -------------------------------------------------


@pytest.fixture
async def slow(known: Texter) -> Texter:
    """A dialogue that hangs; the provider's patience is short."""
    known.house.answer_seconds = 0.05
    known.house.build_texting()
    known.house.telephony.texts.clear()
    known.read = 0
    known.house.dialogue.hangs()
    return known


async def test_an_answer_that_takes_too_long_comes_by_the_outbox(slow: Texter) -> None:
    assert await slow.writes(BENIGN) == []
    slow.house.dialogue.released.set()
    await slow.house.texting.finish(5)
    assert slow.receives() == [ANSWER.text]


async def test_a_safety_text_does_not_wait_for_the_answer_beside_it(slow: Texter) -> None:
    said = await slow.writes(f"{EMERGENCY}. How long should I plan for the appointment?")
    assert said == [safety(slow.house)]
    slow.house.dialogue.released.set()
    await slow.house.texting.finish(5)
    assert slow.receives() == [ANSWER.text]


async def test_while_something_waits_everything_goes_behind_it(slow: Texter) -> None:
    await slow.writes(BENIGN)
    slow.house.dialogue.released.set()
    await slow.house.texting.finish(5)
    slow.house.dialogue.replies = (Reply("Comfortable clothes.", ReplyKind.ANSWER),)
    assert await slow.writes("what should I wear") == []
    assert [slow.receives(), slow.receives()] == [[ANSWER.text], ["Comfortable clothes."]]


async def test_a_safety_text_waits_for_nothing(slow: Texter) -> None:
    await slow.writes(BENIGN)
    slow.house.dialogue.released.set()
    await slow.house.texting.finish(5)
    assert await slow.writes(EMERGENCY) == [safety(slow.house)]


async def test_texts_of_one_patient_are_answered_in_order(slow: Texter) -> None:
    first = asyncio.create_task(slow.writes(BENIGN))
    await slow.house.dialogue.entered.wait()
    second = asyncio.create_task(slow.writes("what should I wear"))
    assert await asyncio.gather(first, second) == [[], []]
    slow.house.dialogue.released.set()
    await slow.house.texting.finish(5)
    assert slow.house.dialogue.asked == [BENIGN, "what should I wear"]
    assert slow.states() == ["in_answer", "in_answer", "pending", "pending"]


async def test_what_was_never_answered_is_answered_later(known: Texter) -> None:
    message_id = sid()
    known.house.database.goes_down(after_transactions=1)  # it is stored, and then nothing more
    assert await known.writes("what should I wear", message_id) == []
    known.house.database.comes_back()
    assert await known.house.texting.answer_forgotten() == 0
    known.house.clock.move(minutes=2)
    assert await known.house.texting.answer_forgotten() == 1
    assert known.receives() == [ANSWER.text]
    assert await known.house.texting.answer_forgotten() == 0


async def test_a_web_message_without_an_answer_is_no_text(house: House) -> None:
    talk = await house.talk()
    house.database.goes_down(after_transactions=1)
    await house.hears(BENIGN, talk)
    house.database.comes_back()
    house.clock.move(minutes=2)
    assert await house.texting.answer_forgotten() == 0


# -- keywords ------------------------------------------------------------------


@pytest.mark.parametrize("body", ["HELP", "info", "Help!"])
async def test_help_says_who_we_are_and_the_numbers(known: Texter, body: str) -> None:
    assert await known.writes(body) == [HELP]
    assert known.house.dialogue.asked == []


async def test_more_gives_the_rest_until_there_is_none(known: Texter) -> None:
    known.house.dialogue.replies = (LONG,)
    said = await known.writes("may I drive")
    while "MORE" in said[-1]:
        said += await known.writes("more")
    assert said[0] == "No driving. Reply MORE for the full answer."
    assert " ".join(said[1:]).replace(" Reply MORE for the rest.", "").split() == LONG.text.split()
    assert all(segments(body) <= 3 for body in said)
    assert known.house.dialogue.asked == ["may I drive"]


async def test_more_of_nothing_is_a_question_like_any_other(known: Texter) -> None:
    assert await known.writes("More") == [ANSWER.text]
    assert known.house.dialogue.asked == ["More"]


async def test_a_number_answers_what_was_offered(known: Texter) -> None:
    known.house.dialogue.replies = (CHOICE,)
    (said,) = await known.writes("when may I")
    assert "1 Driving; 2 Eating" in said
    await known.writes("2")
    assert known.house.dialogue.asked[-1] == "When may I eat again?"


async def test_while_staff_speak_a_number_is_a_number(known: Texter) -> None:
    known.house.dialogue.replies = (CHOICE,)
    await known.writes("when may I")
    staff_speak(known)
    assert await known.writes("2") == []
    assert [row.text for row in _patients(known)] == [BENIGN, "when may I", "2"]


def _patients(ana: Texter) -> list[object]:
    talk = ana.talk
    with ana.house.database() as uow:
        return [entry for entry in uow.messages.talk(talk, 0, 100) if entry.author == "patient"]


async def test_while_staff_speak_keywords_still_work(known: Texter) -> None:
    staff_speak(known)
    assert await known.writes("HELP") == [HELP]
    assert await known.writes("STOP") == [plain(wording.stopped_reply(CLINIC).text)]


async def test_what_the_provider_has_answered_is_recorded_and_not_answered(known: Texter) -> None:
    assert await known.writes("HELP", by_provider=Keyword.HELP) == []
    assert await known.writes("STOP", by_provider=Keyword.STOP) == []
    assert await known.writes("START", by_provider=Keyword.START) == []
    assert [how for _, how, _ in known.consents()] == ["texted_first", "provider_keyword", "provider_keyword"]


async def test_a_spanish_patient_is_answered_in_spanish(ana: Texter) -> None:
    await ana.writes("¿Cuánto cuesta una sesión?")
    assert await ana.writes("AYUDA") == [plain(wording.help_reply(CLINIC, Language.SPANISH).text)]


# -- what is no ordinary text --------------------------------------------------


async def test_a_picture_alone_is_answered_in_words(known: Texter) -> None:
    assert await known.writes("", pictures=1) == [plain(wording.no_pictures_reply(CLINIC).text)]
    assert known.house.dialogue.asked == []


async def test_a_picture_beside_words_is_mentioned_before_their_answer(ana: Texter) -> None:
    said = await ana.writes(BENIGN, pictures=2)
    assert said == [GREETING, plain(wording.no_pictures_reply(CLINIC).text), ANSWER.text]


async def test_a_picture_beside_a_report_is_mentioned_once(ana: Texter) -> None:
    said = await ana.writes(f"{EMERGENCY}. How long should I plan for the appointment?", pictures=1)
    note = plain(wording.no_pictures_reply(CLINIC).text)
    assert said == [safety(ana.house), GREETING, note, ANSWER.text]


async def test_a_picture_that_staff_cannot_see_is_mentioned_to_both_sides(known: Texter) -> None:
    staff_speak(known)
    assert await known.writes("look", pictures=1) == [plain(wording.no_pictures_reply(CLINIC).text)]


async def test_an_empty_text_is_answered_with_help(known: Texter) -> None:
    assert await known.writes("") == [HELP]


async def test_a_text_to_a_number_that_is_not_set_is_answered_with_the_numbers(ana: Texter) -> None:
    assert await ana.writes(BENIGN, ours=False) == [HELP]
    assert ana.house.dialogue.asked == []


async def test_a_report_to_a_number_that_is_not_set_is_taken_in(ana: Texter) -> None:
    said = await ana.writes(EMERGENCY, ours=False)
    assert said[0] == safety(ana.house)


async def test_a_text_of_staff_with_a_reference_takes_the_report(known: Texter) -> None:
    await known.writes(EMERGENCY)
    (escalation,) = known.house.desk.listing()
    noor = Texter(known.house, known.house.on_call.people["noor"].contacts[0].address)
    (said,) = await noor.writes(f"take {escalation.reference.lower()}")
    assert said.startswith(f"You have {escalation.reference}")
    assert known.house.database.count(tables.addresses) == 1


async def test_a_text_of_staff_without_a_reference_is_a_patients(known: Texter) -> None:
    noor = Texter(known.house, known.house.on_call.people["noor"].contacts[0].address)
    assert await noor.writes(EMERGENCY) == [safety(known.house), GREETING]


async def test_a_machine_that_answers_ours_is_not_answered_for_ever(known: Texter) -> None:
    for _ in range(28):
        assert await known.writes("I am driving right now") == [ANSWER.text]
    assert [await known.writes("I am driving right now") for _ in range(3)] == [[ANSWER.text], [HELP], []]
    (case,) = known.house.desk.listing()
    assert (case.tier, case.reason) == (Tier.SAME_DAY, "many_texts")
    known.house.clock.move(minutes=11)
    assert await known.writes(BENIGN) == [ANSWER.text]


async def test_who_is_asked_whether_it_is_happening_is_heard_however_many_texts_came_before(known: Texter) -> None:
    known.house.screen.doubts_about("my chest feels odd")
    for _ in range(40):
        await known.writes("please")
    assert "right now" in (await known.writes("my chest feels odd"))[0]
    assert "This may be an emergency" in (await known.writes("yes"))[0]


async def test_a_report_is_answered_however_many_texts_came_before(known: Texter) -> None:
    for _ in range(40):
        await known.writes("please")
    said = await known.writes(EMERGENCY)
    assert said[0].startswith("This may be an emergency")


# -- the database is away ------------------------------------------------------


async def test_without_the_database_a_report_gets_the_safety_text_at_once(ana: Texter) -> None:
    ana.house.database.goes_down()
    said = await ana.hands_in(EMERGENCY)
    assert [(text.id, text.body) for text in said] == [
        (None, plain(wording.safety_reply(CLINIC, Tier.EMERGENCY, ("respiratory",), None).text))
    ]


async def test_a_report_from_disk_belongs_to_its_number_and_is_confirmed_by_text(known: Texter) -> None:
    known.house.database.goes_down()
    await known.writes(EMERGENCY)
    known.house.database.comes_back()
    assert known.house.intake.take_in_spooled() == 1
    (escalation,) = known.house.desk.listing()
    assert escalation.conversation_id == known.talk
    assert known.receives() == [safety(known.house)]


async def test_a_report_from_disk_of_a_new_number_begins_its_talk(ana: Texter) -> None:
    ana.house.database.goes_down()
    await ana.writes(EMERGENCY)
    ana.house.database.comes_back()
    ana.house.intake.take_in_spooled()
    assert [ana.receives(), ana.receives()] == [[safety(ana.house)], [GREETING]]


async def test_without_the_database_a_stop_is_kept_on_disk_and_confirmed_once(known: Texter) -> None:
    known.house.database.goes_down()
    assert await known.writes("STOP") == [plain(wording.stopped_reply(CLINIC).text)]
    known.house.database.comes_back()
    known.house.intake.take_in_spooled()
    assert known.address.stopped
    assert known.receives() == []


async def test_without_the_database_a_question_is_answered_with_the_numbers(known: Texter) -> None:
    known.house.database.goes_down()
    assert await known.writes(BENIGN) == [plain(wording.degraded_reply(CLINIC, None).text)]
    assert known.house.spooled() == []


def _until_listed(house: House) -> None:
    """Who waits for the database goes first."""
    while not house.desk.listing():
        pass


async def test_a_database_that_comes_back_too_late_queues_what_it_stored(known: Texter) -> None:
    known.house.storage_seconds = 0.05
    known.house.__post_init__()
    known.house.database.hangs()
    said = await known.writes(EMERGENCY)
    assert said == [plain(wording.safety_reply(CLINIC, Tier.EMERGENCY, ("respiratory",), None).text)]
    known.house.database.comes_back()
    await asyncio.to_thread(_until_listed, known.house)
    assert known.states()[-1] == "pending"
