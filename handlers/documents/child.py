"""The child process that opens untrusted formats: limited memory and time, a path in, JSON out.

Started as `python -m handlers.documents.child JOB`; see `process.py`. Only what a format needs is imported.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import Refused
from handlers.documents.collecting import collect
from handlers.documents.formats import IMAGES
from handlers.documents.limits import Limits
from handlers.documents.source import Source

_TOO_MUCH = "This file needs more memory than a document should, so reading it was stopped."
_TOO_DEEP = "This file is nested too deeply to be read; save it in a simpler form and drop that."
_DAMAGED = "This file cannot be read and seems to be damaged; open it, save it again and drop the new copy."


def job(name: str, path: Path, limits: Limits) -> str:
    """The one argument of the child: what the first bytes say, the absolute path, the limits."""
    return json.dumps({"format": name, "path": str(path.absolute()), "limits": asdict(limits)})


def main() -> None:
    """Read the job, confine this process, write the result to stdout."""
    work = json.loads(sys.argv[1])
    limits = Limits(**work["limits"])
    _confine(limits)
    json.dump(_result(work["format"], Path(work["path"]), limits), sys.stdout)


def _confine(limits: Limits) -> None:
    if sys.platform == "win32":
        return  # no such limits there: the guard of the zip directory and the parent's clock remain
    import resource

    bounds = (
        (resource.RLIMIT_AS, limits.child_memory_bytes),
        (resource.RLIMIT_CPU, limits.child_cpu_s),
        (resource.RLIMIT_CORE, 0),
    )
    for what, bound in bounds:
        # A limit that the platform does not know (macOS and memory) leaves the others in force.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (bound, bound))
    # Should the parent die, nobody is left to watch the clock.
    signal.alarm(int(limits.child_wall_s) + 5)


def _result(name: str, path: Path, limits: Limits) -> dict[str, Any]:
    notes: list[str] = []
    try:
        return {**read_content(name, path, limits, notes), "notes": list(dict.fromkeys(notes))}
    except Refused as refused:
        return {"refused": refused.reason}
    except MemoryError:
        return {"refused": _TOO_MUCH}
    except RecursionError:
        return {"refused": _TOO_DEEP}
    except Exception as error:  # noqa: BLE001 # parsers raise anything on hostile files; the parent logs its name
        return {"refused": _DAMAGED, "fault": type(error).__name__}


def read_content(name: str, source: Source, limits: Limits, notes: list[str]) -> dict[str, Any]:
    """What a file becomes: its text, its pictures, or its number of pages; see `reading.py` for how they are used."""
    if name == "pdf":
        from handlers.documents.readers.pdf import read_pdf

        return {"format": name, **read_pdf(source, limits, notes)}
    if name in IMAGES:
        from handlers.documents.readers.image import read_image

        return {"format": name, "pictures": read_image(name, source, limits, notes)}
    if name == "zip":
        return _read_package(source, limits, notes)
    if name == "mail":
        from handlers.documents.readers.mail import read_mail

        blocks: list[list[str]] = []
        text = collect(read_mail(source, limits, notes, blocks, read_content), limits, notes)
        return {"format": name, "text": text, "attached": blocks}
    if name == "letter":
        from handlers.documents.readers.letter import read_letter

        return {"format": name, **read_letter(source, limits, notes, read_content)}
    return {"format": name, "text": _read_markup(name, source, limits, notes)}


def _read_package(source: Source, limits: Limits, notes: list[str]) -> dict[str, Any]:
    from handlers.documents.package import open_package, pictures_note

    name, opened = open_package(source, limits)
    read = _package_reader(name)
    with opened, source.open("rb") as package:
        text = collect(read(package, limits, notes), limits, notes)
        notes.extend(pictures_note(opened))
    return {"format": name, "text": text}


def _package_reader(name: str) -> Callable[[BinaryIO, Limits, list[str]], Iterator[str]]:
    if name == "docx":
        from handlers.documents.readers.word import read_word

        return read_word
    if name == "xlsx":
        from handlers.documents.readers.sheet import read_sheet

        return read_sheet
    if name == "pptx":
        from handlers.documents.readers.slides import read_slides

        return read_slides
    from handlers.documents.readers.odt import read_odt

    return read_odt


def _read_markup(name: str, source: Source, limits: Limits, notes: list[str]) -> str:
    if name == "html":
        from handlers.documents.readers.html import read_html as read
    else:
        from handlers.documents.readers.rtf import read_rtf as read
    return collect(read(source, limits, notes), limits, notes)


if __name__ == "__main__":
    main()
