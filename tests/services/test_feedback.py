"""What patients say of answers."""

from __future__ import annotations

import pytest

from bot.domain.errors import UnknownConversation
from bot.services.feedback import FeedbackBox
from bot.services.forgetting import Forgetter
from bot.storage import tables
from tests.harness.cast import ANSWER, BENIGN
from tests.harness.house import House


@pytest.fixture
def box(house: House) -> FeedbackBox:
    return FeedbackBox(house.database, house.clock)


@pytest.fixture
async def talk(house: House) -> str:
    """A talk whose second entry is an approved answer."""
    house.dialogue.replies = (ANSWER.approved(),)
    return (await house.hears(BENIGN)).conversation_id


async def test_it_is_kept_with_topic_version_and_time(house: House, box: FeedbackBox, talk: str) -> None:
    assert box.rate(talk, 2, False)
    (row,) = house.database.rows(tables.feedback)
    assert (row.topic, row.version, row.helpful) == (ANSWER.topic, ANSWER.approved().version, False)
    assert row.at == house.clock()


async def test_the_last_word_counts(house: House, box: FeedbackBox, talk: str) -> None:
    for helpful in (True, False, None, True):
        box.rate(talk, 2, helpful)
    assert [row.helpful for row in house.database.rows(tables.feedback)] == [True]


async def test_it_can_be_taken_back(house: House, box: FeedbackBox, talk: str) -> None:
    box.rate(talk, 2, True)
    assert box.rate(talk, 2, None)
    assert house.database.count(tables.feedback) == 0


async def test_whoever_follows_the_talk_hears_of_it(house: House, box: FeedbackBox, talk: str) -> None:
    before = house.database.count(tables.changes)
    box.rate(talk, 2, True)
    assert house.database.count(tables.changes) == before + 1


@pytest.mark.parametrize("position", [1, 3])
async def test_only_answers_are_rated(house: House, box: FeedbackBox, talk: str, position: int) -> None:
    assert not box.rate(talk, position, True)
    assert house.database.count(tables.feedback) == 0


async def test_a_talk_that_is_not_there_or_forgotten_is_unknown(house: House, box: FeedbackBox, talk: str) -> None:
    Forgetter(house.database, house.clock, lambda _: None).ask(talk)
    for unknown in (talk, "nobody's"):
        with pytest.raises(UnknownConversation):
            box.rate(unknown, 2, True)
