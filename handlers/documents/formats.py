"""How a file's format is told from its first bytes, never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import Refused

HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called: `kind` as in Document, `words` as in "it is a PDF", `endings` of file names."""

    kind: str
    words: str
    endings: tuple[str, ...]


FORMATS = {
    "pdf": Format("pdf", "a PDF", (".pdf",)),
    "png": Format("image", "a PNG picture", (".png",)),
    "jpeg": Format("image", "a JPEG picture", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "gif": Format("image", "a GIF picture", (".gif",)),
    "webp": Format("image", "a WebP picture", (".webp",)),
    "tiff": Format("image", "a TIFF picture", (".tif", ".tiff")),
    "bmp": Format("image", "a BMP picture", (".bmp", ".dib")),
    "avif": Format("image", "an AVIF picture", (".avif",)),
    "docx": Format("word document", "a Word document", (".docx", ".docm", ".dotx", ".dotm")),
    "xlsx": Format("spreadsheet", "an Excel workbook", (".xlsx", ".xlsm", ".xltx", ".xltm")),
    "pptx": Format("presentation", "a PowerPoint presentation", (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm")),
    "odt": Format("word document", "an OpenDocument text", (".odt", ".ott")),
    "rtf": Format("rich text", "a rich text file", (".rtf",)),
    "html": Format("web page", "a web page", (".html", ".htm", ".xhtml")),
    "mail": Format("mail", "a mail", (".eml", ".mht", ".mhtml", ".mbox")),
    "text": Format(
        "text", "plain text", (".txt", ".md", ".csv", ".tsv", ".json", ".yaml", ".yml", ".log", ".xml", ".svg")
    ),
}
IMAGES = frozenset({"png", "jpeg", "gif", "webp", "tiff", "bmp", "avif"})
MARKUP = frozenset({"rtf", "html", "mail"})

_AGAIN = "and drop that."
_ARCHIVE = "This is a packed archive; unpack it and drop the files in it one by one."
_PROGRAM = "This is a program, not a document; Bellhop does not read programs."
_SOUND = f"This is a sound file, which cannot be read; make a transcript {_AGAIN}"
_FILM = f"This is a video, which cannot be read; make a transcript or take pictures from it {_AGAIN}"
_PICTURE = f"This kind of picture cannot be read; save it as JPEG or PNG {_AGAIN}"
_DATABASE = f"This is a database file; export what matters as CSV {_AGAIN}"
UNKNOWN = f"This kind of file cannot be read; save it as PDF, Word, Excel, PowerPoint, text or a picture {_AGAIN}"

_KNOWN = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (4, b"ftypavif", "avif"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"{\\rtf", "rtf"),
)
_UNFIT = (
    *((0, magic, _ARCHIVE) for magic in (b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b")),
    *((0, magic, _ARCHIVE) for magic in (b"BZh", b"\xfd7zXZ\x00", b"(\xb5/\xfd", b"MSCF\x00", b"\x04\x22\x4d\x18")),
    (257, b"ustar", _ARCHIVE),
    *((0, magic, _PROGRAM) for magic in (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\x00asm", b"dex\n", b"\xcf\xfa\xed\xfe")),
    *((0, magic, _SOUND) for magic in (b"ID3", b"fLaC", b"OggS", b"MThd", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1")),
    (0, b'x\x9f>"', f"This is a parcel of Outlook (winmail.dat); have what is in it sent as files {_AGAIN}"),
    (8, b"WAVE", _SOUND),
    (4, b"ftypM4A", _SOUND),
    *(
        (4, b"ftyp" + brand, f"This is a HEIC photo, which cannot be read; save it as JPEG {_AGAIN}")
        for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
    ),
    (4, b"ftyp", _FILM),
    (4, b"moov", _FILM),
    (8, b"AVI ", _FILM),
    *((0, magic, _FILM) for magic in (b"\x1aE\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")),
    *(
        (0, magic, _PICTURE)
        for magic in (b"8BPS", b"\x00\x00\x01\x00", b"\x00\x00\x00\x0cjP  ", b"\xff\x0a", b"AT&TFORM")
    ),
    *((0, magic, _DATABASE) for magic in (b"SQLite format 3\x00", b"PAR1", b"\x00\x01\x00\x00Standard ")),
)

_PDF = re.compile(rb"(?:^|[\r\n\0])\s*(?:\xef\xbb\xbf)?%PDF-\d")
"""Some rubbish may stand before a PDF (its specification allows 1,024 bytes); on the same line only before objects."""
_PDF_OBJECT = re.compile(rb"[\r\n]\d+ \d+ obj\b")
_HTML = re.compile(
    r"(?:\s|\ufeff|\xef\xbb\xbf|<\?xml[^>]*>|<!--(?:(?!-->).)*-->)*"
    r"<(?:!doctype\s+html|html|head|body|meta|title)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_HTML_PIECE = re.compile(r"<(?:!doctype|[a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
_HTML_ENDINGS = (".html", ".htm", ".xhtml")
_BOX_LINE = re.compile(r"From \S.*\d{1,2}:\d\d.*\d{4}")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):|[ \t]|$")
_MAIL_HEADERS = {"from", "to", "cc", "date", "subject", "message-id", "received", "return-path", "reply-to"}
_MAIL_HEADERS |= {"mime-version", "delivered-to", "content-type", "sender", "x-mailer", "references", "in-reply-to"}


def format_of_bytes(head: bytes) -> str | None:
    """The format that the first bytes give away: a key of FORMATS, "zip" or "ole"; None when it may be text.

    Raises Refused for what is known and cannot be read.
    """
    if _PDF.search(head[:1024]) or (b"%PDF-" in head[:1024] and _PDF_OBJECT.search(head)):
        return "pdf"
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "bmp"
    for offset, magic, name in _KNOWN:
        if head.startswith(magic, offset):
            return name
    _refuse_unfit(head)
    return None


def _refuse_unfit(head: bytes) -> None:
    if head.startswith(b"MZ") and b"\0" in head[:128]:
        raise Refused(_PROGRAM)
    for offset, magic, reason in _UNFIT:
        if head.startswith(magic, offset):
            raise Refused(reason)


def format_of_text(start: str, name: str = "") -> str:
    """Which of the text formats this is: "html", "mail" or "text".

    A piece of a web page is plain text with tags in it, and a note with headers may be a mail: there `name` decides.
    """
    if _HTML.match(start[:4096]):
        return "html"
    if _is_mail(start, named=name.lower().endswith(FORMATS["mail"].endings)):
        return "mail"
    return "html" if name.lower().endswith(_HTML_ENDINGS) and _HTML_PIECE.search(start[:4096]) else "text"


def _is_mail(start: str, *, named: bool) -> bool:
    lines = start.lstrip("\r\n\ufeff").removeprefix("\xef\xbb\xbf").splitlines()
    is_box = bool(lines) and _BOX_LINE.match(lines[0]) is not None
    if lines and lines[0].startswith("From "):
        lines = lines[1:]
    seen = set()
    for line in lines[:200]:
        match = _HEADER.match(line)
        if match is None:
            return False
        if not line.strip():
            break
        seen.add((match[1] or "").lower())
    if {"mime-version", "content-type"} <= seen:
        return True  # saved pages and exports of wikis name no sender
    if named and seen & _MAIL_HEADERS:
        return True
    return bool(seen & {"from", "return-path", "received"}) and len(seen & _MAIL_HEADERS) >= (2 if is_box else 3)


def mismatch(name: str, found: str) -> str | None:
    """A sentence when the name promises another format than the one found; None when it fits or promises nothing."""
    lower = name.lower()
    for promised, form in FORMATS.items():
        ending = next((ending for ending in form.endings if lower.endswith(ending)), None)
        if ending is None:
            continue
        # A fragment of a web page or mail is plain text to us, and rightly named for its owner.
        fits = promised == found or (found == "text" and promised in MARKUP)
        return None if fits else f"The name says {ending}, but it is {FORMATS[found].words}."
    return None
