"""Migrations make exactly the tables that the code describes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from bot.domain.escalation import Tier
from bot.services.ports import TimerKind
from bot.storage import migrate, tables
from bot.storage.engine import create_engine, ping
from bot.storage.tables import metadata
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.harness.clock import START
from tests.harness.house import build_house
from tests.harness.storage import SEALER
from tests.storage.conftest import Engines
from tests.storage.earlier import REPLY, back_to, fill_as_0003


def _uniques(engine: Engine) -> dict[str, set[tuple[str | None, ...]]]:
    inspector = sa.inspect(engine)
    return {
        table: {(each["name"], *each["column_names"]) for each in inspector.get_unique_constraints(table)}
        for table in metadata.tables
    }


def test_migrations_create_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_create_the_unique_rules_of_the_code(engine: Engine, new_engine: Engines) -> None:
    described = new_engine("described", empty=True)
    with described.begin() as connection:
        metadata.create_all(connection)
    assert _uniques(engine) == _uniques(described)


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = set(sa.inspect(engine).get_table_names())
    migrate.upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == before


def test_every_migration_can_be_taken_back(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]


def _fill_as_0002(engine: Engine) -> None:
    """Three cases as the version before stored them: one open, one closed, one that wakes nobody."""
    at = "2026-03-02 13:00:00.000000"
    with engine.begin() as connection:
        for name, tier, status in (
            ("ana", "emergency", "open"),
            ("ben", "emergency", "resolved"),
            ("cleo", "routine", "open"),
        ):
            for statement in (
                "INSERT INTO conversations (id, channel, mode, language, created_at, updated_at)"
                " VALUES (:name, 'web', 'waiting', 'es', :at, :at)",
                "INSERT INTO messages (id, conversation_id, position, author, text, created_at)"
                " VALUES (:name, :name, 1, 'patient', 'me duele', :at)",
                "INSERT INTO escalations (id, reference, conversation_id, open_key, tier, categories, status, reason,"
                " language, opened_at, updated_at)"
                " VALUES (:name, :name, :name, :open, :tier, '[\"cardiac\"]', :status, 'screen', 'es', :at, :at)",
                "INSERT INTO pages (id, escalation_id, step, state, due_at, attempts, created_at)"
                " VALUES (:name, :name, :step, 'pending', :at, 3, :at)",
            ):
                connection.execute(
                    sa.text(statement),
                    {
                        "name": name,
                        "tier": tier,
                        "status": status,
                        "step": f"{tier}/1",
                        "at": at,
                        "open": name if status == "open" else None,
                    },
                )


def test_what_was_stored_before_the_ladder_keeps_its_meaning(engine: Engine, tmp_path: Path) -> None:
    back_to(engine, "0002")
    _fill_as_0002(engine)
    migrate.upgrade(engine)
    house = build_house(engine, tmp_path)
    emergency, routine = house.desk.listing()
    assert (emergency.id, emergency.tier, emergency.categories) == ("ana", Tier.EMERGENCY, ("cardiac",))
    assert (emergency.cycle, emergency.owner, emergency.outcome, emergency.canary) == (0, None, None, False)
    assert routine.id == "cleo"
    assert [row.text for row in house.database.rows(tables.messages)] == ["me duele"] * 3
    assert {row.state for row in house.database.rows(tables.pages)} == {"cancelled"}


def test_what_waited_for_somebody_before_the_ladder_is_followed_from_now_on(engine: Engine, tmp_path: Path) -> None:
    back_to(engine, "0002")
    _fill_as_0002(engine)
    migrate.upgrade(engine)
    house = build_house(engine, tmp_path)
    timers = {(row.escalation_id, row.kind) for row in house.database.rows(tables.timers)}
    assert timers == {("ana", TimerKind.LADDER), ("ana", TimerKind.ANSWER)}
    assert (house.timekeeper.tick(), house.paging.tick()) == (2, 1)
    assert "waiting 60 min. The patient writes Spanish." in house.pager.sent[0]


def test_the_ladder_can_be_taken_back_from_a_filled_database(engine: Engine) -> None:
    back_to(engine, "0002")
    _fill_as_0002(engine)
    migrate.upgrade(engine)
    back_to(engine, "0002")
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT id, step, state FROM pages ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [
        ("ana", "emergency/1", "cancelled"),
        ("ben", "emergency/1", "cancelled"),
        ("cleo", "routine/1", "cancelled"),
    ]


def test_what_was_stored_before_encryption_stays_readable(engine: Engine) -> None:
    back_to(engine, "0003")
    fill_as_0003(engine)
    migrate.upgrade(engine)
    with SqlUnitOfWork(engine, SEALER) as uow:
        assert uow.conversations.by_sender("slack:ana").callback_number == "+15555550101"
        assert uow.messages.find("ana", "m-1").text == "my chest hurts"
        (turn,) = uow.messages.patient_turns("ana", 9)
        assert (turn.text, turn.reported, turn.bare_answer) == ("my chest hurts", True, False)
        assert uow.messages.replies_to("m1") == (REPLY,)
        assert [entry.text for entry in uow.messages.talk("ana", 0, 9)] == ["my chest hurts", "Call us, Ana."]
        assert uow.messages.last_topic("ana") == "faq/driving"
        assert uow.escalations.history("ana")[0].detail["evidence"] == {"cardiac": "chest"}
        assert uow.borderlines.by_reference("GHJKM").text == "my chest hurts"


def test_encryption_can_be_taken_back_from_a_filled_database(engine: Engine) -> None:
    back_to(engine, "0003")
    fill_as_0003(engine)
    migrate.upgrade(engine)
    with SqlUnitOfWork(engine, SEALER) as uow:
        bens = uow.conversations.add("web", START)
        uow.conversations.set_callback_number(bens.id, "+15555550102", START)
        uow.commit()
    back_to(engine, "0003")
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT callback_number FROM conversations ORDER BY channel")).scalars()
        assert kept.all() == ["+15555550101", None]


def test_a_database_without_our_tables_is_not_healthy(new_engine: Engines) -> None:
    assert not ping(new_engine("empty", empty=True))


def test_a_database_that_is_not_there_is_not_healthy(tmp_path: Path) -> None:
    assert not ping(create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'assistant.db'}"))


def test_a_migrated_database_is_healthy(engine: Engine) -> None:
    assert ping(engine)
