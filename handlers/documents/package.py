"""What is checked and mended about a zip package (Office, OpenDocument) before any parser sees it.

The guard reads the zip directory only. A directory can lie about sizes, so the child's memory limit stands behind it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote
from xml.sax.saxutils import unescape

from bot.errors import Refused
from handlers.documents.limits import Limits

_BOMB = "This file unpacks to far more than a document needs; save the part that matters by itself and drop that."
_DAMAGED = "This file is cut short or damaged; open it, save it again and drop the new copy."
_LOCKED = "This file is locked with a password; save it without one and drop it again."
_ARCHIVE = "This is a packed archive; unpack it and drop the files in it one by one."
_OTHER = {
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet; save it as .xlsx",
    "application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation; save it as .pptx",
    "application/epub+zip": "an e-book; save it as PDF",
}
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".jar")
_MAIN_TYPES = (
    ("docx", re.compile(r"wordprocessingml\.(document|template)\.main|ms-word\.(document|template)\.macroEnabled")),
    ("xlsx", re.compile(r"spreadsheetml\.(sheet|template)\.main|ms-excel\.(sheet|template)\.macroEnabled")),
    ("pptx", re.compile(r"presentationml\.(presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macroEnabled")),
)
_MAIN_MEMBERS = (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml"), ("pptx", "ppt/presentation.xml"))


def open_package(path: Path, limits: Limits) -> tuple[str, zipfile.ZipFile]:
    """The format ("docx", "xlsx", "pptx", "odt") and the package, once the guard has passed it; else raises Refused."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Refused(_DAMAGED) from None
    name = _format(package)
    _guard(package.infolist(), limits)
    return name, package


def _guard(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Refused(_LOCKED)
    nested = any(m.filename.lower().endswith(_ARCHIVES) and "/embeddings/" not in m.filename for m in members)
    if nested or len(members) > limits.members or sum(m.file_size for m in members) > limits.unpacked_bytes:
        raise Refused(_BOMB)
    if any(_swells(member, limits) for member in members):
        raise Refused(_BOMB)


def _swells(member: zipfile.ZipInfo, limits: Limits) -> bool:
    if member.file_size > limits.member_bytes:
        return True
    packed = max(member.compress_size, 1)
    return member.file_size > limits.ratio_from_bytes and member.file_size > packed * limits.member_ratio


def _format(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "mimetype" in names:
        return _open_document(package)
    types = _start_of(package, "[Content_Types].xml", names)
    for name, pattern in _MAIN_TYPES:
        if pattern.search(types):
            return name
    if "ms-excel.sheet.binary" in types:
        raise Refused("This is a binary Excel workbook; save it as .xlsx and drop that.")
    for name, member in _MAIN_MEMBERS:
        if member in names:
            return name
    if any(name.startswith("Index/") or name == "Index.zip" for name in names):
        raise Refused("This is a Pages, Numbers or Keynote file; export it as PDF and drop that.")
    raise Refused(_ARCHIVE)


def _open_document(package: zipfile.ZipFile) -> str:
    mimetype = _start_of(package, "mimetype", {"mimetype"}).strip()
    if mimetype.startswith("application/vnd.oasis.opendocument.text"):
        if "encryption-data" in _start_of(package, "META-INF/manifest.xml", set(package.namelist())):
            raise Refused(_LOCKED)
        return "odt"
    found = next((words for kind, words in _OTHER.items() if mimetype.startswith(kind)), None)
    raise Refused(f"This is {found} and drop that." if found else _ARCHIVE)


def _start_of(package: zipfile.ZipFile, member: str, names: set[str]) -> str:
    if member not in names:
        return ""
    try:
        with package.open(member) as stream:
            data = stream.read(1_000_000)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return ""
    # Content types may be written in UTF-16; what is looked for is plain ASCII.
    return data.replace(b"\0", b"").decode("utf-8", "replace")


# ── what the Office libraries stumble over ──

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_MACRO = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?|"
    rb"openxmlformats-officedocument\.wordprocessingml\.template)\.main\+xml"
)
_SHOW = re.compile(
    rb"application/vnd\.(?:ms-powerpoint\.(?:template|slideshow)\.macroEnabled|"
    rb"openxmlformats-officedocument\.presentationml\.(?:template|slideshow))\.main\+xml"
)
_WORD_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHOW_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*?(?:/>|>\s*</(?:\w+:)?Relationship>)", re.DOTALL)
_TARGET = re.compile(r"\bTarget\s*=\s*[\"']([^\"']*)[\"']")


def mended(path: Path, package: zipfile.ZipFile) -> BinaryIO:
    """The open file itself, or a copy in memory without what the Office libraries refuse although Office opens it.

    That is: the strict dialect of the format, macro-enabled and template types, links to parts that are not there.
    """
    changed = dict(_mendings(package))
    if not changed:
        return path.open("rb")
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as written:
        for name in dict.fromkeys(package.namelist()):
            written.writestr(name, changed[name] if name in changed else package.read(name))
    copy.seek(0)
    return copy


def _mendings(package: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    names = set(package.namelist())
    strict = b"purl.oclc.org" in package.read("_rels/.rels") if "_rels/.rels" in names else False
    found = []
    for name in sorted(names):
        if not (name.endswith(".rels") or name == "[Content_Types].xml" or (strict and name.endswith(".xml"))):
            continue
        data = package.read(name)
        new = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data) if strict else data
        new = _SHOW.sub(_SHOW_TYPE, _MACRO.sub(_WORD_TYPE, new)) if name == "[Content_Types].xml" else new
        new = _without_dead_links(name, new, names) if name.endswith(".rels") else new
        if new != data:
            found.append((name, new))
    return found


def _without_dead_links(name: str, data: bytes, names: set[str]) -> bytes:
    folder = posixpath.dirname(posixpath.dirname(name))
    present = {member.lower() for member in names}

    def kept(match: re.Match[str]) -> str:
        target = _TARGET.search(match[0])
        if target is None or re.search(r"TargetMode\s*=\s*[\"']External", match[0]):
            return match[0]
        part = unquote(unescape(target[1])).partition("#")[0]
        full = posixpath.normpath(posixpath.join("/", folder, part)).lstrip("/").lower()
        return match[0] if full in present else ""

    text = data.decode("utf-8", "surrogateescape")
    return _RELATION.sub(kept, text).encode("utf-8", "surrogateescape")


def pictures_note(package: zipfile.ZipFile) -> list[str]:
    """A sentence when the file holds pictures, which the readers of text leave out."""
    count = sum(bool(_PICTURE.search(name)) for name in package.namelist())
    if not count:
        return []
    return [f"{count} pictures in it were not read." if count > 1 else "1 picture in it was not read."]


_PICTURE = re.compile(
    r"(?:^|/)(?:media|Pictures)/[^/]+\.(?:png|jpe?g|gif|bmp|tiff?|webp|emf|wmf|svg|heic)$", re.IGNORECASE
)
