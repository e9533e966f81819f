"""The backlog: the files already waiting when a folder is watched for the very first time, and their cost.

The cost is estimated from a sample, by what Claude is told of a file of its kind: the words of a document, the pages of
a PDF, a picture. Nothing is parsed, because a file may be a trap: tags, names and page marks are counted in its first
megabytes.
"""

from __future__ import annotations

import contextlib
import os
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.doors.folder.paths import open_beneath
from bot.doors.folder.signature import Signature
from bot.text import size_words
from triggers.folder.candidates import Limits

MOST_UNASKED = 20
"""Up to this many waiting files are answered without asking."""

SAMPLED, KINDS = 40, 15
"""So many files of each of the most common kinds are looked into; the others are taken to be like them."""
LOOKED_AT_BYTES, UNPACKED_BYTES = 4 * 1024 * 1024, 16 * 1024 * 1024
PEEK_BYTES = 4096

CHARS_PER_TOKEN = 3.0
MOST_CHARS = 200_000  # documents are cut there
PDF_PAGE_TOKENS = 2_000
"""Text and picture of a page: https://platform.claude.com/docs/en/build-with-claude/pdf-support"""
MOST_PDF_PAGES = 100
PICTURE_TOKENS = 1_600
"""At the size it is scaled to: https://platform.claude.com/docs/en/build-with-claude/vision"""

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"BM")
_OFFICE_TEXT = re.compile(
    r"word/(document|footnotes)\.xml|xl/(sharedStrings|worksheets/sheet\d+)\.xml|ppt/(slides|notesSlides)/\w+\.xml"
    r"|content\.xml"
)
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PACKED = re.compile(rb"/ObjStm[^>]{0,300}>>\s{0,9}stream\r?\n")
_TAG = re.compile(rb"<[^<>]*>")
_PICTURE_TYPE = re.compile(rb"^content-type:\s*image/", re.IGNORECASE | re.MULTILINE)
_PICTURE_NAME = re.compile(rb"\bfilename=\"?[^\"\r\n]+\.(?:png|jpe?g|gif|webp)\b", re.IGNORECASE)
"""Pictures that came with a mail are sent along; each has its type, its name, or both."""
_ENCODED = re.compile(rb"(?m)^[A-Za-z0-9+/=]{60,}\r?\n")
_SHARED_TEXT = re.compile(rb"<si\b")
_NAMED_TEXT = re.compile(rb'\bt="s"[^<>]*><v>\d+</v>')
_BEYOND, _NO_FIRST = bytes(range(0x80, 0x100)), bytes(range(0xC0))
"""Bytes of letters beyond ASCII; bytes with which none of them begins."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_FAULTS = (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What reading a file that is locked, damaged or a trap may raise."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits below a root that was never watched before; Claude is told `tokens` of the `asked`, roughly."""

    root: str
    count: int = 0
    total_bytes: int = 0
    asked: int = 0
    tokens: int = 0
    rule: str = ""

    @property
    def words(self) -> str:
        """How much it is, for the operator."""
        return f"{self.count} files ({size_words(self.total_bytes)}) wait in {self.root}"


def is_much(files: Mapping[str, Signature], limits: Limits) -> bool:
    """Whether it is too much to begin without asking."""
    return len(_sent(files, limits)) > MOST_UNASKED


def backlog(root: str, files: Mapping[str, Signature], limits: Limits) -> Backlog:
    """Count what a first start would send to Claude, and look into some of it; no file's fault is raised."""
    sent = _sent(files, limits)
    told = [(_told_tokens(root, name), times) for names in _by_kind(sent) for name, times in _sampled(names)]
    asked = sum(times for tokens, times in told if tokens)
    tokens = sum(tokens * times for tokens, times in told)
    return Backlog(root, len(sent), sum(sent.values()), round(asked), round(tokens))


def _sent(files: Mapping[str, Signature], limits: Limits) -> dict[str, int]:
    """Empty files and those over the size limit are not sent."""
    return {name: mark.size_bytes for name, mark in files.items() if 0 < mark.size_bytes <= limits.max_bytes}


def _by_kind(sent: Mapping[str, int]) -> Iterable[list[str]]:
    """The names of each kind, from the smallest file to the largest; rare kinds together."""
    kinds = Counter(_ending(name) for name in sent)
    common = {kind for kind, _ in kinds.most_common(KINDS)}
    names: dict[str, list[str]] = defaultdict(list)
    for name in sorted(sent, key=lambda name: (sent[name], name)):
        kind = _ending(name)
        names[kind if kind in common else "/"].append(name)
    return names.values()


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold()


def _sampled(names: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Those to look into, evenly from the smallest to the largest, and how many files each stands for."""
    count = min(SAMPLED, len(names))
    for number in range(count):
        yield names[(2 * number + 1) * len(names) // (2 * count)], len(names) / count


def _told_tokens(root: str, name: str) -> float:
    """What Claude is told of a file; 0 for one that is refused, or cannot be read."""
    try:
        with open(open_beneath(root, name), "rb") as file:  # noqa: PTH123 (a descriptor)
            head = file.read(PEEK_BYTES)
            if head.startswith(b"PK\x03\x04"):
                with zipfile.ZipFile(file) as archive:
                    return _office_tokens(archive)
            size_bytes = os.fstat(file.fileno()).st_size
            return told_tokens(head + file.read(LOOKED_AT_BYTES - len(head)), size_bytes)
    except _FAULTS:
        return 0


def told_tokens(content: bytes, size_bytes: int) -> float:
    """What Claude is told of a file that begins with `content`; 0 for a kind that is refused. Pure."""
    if content.startswith(b"%PDF-"):
        pages = _pages(content) * max(1.0, size_bytes / len(content))
        return min(MOST_PDF_PAGES, max(1.0, pages)) * PDF_PAGE_TOKENS
    if content.startswith(PICTURES):
        return PICTURE_TOKENS
    times = size_bytes / max(1, len(content))
    if content.startswith(_WIDE):
        content = content.decode("utf-16", "ignore").encode("utf-8", "ignore")
    if not content or b"\0" in content[:PEEK_BYTES]:
        return 0
    # A mail's attachments come as long lines without a space, and of a web page the tags are left out.
    text = _ENCODED.sub(b"", content)
    is_markup = b"<html" in content[:PEEK_BYTES].lower()
    words = _text_tokens(_TAG.sub(b"", text) if is_markup else text, times)
    pictures = max(len(_PICTURE_TYPE.findall(content)), len(_PICTURE_NAME.findall(content)))
    return words + pictures * PICTURE_TOKENS


def _text_tokens(text: bytes, times: float = 1.0) -> float:
    """Tokens of a text told so many times; a letter beyond ASCII, which its first byte tells, is a token of its own."""
    plain, letters = len(text.translate(None, _BEYOND)), len(text.translate(None, _NO_FIRST))
    share = min(times, MOST_CHARS / max(1, plain + letters))
    return share * (plain / CHARS_PER_TOKEN + letters)


def _pages(content: bytes) -> int:
    return len(_PAGE.findall(content)) + sum(len(_PAGE.findall(part)) for part in _unpacked(content))


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The packed objects of newer PDFs, where their pages are named."""
    left = UNPACKED_BYTES
    for found in _PACKED.finditer(content):
        left -= PEEK_BYTES  # the try costs as well
        with contextlib.suppress(zlib.error):
            part = zlib.decompressobj().decompress(memoryview(content)[found.end() :], max(1, left))
            left -= len(part)
            yield part
        if left <= 0:
            return


def _office_tokens(archive: zipfile.ZipFile) -> float:
    """What the text of an office file comes to; each cell of a table has one letter beside it.

    A workbook may keep its texts in one place, each once, and name them by number wherever they stand.
    """
    text, shared, texts, named, left = b"", b"", 0, 0, UNPACKED_BYTES
    for member in archive.infolist():
        if _OFFICE_TEXT.fullmatch(member.filename) and len(text) < MOST_CHARS and left > 0:
            with archive.open(member) as file:
                content = file.read(min(left, LOOKED_AT_BYTES))
            left -= len(content) + PEEK_BYTES
            if member.filename.endswith("sharedStrings.xml"):
                shared, texts = _TAG.sub(b"", content), len(_SHARED_TEXT.findall(content))
                continue
            content, found = _NAMED_TEXT.subn(b">", content)
            named += found
            text += _TAG.sub(b"", content) + b"\t" * content.count(b"</c>")
    return min(MOST_CHARS, _text_tokens(text) + _text_tokens(shared, named / max(1, texts)))
