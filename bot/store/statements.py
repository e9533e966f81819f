"""A statement that is put together once and then run as plain SQL: the engine runs eight for each event.

SQLAlchemy would look its compiled form up again at every call, which costs several times what the database does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

DIALECTS: dict[str, Any] = {"postgresql": postgresql, "sqlite": sqlite}
"""The two databases, each with an INSERT of its own that may find its row there already."""


class Statement:
    """An INSERT, UPDATE or SELECT of one database; its values are bound by name.

    Values and results pass as the driver knows them (text, numbers, None): SQLAlchemy converts nothing here.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Run within the caller's transaction. Raises KeyError when a value is missing."""
        dialect = connection.dialect
        text, order, constants = self._texts.get(dialect.name) or self._put_together(dialect)
        bound = {**constants, **values}
        return connection.exec_driver_sql(text, tuple(bound[name] for name in order) if order is not None else bound)

    def _put_together(self, dialect: sa.Dialect) -> tuple[str, list[str] | None, dict[str, Any]]:
        assert isinstance(self._statement, sa.ClauseElement)
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        asked = {name for name, bind in compiled.binds.items() if bind.required}
        constants = {name: value for name, value in compiled.params.items() if name not in asked}
        order = list(compiled.positiontup or ()) if compiled.positional else None
        return self._texts.setdefault(dialect.name, (compiled.string, order, constants))
