"""How a child process is started, watched and ended; nothing of it outlives the read."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import structlog

from bot.errors import Refused
from handlers.documents.child import job
from handlers.documents.limits import Limits

log = structlog.get_logger()

_HOUSE = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH")
"""The child reads files of strangers, so it gets no other variable: keys and tokens stay here."""

_STOPPED = "This file took more than {seconds:g} seconds to read, so reading it was stopped; drop a smaller part of it."
_DIED = "This file cannot be read and seems to be damaged; open it, save it again and drop the new copy."
_OUTPUT_BYTES = 64_000_000
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def read_in_child(name: str, path: Path, limits: Limits) -> dict[str, Any]:
    """What the child made of the file; raises Refused, or OSError when no process can be started now.

    As many children run at once as there are processors: each may take `limits.child_memory_bytes`.
    """
    async with _slot():
        try:
            output, code = await _run(job(name, path, limits), limits)
        except TimeoutError:
            raise Refused(_STOPPED.format(seconds=limits.child_wall_s)) from None
    return _result(output, code, name)


def _result(output: bytes, code: int, name: str) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(output)
    except ValueError:
        log.warning("document child died", format=name, code=code)
        raise Refused(_DIED) from None
    if "refused" in result:
        log.info("document refused", format=name, fault=result.get("fault"))
        raise Refused(result["refused"])
    return result


async def _run(argument: str, limits: Limits) -> tuple[bytes, int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "handlers.documents.child", argument),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_HOUSE,
        env={key: os.environ[key] for key in _PASSED_ON if key in os.environ},
    )
    try:
        async with asyncio.timeout(limits.child_wall_s):
            return await _output(process), await process.wait()
    finally:
        # Also on cancellation: the person pressed stop, or the process is asked to end.
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _output(process: asyncio.subprocess.Process) -> bytes:
    stdout = process.stdout
    assert stdout is not None
    data = bytearray()
    while chunk := await stdout.read(1 << 20):
        data += chunk
        if len(data) > _OUTPUT_BYTES:
            process.kill()
            return b""
    return bytes(data)


def _slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _slots:
        _slots[loop] = asyncio.Semaphore(max(os.cpu_count() or 1, 2))
    return _slots[loop]
