"""The figures of the house, counted in its sources; `python -m tests.house.figures` prints them, tests hold them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
PRODUCTION = ("bot", "triggers", "handlers")
HALVES = ("triggers/{}", "handlers/replies/{}", "handlers/context/{}", "bot/doors/{}")
"""The rooms of a door: in, out, what is read for it, and what its halves share."""

MOST_MODULES = 16
MOST_FLOORS = 8
MOST_ATTRIBUTES = 12
MOST_LINES = 250
SLIVER_LINES = 40


GIVEN_UP_NAMES = frozenset(
    {
        *(
            "binding",
            "commits",
            "cuts",
            "desk",
            "diary",
            "doorbell",
            "dropped",
            "evidence",
            "fitting",
            "healing",
            "ink",
        ),
        *("intake", "ledger", "pace", "patience", "permit", "presence", "rounds", "running", "settling", "share"),
        *("shelf", "stages", "tickets", "transact", "wants"),
    }
)
"""Module names that were ours alone; each has the field's word now."""

INVENTED_NAMES = {
    "carried": "what an event carries of a Slack message; no vendor has a word for it",
    "fence": "house word: the marks around text from outside, in a prompt",
    "fence_check": "whether a worker may still write: the field's fencing, said as a question",
    "foundation": "what the engine stands on in every process, beside `workplace`, which only a worker has",
    "house": "what the pages of the web server speak of",
    "leftovers": "what other programs leave in a folder",
    "lightening": "making a question lighter, file by file, until it may be sent",
    "pacer": "house word: it spaces a vendor's calls",
    "verdict": "house word: what becomes of a call to Claude that failed",
    "wire": "the names and lengths that Slack's protocol fixes",
    "workplace": "see `foundation`",
}
"""Module names that no field has, each with the reason why it stays."""


@dataclass(frozen=True, slots=True)
class Room:
    """One half of a door: how many modules it has, and over how many floors they import each other."""

    name: str
    modules: int
    floors: int


@cache
def sources(tops: tuple[str, ...] = PRODUCTION) -> Mapping[str, Path]:
    """Every module below these folders by its dotted name; packages by the name of their folder."""
    found = {}
    for top in tops:
        for path in sorted((HOME / top).rglob("*.py")):
            parts = path.relative_to(HOME).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(tops: tuple[str, ...] = PRODUCTION) -> Mapping[str, frozenset[str]]:
    """What each module imports of the others, those inside functions and for type checkers included."""
    known = sources(tops)
    return {name: frozenset(_imported(ast.parse(path.read_text()), known) - {name}) for name, path in known.items()}


def _imported(tree: ast.Module, known: Mapping[str, Path]) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {_module_of(f"{node.module}.{alias.name}", known) for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {_module_of(alias.name, known) for alias in node.names}
    return names - {""}


def _module_of(name: str, known: Mapping[str, Path]) -> str:
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def circles(tops: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Groups of modules that import each other in a circle; none is the aim."""
    sorter = TopologicalSorter({name: set(others) for name, others in imports(tops).items()})
    try:
        sorter.prepare()
    except CycleError as error:
        return [tuple(error.args[1])]
    return []


def rooms() -> list[Room]:
    """The halves of every door that is built as a folder."""
    doors = sorted(path.name for path in (HOME / "triggers").iterdir() if (path / "__init__.py").exists())
    return [room for door in doors for half in HALVES if (room := _room(half.format(door))).modules]


def _room(folder: str) -> Room:
    inside = [name for name, path in sources().items() if path.is_relative_to(HOME / folder)]
    modules = [name for name in inside if sources()[name].name != "__init__.py"]
    return Room(folder, len(modules), max((_floors(name, frozenset(modules)) for name in modules), default=0))


@cache
def _floors(module: str, inside: frozenset[str]) -> int:
    below = [other for other in imports()[module] if other in inside]
    return 1 + max((_floors(other, inside) for other in below), default=0)


def attributes() -> Iterator[tuple[str, int]]:
    """Each class that does something, and how many attributes its objects have; plain data is not counted."""
    for name, path in sources().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not _is_data(node):
                yield f"{name}.{node.name}", len(_attributes(node))


def _is_data(node: ast.ClassDef) -> bool:
    marks = [ast.unparse(mark) for mark in (*node.decorator_list, *node.bases)]
    return any(word in mark for mark in marks for word in ("dataclass", "BaseModel", "BaseSettings", "Protocol"))


def _attributes(node: ast.ClassDef) -> set[str]:
    return {
        target.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
        for target in [inner]
        if isinstance(target.value, ast.Name) and target.value.id == "self"
    }


def slivers() -> list[str]:
    """Modules under 40 lines that one other module alone imports."""
    importers: dict[str, set[str]] = {}
    for name, others in imports().items():
        for other in others:
            importers.setdefault(other, set()).add(name)
    return [
        name
        for name, path in sources().items()
        if path.name != "__init__.py" and len(path.read_text().splitlines()) < SLIVER_LINES
        if len({user for user in importers.get(name, set()) if sources()[user].name != "__init__.py"}) == 1
    ]


def long_modules() -> list[tuple[str, int]]:
    """Modules over 250 lines."""
    counted = [(name, len(path.read_text().splitlines())) for name, path in sources().items()]
    return [(name, lines) for name, lines in counted if lines > MOST_LINES]


def module_names() -> set[str]:
    """The last word of every production module."""
    return {name.rpartition(".")[2] for name in sources()}


def main() -> None:
    """Print them."""
    print(f"{'half of a door':<28} modules (≤ {MOST_MODULES})   floors (≤ {MOST_FLOORS})")
    for room in rooms():
        print(f"{room.name:<28} {room.modules:>7} {room.floors:>16}")
    print(f"\nclasses with more than {MOST_ATTRIBUTES} attributes:")
    for name, count in sorted(attributes(), key=lambda pair: -pair[1]):
        if count > MOST_ATTRIBUTES:
            print(f"  {count:>3}  {name}")
    print(f"\nmodules under {SLIVER_LINES} lines with one importer: {len(slivers())}")
    for name in slivers():
        print(f"  {name}")
    print(f"\nmodules over {MOST_LINES} lines: {len(long_modules())}")
    for name, lines in long_modules():
        print(f"  {lines:>4}  {name}")
    print(f"\ninvented names: {len(INVENTED_NAMES)} of {len(module_names())}")
    for name, reason in INVENTED_NAMES.items():
        print(f"  {name:<14} {reason}")
    print("\nframe lines for a new door: see pytest -s tests/house/test_new_door.py -k one_line")


if __name__ == "__main__":
    main()
