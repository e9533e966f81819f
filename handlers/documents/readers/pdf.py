"""What is checked about a PDF before it is sent: not locked, cut short or too long; and what its pages do not show."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.readers.xml import Element, attribute, child, local, parse
from handlers.documents.source import Source

if TYPE_CHECKING:
    from pypdf import PdfReader

_DAMAGED = "This PDF is cut short or damaged; open it, save it again and drop the new copy."
_LOCKED = "This PDF is locked with a password. Save it without one and drop it again."
_PROTECTED = "This PDF is protected, and Claude takes no protected files. Print it to a new PDF and drop that."
_TAIL_BYTES = 65_536
_START_BYTES = 1100
_LOOKED_AT = 20
"""Pages that are searched for what they do not show."""
_INVISIBLE = re.compile(rb"(?<![\d.])3\s+Tr\b")
_SHOWN = re.compile(rb"\b(?:Tj|TJ)\b|(?<=[)\]>])\s*[\"']")
_WAITING = re.compile(r"please wait|bitte warten|veuillez patienter|adobe reader|espere|attendere", re.IGNORECASE)


def read_pdf(source: Source, limits: Limits, notes: list[str]) -> dict[str, Any]:
    """`pages`; `data` in base64 when bytes before the PDF were cut off; `beside`: what is in it and not on its pages.

    Raises Refused with what to do when the Messages API would not take the file.
    """
    whole = source.read_bytes()
    data = whole[start_of_pdf(whole) :]
    reader, pages = _checked(data, limits)
    found: dict[str, Any] = {"pages": pages}
    if len(data) != len(whole):
        found["data"] = base64.b64encode(data).decode("ascii")
    beside = [*_form(reader, notes), *_layers(reader, pages, notes)]
    if beside:
        found["beside"] = "\n".join(beside)
    return found


def check_pdf(source: Source, limits: Limits) -> int:
    """The number of pages; raises Refused when the Messages API would not take the file."""
    whole = source.read_bytes()
    return _checked(whole[start_of_pdf(whole) :], limits)[1]


def start_of_pdf(data: bytes) -> int:
    """Where the PDF begins: a byte order mark or a printer's preamble may stand before it."""
    return max(data[:_START_BYTES].find(b"%PDF-"), 0)


def _checked(data: bytes, limits: Limits) -> tuple[PdfReader, int]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        raise Refused(_DAMAGED)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Refused(_PROTECTED if _opens_without_password(reader) else _LOCKED)
        pages = len(reader.pages)
    except NotImplementedError:  # a lock of a kind that pypdf does not know, such as a certificate
        raise Refused(_LOCKED) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError):
        raise Refused(_DAMAGED) from None
    if not pages:
        raise Refused(_DAMAGED)
    if pages > limits.pdf_pages:
        raise Refused(
            f"This PDF has {pages:,} pages, and Claude takes {limits.pdf_pages} at once; split it and drop the parts."
        )
    return reader, pages


def _opens_without_password(reader: PdfReader) -> bool:
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001 # a cipher that is not installed, or a broken key: both mean locked to us
        return False


# ── what the pages do not show ──


def _layers(reader: PdfReader, pages: int, notes: list[str]) -> Iterator[str]:
    """Text that is drawn invisibly, as programs that recognise scans do, and layers that are switched off."""
    invisible = sum(_is_invisible(reader, number) for number in range(min(pages, _LOOKED_AT)))
    if invisible:
        many = f"{invisible} pages" if invisible > 1 else "1 page"
        notes.append(f"It has an invisible text layer on {many}, as scans have; a person sees only what is drawn.")
        yield (
            f"[About this PDF: on {many} there is text that is drawn invisibly. It may come from text recognition of a "
            "scan; where it says something else than the page shows, a person has not seen it.]"
        )
    if _has_hidden_layers(reader):
        notes.append("It has layers that are switched off; a person does not see what is on them.")
        yield "[About this PDF: it has layers that are switched off, which a person does not see.]"


def _is_invisible(reader: PdfReader, number: int) -> bool:
    try:
        page = reader.pages[number]
        contents = page.get_contents()
        data = b"" if contents is None else contents.get_data()[:4_000_000]
    except Exception:  # noqa: BLE001 # a page that cannot be looked at is sent as it is
        return False
    mode = _INVISIBLE.search(data)
    return mode is not None and _SHOWN.search(data, mode.end()) is not None


def _has_hidden_layers(reader: PdfReader) -> bool:
    try:
        root: Any = reader.trailer["/Root"]
        settings = root["/OCProperties"]["/D"]
        return bool(settings.get("/OFF")) or settings.get("/BaseState") == "/OFF"
    except Exception:  # noqa: BLE001 # no layers, or none that can be looked at
        return False


def _form(reader: PdfReader, notes: list[str]) -> Iterator[str]:
    """What was entered into a form of the kind (XFA) whose only page says "Please wait"."""
    try:
        root: Any = reader.trailer["/Root"]
        parts = reader.xfa if "/AcroForm" in root and "/XFA" in root["/AcroForm"] else None
        waiting = parts and (root.get("/NeedsRendering") or _WAITING.search(reader.pages[0].extract_text() or ""))
        lines = list(_form_lines(parts)) if parts and waiting else None
    except Exception:  # noqa: BLE001 # a broken form leaves the pages as they are
        return
    if lines is None:
        return
    notes.append(
        "It is a form that only Adobe's own program draws (XFA); its page says no more than to wait. "
        + ("Its labels and entries were read." if lines else "Nothing else could be read; print it to a new PDF.")
    )
    if lines:
        yield "[About this PDF: it is an XFA form, whose page only says to wait. Its labels and entries:]"
        yield from lines


def _form_lines(parts: dict[str, Any]) -> Iterator[str]:
    template, data = (_xml_of(parts.get(name)) for name in ("template", "datasets"))
    values = {} if data is None else dict(_entries(data))
    for element in () if template is None else _seen(template):
        name = attribute(element, "name") or ""
        label = " ".join(" ".join(_texts(child(element, "caption"))).split())
        if local(element) == "draw":
            label, value = " ".join(" ".join(_texts(child(element, "value"))).split()), ""
        else:
            value = values.pop(name, "") or " ".join(" ".join(_texts(child(element, "value"))).split())
        if label or value:
            yield f"{label or name}: {value}" if local(element) == "field" else label
    yield from (f"{name}: {value}" for name, value in values.items())


def _seen(parent: Element) -> Iterator[Element]:
    for element in parent:
        if (attribute(element, "presence") or "visible") in {"hidden", "invisible", "inactive"}:
            continue
        if local(element) in {"field", "draw"}:
            yield element
        else:
            yield from _seen(element)


def _entries(data: Element) -> Iterator[tuple[str, str]]:
    for element in data.iter():
        if len(element) == 0 and (element.text or "").strip() and isinstance(element.tag, str):
            yield local(element), " ".join(element.text.split())


def _texts(element: Element | None) -> Iterator[str]:
    for inner in () if element is None else element.iter():
        if isinstance(inner.tag, str) and (inner.text or "").strip():
            yield inner.text
        if (inner.tail or "").strip() and inner is not element:
            yield inner.tail


def _xml_of(part: Any) -> Element | None:
    data = part if isinstance(part, bytes) else getattr(part, "get_data", lambda: b"")()
    return parse(data) if data else None
