from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.storage.redis_turns import RedisTurns, connect
from tests.harness.settings import SECRET, free_ports


@pytest.fixture
async def gateways(redis_url: str) -> AsyncIterator[tuple[RedisTurns, RedisTurns]]:
    """Two gateways with one Redis."""
    clients: list[Redis] = [connect(redis_url), connect(redis_url)]
    yield RedisTurns(clients[0], SECRET.encode()), RedisTurns(clients[1], SECRET.encode())
    for client in clients:
        await client.close(close_connection_pool=True)


async def test_of_one_conversation_one_message_at_a_time_over_two_gateways(
    gateways: tuple[RedisTurns, RedisTurns],
) -> None:
    inside, most = 0, 0

    async def message(number: int) -> None:
        nonlocal inside, most
        async with gateways[number % 2].turn("ana"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*map(message, range(40)))
    assert most == 1


async def test_within_a_gateway_first_come_first_served(gateways: tuple[RedisTurns, RedisTurns]) -> None:
    served: list[int] = []

    async def message(number: int) -> None:
        async with gateways[0].turn("ana"):
            served.append(number)

    await asyncio.gather(*map(message, range(40)))
    assert served == list(range(40))


async def test_other_conversations_do_not_wait(gateways: tuple[RedisTurns, RedisTurns]) -> None:
    async with gateways[0].turn("ana"), gateways[1].turn("ben"):
        pass


async def test_without_redis_a_gateway_goes_on_alone_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)
    turns = RedisTurns(connect(f"redis://127.0.0.1:{port}"), SECRET.encode())
    async with turns.turn("ana"):
        pass
    assert "turns_unavailable" in caplog.text


async def test_a_turn_that_ran_out_does_not_end_somebody_elses(
    gateways: tuple[RedisTurns, RedisTurns], redis_url: str
) -> None:
    redis = connect(redis_url)
    async with gateways[0].turn("ana"):
        (name,) = await redis.keys("turn:*")
        await redis.set(name, "somebody else")  # as when its time is over
    assert await redis.get(name) == b"somebody else"
    await redis.delete(name)
    await redis.close(close_connection_pool=True)


async def test_redis_does_not_know_whose_turn_it_is(gateways: tuple[RedisTurns, RedisTurns], redis_url: str) -> None:
    redis = connect(redis_url)
    async with gateways[0].turn("+15550100201 +15550100150"):
        (name,) = await redis.keys("turn:*")
    assert b"0201" not in name
    await redis.close(close_connection_pool=True)
