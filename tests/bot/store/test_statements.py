"""The tests of statements that are put together once: same rows as SQLAlchemy gives, on both databases."""

import pytest
import sqlalchemy as sa

from bot.store.database import open_database
from bot.store.statements import Statement
from tests.bot.engines import throwaway_database

THINGS = sa.Table("things", sa.MetaData(), sa.Column("id", sa.Text, primary_key=True), sa.Column("n", sa.BigInteger))
ADD = Statement(sa.insert(THINGS).values(id=sa.bindparam("name"), n=sa.bindparam("count")).returning(THINGS.c.n))
GROW = Statement(
    sa.update(THINGS)
    .where(THINGS.c.id == sa.bindparam("name"), sa.or_(THINGS.c.n == 1, THINGS.c.n == 2))
    .values(n=THINGS.c.n + 10)
    .returning(THINGS.c.id, THINGS.c.n.label("grown"))
)


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        engine = open_database(url)
        with engine.begin() as connection:
            THINGS.create(connection)
            yield connection
        engine.dispose()


def test_a_statement_runs_again_with_other_values_and_its_own_constants(connection):
    assert ADD.run(connection, {"name": "50% off", "count": 1}).scalar() == 1
    assert ADD.run(connection, {"name": "it's", "count": 7}).scalar() == 7
    grown = GROW.run(connection, {"name": "50% off"}).first()
    assert grown
    assert (grown.id, grown.grown) == ("50% off", 11)
    assert GROW.run(connection, {"name": "it's"}).first() is None
    assert GROW.run(connection, {"name": "none"}).rowcount == 0


def test_a_value_may_be_nothing(connection):
    assert ADD.run(connection, {"name": "a", "count": None}).scalar() is None
