"""Imports Anthropic's package with lazy indexes: what Bellhop never names is never read from disk.

`import anthropic` runs some 3,000 modules, most of them types of endpoints and clouds that Bellhop does not use. The
packages listed here only hand on names of their own modules, so each name may as well be imported when somebody first
asks for it (PEP 562). Everything is still there, and is the very same object as without this. Two things that the
outermost index does besides are left out: logging as ANTHROPIC_LOG says, and shorter names of classes in tracebacks.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

INDEXES = frozenset(
    {
        "anthropic",
        "anthropic.lib.streaming",
        "anthropic.lib.threads",
        "anthropic.lib.tools",
        "anthropic.resources",
        "anthropic.resources.beta",
        "anthropic.types",
    }
)
"""Beside these, every package of types within the last."""


@dataclass
class Exports:
    """{name: (relative module, its name there; "" for the module itself)}, and modules that hand on all their names."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)


def import_sdk() -> None:
    """Import what asking needs; about a second the first time, so not on an event loop."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    for name in ("anthropic._client", "anthropic.resources.messages", "anthropic.types.message"):
        importlib.import_module(name)


def exports(source: str) -> Exports:
    """What a package's index hands on from modules of its own."""
    found = Exports()
    for statement in ast.walk(ast.parse(source)):
        if not isinstance(statement, ast.ImportFrom) or statement.level == 0:
            continue
        dots = "." * statement.level
        for alias in statement.names:
            if alias.name == "*":
                found.stars.append(dots + (statement.module or ""))
            elif statement.module:
                found.names[alias.asname or alias.name] = (dots + statement.module, alias.name)
            else:
                found.names[alias.asname or alias.name] = (dots + alias.name, "")
    return found


class _Finder(MetaPathFinder):
    """Finds the listed packages where they are, and has them loaded lazily."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See MetaPathFinder."""
        if fullname not in INDEXES and not fullname.startswith("anthropic.types."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and spec.submodule_search_locations is not None:
            spec.loader = _Index(exports(Path(spec.origin).read_text(encoding="utf-8")))
        return spec


class _Index(Loader):
    """Gives a package a `__getattr__` in place of its thousand imports."""

    def __init__(self, found: Exports) -> None:
        self._found = found

    def exec_module(self, module: ModuleType) -> None:
        """See Loader."""

        def get(name: str) -> Any:
            value = self._value(module, name)
            setattr(module, name, value)
            return value

        vars(module).update(__getattr__=get, __dir__=lambda: sorted({*vars(module), *self._found.names}))

    def _value(self, module: ModuleType, name: str) -> Any:
        package = module.__name__
        if name in self._found.names:
            where, its_name = self._found.names[name]
            inner = importlib.import_module(where, package)
            return getattr(inner, its_name) if its_name else inner
        for star in () if name.startswith("_") else self._found.stars:
            inner = importlib.import_module(star, package)
            if hasattr(inner, name):
                return getattr(inner, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
