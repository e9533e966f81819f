"""How documents are read: over a folder what is read and refused, seconds and memory; alone, small Office files.

python -m benchmarks.documents               one small file of each Office kind, child process included
python -m benchmarks.documents FOLDER        every file below FOLDER, beside markitdown when it is installed
"""

from __future__ import annotations

import asyncio
import importlib.util
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import Refused, TryAgain
from handlers.documents import Limits, read_document

RUNS = 7
GOAL_S = 0.35
OTHER_S = 30.0
"""Seconds after which another reader is stopped; Bellhop's own limit is the same."""

_OTHER = (
    "import sys; from markitdown import MarkItDown; "
    "sys.stdout.write(MarkItDown(enable_plugins=False).convert_local(sys.argv[1]).markdown)"
)


@dataclass(slots=True)
class Figures:
    """What became of the files of one kind."""

    read: int = 0
    refused: int = 0
    characters: int = 0
    seconds: list[float] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Print the figures; returns the exit code."""
    if not arguments:
        asyncio.run(_small_files())
        return 0
    folder = Path(arguments[0])
    if len(arguments) > 1 or not folder.is_dir():
        print("Usage: python -m benchmarks.documents [FOLDER]", file=sys.stderr)
        return 2
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    asyncio.run(_folder(files))
    if importlib.util.find_spec("markitdown"):
        _other(files)
    else:
        print("\nmarkitdown is not installed, so nothing stands beside these figures.")
    return 0


async def _small_files() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, members in SMALL.items():
            path = Path(folder) / name
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
                for member, content in members.items():
                    package.writestr(member, content)
            seconds = [await _timed(path) for _ in range(RUNS)]
            print(f"{name}, median of {RUNS}: {statistics.median(seconds):.2f} s   (goal <= {GOAL_S} s)")


async def _timed(path: Path) -> float:
    start = time.perf_counter()
    await read_document(path, path.name)
    return time.perf_counter() - start


async def _folder(files: Sequence[Path]) -> None:
    figures: dict[str, Figures] = {}
    reasons: Counter[str] = Counter()
    for path in files:
        kind = figures.setdefault(path.suffix.lower() or "(none)", Figures())
        start = time.perf_counter()
        try:
            document = await read_document(path, path.name, Limits())
        except (Refused, TryAgain) as fault:
            kind.refused += 1
            reasons[fault.reason] += 1
        else:
            kind.read += 1
            kind.characters += sum(len(str(b["source"]["data"])) for b in document.blocks if b["type"] == "document")
        kind.seconds.append(time.perf_counter() - start)
    _table("Bellhop", figures)
    print(f"\nWhy {sum(reasons.values())} files were refused:")
    for reason, count in reasons.most_common():
        print(f"{count:6}  {reason}")


def _other(files: Sequence[Path]) -> None:
    """The same files with markitdown, each in a process of its own, as Bellhop reads them."""
    figures: dict[str, Figures] = {}
    for path in files:
        kind = figures.setdefault(path.suffix.lower() or "(none)", Figures())
        start = time.perf_counter()
        try:
            run = subprocess.run(
                [sys.executable, "-c", _OTHER, path], capture_output=True, timeout=OTHER_S, check=False
            )
            text = run.stdout if run.returncode == 0 else b""
        except subprocess.TimeoutExpired:
            text = b""
        kind.seconds.append(time.perf_counter() - start)
        kind.read += bool(text.strip())
        kind.refused += not text.strip()
        kind.characters += len(text.decode("utf-8", "replace"))
    print()
    _table("markitdown (peak of both)", figures)


def _table(title: str, figures: dict[str, Figures]) -> None:
    print(f"{title:26}{'read':>6}{'refused':>9}{'characters':>13}{'median s':>10}{'longest s':>11}")
    for ending, kind in sorted(figures.items()):
        middle, longest = statistics.median(kind.seconds), max(kind.seconds)
        print(f"{ending:26}{kind.read:6}{kind.refused:9}{kind.characters:13,}{middle:10.2f}{longest:11.2f}")
    print(f"peak memory of a child process: {_peak_mb():.0f} MB")


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def _linked(kind: str, part: str) -> str:
    return f'<Relationships><Relationship Id="r1" Type="x/{kind}" Target="{part}"/></Relationships>'


def _small() -> dict[str, dict[str, str]]:
    cells = "<c t='inlineStr'><is><t>Total</t></is></c><c><v>7</v></c>"
    sheet = f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"
    box = "<p:sp><p:txBody><a:p><a:r><a:t>Hello</a:t></a:r></a:p></p:txBody></p:sp>"
    slide = f"<p:sld xmlns:p='p' xmlns:a='a'>{box}</p:sld>"
    body = "<w:body><w:p><w:r><w:t>Hello</w:t></w:r></w:p></w:body>"
    return {
        "small.docx": {
            "_rels/.rels": _linked("officeDocument", "word/document.xml"),
            "word/document.xml": f"<w:document xmlns:w='w'>{body}</w:document>",
        },
        "small.xlsx": {
            "_rels/.rels": _linked("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": "<workbook xmlns:r='r'><sheets><sheet name='A' r:id='r1'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _linked("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": sheet,
        },
        "small.pptx": {
            "_rels/.rels": _linked("officeDocument", "ppt/presentation.xml"),
            "ppt/presentation.xml": "<p:presentation xmlns:p='p'/>",
            "ppt/slides/slide1.xml": slide,
        },
        "small.odt": {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<office:body xmlns:office='o' xmlns:text='t'><text:p>Hello</text:p></office:body>",
        },
    }


SMALL = _small()
"""The smallest file of each Office kind that an office program opens, member by member."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
