"""This file is the text of what is drawn in an Office file: paragraphs of shapes and diagrams, figures of charts."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.documents.readers.xml import Element, child, descendants, local


def paragraph_text(paragraph: Element) -> str:
    """Text of one a:p: its runs, fields and line breaks."""
    parts = []
    for element in paragraph.iter():
        name = local(element)
        if name in {"t", "text"}:
            parts.append(element.text or "")
        elif name in {"br", "tab"}:
            parts.append("\n" if name == "br" else "\t")
    return "".join(parts)


def drawn_lines(root: Element) -> Iterator[str]:
    """The lines of a drawing or diagram part: every paragraph that says something."""
    for paragraph in descendants(root, "p"):
        if text := paragraph_text(paragraph).strip():
            yield text


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
    return [] if element is None else [value.text or "" for value in descendants(element, "v")]
