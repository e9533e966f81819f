"""The text of what is drawn in an Office file: paragraphs of shapes and diagrams, figures of charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from handlers.documents.readers.xml import Element, attribute, child, children, chosen, descendants, local
from handlers.documents.writing.date_format import is_date
from handlers.documents.writing.maths import office_maths
from handlers.documents.writing.number_format import shown_number
from handlers.documents.writing.styled import LOWERED, RAISED, Piece, joined
from handlers.documents.writing.symbols import in_font, is_symbol_font

IsSeen = Callable[[Element | None], bool]
"""Whether the letters with these run properties (a:rPr) can be seen where they stand."""


def paragraph_text(paragraph: Element, is_seen: IsSeen = lambda _: True) -> str:
    """Text of one a:p (or of anything that holds runs): its runs, fields, formulas and line breaks."""
    return joined(_pieces(paragraph, is_seen))


def _pieces(parent: Element, is_seen: IsSeen) -> Iterator[Piece]:
    for element in parent:
        name = local(element)
        if name in {"r", "fld"}:
            yield from _run(element, is_seen)
        elif name == "t" or (name == "text" and not len(element)):
            yield Piece(element.text or "")
        elif name in {"br", "tab"}:
            yield Piece("\n" if name == "br" else "\t")
        elif name in {"m", "oMath", "oMathPara"} and next(descendants(element, "oMath"), None) is not None:
            yield Piece(office_maths(element))
        elif name == "AlternateContent":
            for inner in chosen(element):
                yield from _pieces([inner], is_seen)
        elif name not in {"pPr", "rPr", "endParaRPr", "rPh", "phoneticPr"}:
            yield from _pieces(element, is_seen)
            if name == "p":
                yield Piece("\n")


def _run(run: Element, is_seen: IsSeen) -> Iterator[Piece]:
    properties = child(run, "rPr")
    if not is_seen(properties):
        return
    text = "".join(t.text or "" for t in children(run, "t"))
    place, struck = _look(properties)
    yield Piece(in_font(text, _font(properties)), place, struck)


def _look(properties: Element | None) -> tuple[str, bool]:
    if properties is None:
        return "", False
    raised = (properties.get("baseline") or "0").rstrip("%").strip()
    align = child(properties, "vertAlign")
    place = {"superscript": RAISED, "subscript": LOWERED}.get(
        (attribute(align, "val") or "") if align is not None else "", ""
    )
    if raised.strip("-0."):
        place = LOWERED if raised.startswith("-") else RAISED
    struck = (properties.get("strike") or "noStrike") != "noStrike" or child(properties, "strike") is not None
    return place, struck


def _font(properties: Element | None) -> str | None:
    for name in () if properties is None else ("latin", "sym"):
        font = child(properties, name)
        face = font.get("typeface") if font is not None else None
        if is_symbol_font(face):
            return face
    return None


def is_hidden(shape: Element) -> bool:
    """Whether a shape, a group or a frame is switched off in the selection pane."""
    for holder in shape:
        if local(holder) in {"nvSpPr", "nvGrpSpPr", "nvGraphicFramePr", "nvPicPr", "nvCxnSpPr"}:
            name = child(holder, "cNvPr")
            return name is not None and (name.get("hidden") or "0").lower() in {"1", "true", "on"}
    return False


def drawn_lines(root: Element) -> Iterator[str]:
    """The lines of a drawing or diagram part: every paragraph of a shape that is shown, and that says something."""
    for element in root:
        name = local(element)
        if name == "p":
            if text := paragraph_text(element).strip():
                yield text
        elif name == "AlternateContent":
            yield from drawn_lines(chosen(element))
        elif not is_hidden(element):
            yield from drawn_lines(element)


def chart_lines(chart: Element) -> Iterator[str]:
    """The lines of a chart part: its titles, then each series with its categories and values."""
    for title in descendants(chart, "title"):
        text = " ".join(filter(None, (paragraph_text(p).strip() for p in descendants(title, "p"))))
        if text:
            yield f"Chart: {text}"
    for series in descendants(chart, "ser"):
        yield _series(series)


def _series(series: Element) -> str:
    name = " ".join(_points(child(series, "tx")))
    labels = _points(child(series, "cat")) or _points(child(series, "xVal"))
    values = _points(child(series, "val")) or _points(child(series, "yVal"))
    labels += [""] * (len(values) - len(labels))
    pairs = [f"{label}: {value}" if label else value for label, value in zip(labels, values, strict=False)]
    return f"{name or 'Series'}: " + "; ".join(pairs)


def _points(element: Element | None) -> list[str]:
    if element is None:
        return []
    code = next((form.text or "" for form in descendants(element, "formatCode")), "")
    return [_point(value.text or "", code) for value in descendants(element, "v")]


def _point(value: str, code: str) -> str:
    """A value as its axis shows it: days and shares as such, plain figures as they are stored."""
    if not (is_date(code) or "%" in code):
        return value
    try:
        return shown_number(float(value), code)
    except (ValueError, ArithmeticError, LookupError):
        return value
