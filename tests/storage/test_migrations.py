"""Migrations make exactly the tables that the code describes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from bot.storage import migrate
from bot.storage.engine import create_engine, ping
from bot.storage.tables import metadata


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


def test_migrations_create_the_unique_rules_of_the_code(engine: Engine, tmp_path: Path) -> None:
    described = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
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


def test_a_database_without_our_tables_is_not_healthy(tmp_path: Path) -> None:
    assert not ping(create_engine(f"sqlite:///{tmp_path / 'empty.db'}"))


def test_a_database_that_is_not_there_is_not_healthy(tmp_path: Path) -> None:
    assert not ping(create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'assistant.db'}"))


def test_a_migrated_database_is_healthy(engine: Engine) -> None:
    assert ping(engine)
