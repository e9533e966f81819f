"""The tests of the child process: its limits, its end, and what it is not told."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import Refused
from handlers.documents import Limits, read_document
from handlers.documents.child import job
from handlers.documents.process import read_in_child
from tests.handlers.documents import samples

pytestmark = pytest.mark.anyio


def children() -> set[str]:
    """Process ids of our living children that read documents."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"handlers.documents.child" in words and int(parent) == os.getpid():
            found.add(folder.name)
    return found


async def started() -> set[str]:
    while not (found := children()):  # noqa: ASYNC110 # what is waited for is a process, which sets no event
        await asyncio.sleep(0.01)
    return found


@pytest.fixture
def slow(tmp_path):
    """A workbook that takes many seconds to read."""
    path = tmp_path / "slow.xlsx"
    path.write_bytes(samples.xlsx_with({"A": [["x"]]}))
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(1, 400_000))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    path.write_bytes(samples.changed(path.read_bytes(), {"xl/worksheets/sheet1.xml": sheet}))
    return path


async def test_a_child_that_takes_too_long_is_killed_and_the_reason_is_plain(slow):
    with pytest.raises(Refused, match=r"more than 0\.5 seconds"):
        await read_document(slow, "slow.xlsx", Limits(child_wall_s=0.5))
    assert not children()


async def test_a_cancelled_read_kills_its_child(slow):
    reading = asyncio.create_task(read_document(slow, "slow.xlsx"))
    assert await started()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not children()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_a_child_that_uses_up_its_processor_time_is_refused(slow):
    with pytest.raises(Refused, match="cannot be read"):
        await read_document(slow, "slow.xlsx", Limits(child_cpu_s=1, member_ratio=10_000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_a_child_that_runs_out_of_memory_is_refused(tmp_path):
    path = tmp_path / "wide.docx"
    path.write_bytes(samples.docx_bomb(45_000_000))
    with pytest.raises(Refused, match="more memory than a document should"):
        await read_document(path, "wide.docx", Limits(child_memory_bytes=110_000_000, member_ratio=10_000))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows what a process was told")
async def test_the_child_is_not_told_any_secret(slow, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    reading = asyncio.create_task(read_document(slow, "slow.xlsx"))
    told = [(Path("/proc") / child / "environ").read_bytes() for child in await started()]
    reading.cancel()
    await asyncio.wait([reading])
    assert len(told) == 1
    assert b"PATH=" in told[0]
    assert b"sk-secret" not in told[0]


async def test_many_files_at_once_are_all_read(tmp_path):
    paths = [tmp_path / f"{n}.docx" for n in range(8)]
    for n, path in enumerate(paths):
        path.write_bytes(samples.docx_with([f"number {n}"]))
    documents = await asyncio.gather(*(read_document(path, path.name) for path in paths))
    assert [d.blocks[0]["source"]["data"] for d in documents] == [f"number {n}" for n in range(8)]


async def test_a_fault_inside_a_parser_is_refused_in_plain_words(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(samples.changed(samples.docx_with(), {"word/document.xml": "<not-word/>"}))
    with pytest.raises(Refused, match="damaged"):
        await read_in_child("zip", path, Limits())


async def test_names_and_paths_with_any_character_are_fine(tmp_path):
    path = tmp_path / "Größe 漢字 'quoted\" \\ $HOME.docx"
    path.write_bytes(samples.docx_with(["Hello"]))
    assert (await read_document(path, path.name)).kind == "word document"


def test_the_child_runs_without_the_rest_of_the_house(tmp_path):
    """What the child imports is what a hostile file could reach, and what every read pays for."""
    path = tmp_path / "a.odt"
    path.write_bytes(samples.odt_with("<t:p xmlns:t='t'>Hello</t:p>"))
    code = (
        "import sys, handlers.documents.child as child; child.main();"
        "print(chr(10), sorted({'asyncio', 'structlog', 'anthropic', 'docx', 'pydantic'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, job("zip", path, Limits())]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.splitlines()
    assert json.loads(output[0])["text"] == "Hello"
    assert output[-1].strip() == "[]"
