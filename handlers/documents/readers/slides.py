"""The reader of PowerPoint presentations (.pptx): every slide in order, with its notes, charts and comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import DAMAGED, Package
from handlers.documents.readers.drawings import chart_lines, drawn_lines, is_hidden, paragraph_text
from handlers.documents.readers.slide_colours import Ground, box_of, fill_colour, is_opaque, theme_colours
from handlers.documents.readers.slide_lists import SlideLists
from handlers.documents.readers.xml import Element, attribute, child, chosen, descendants, local
from handlers.documents.remarks import HIDDEN
from handlers.documents.writing.colours import WHITE, Colour
from handlers.documents.writing.grid import Cell, cell_text, table_lines

_CHROME = {"sldNum", "dt", "sldImg"}
_NOTES_CHROME = _CHROME | {"hdr", "ftr"}
_OUTSIDE = "[outside the slide] "


def read_slides(source: BinaryIO, limits: Limits, notes: list[str]) -> Iterator[str]:
    """Each slide under its number: shapes in their order, groups and tables included, charts, notes, comments."""
    with Package(source, limits) as package:
        show = _Show(package)
        yield from show.lines()
        if show.hidden:
            notes.append(HIDDEN)
        notes.extend(package.remarks())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where shapes stand: their part, what is behind them, which placeholders say nothing, whose list styles hold."""

    part: str
    ground: Ground
    chrome: frozenset[str]
    layouts: tuple[Element, ...] = ()


class _Show:
    """One presentation being read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.main("ppt/presentation.xml")
        self._size = (0, 0)
        self.hidden = False
        self._everywhere: dict[str, None] = {}

    def lines(self) -> Iterator[str]:
        """The slides, and at the end what their layouts write on every one of them."""
        root = self._package.xml(self._main)
        size = None if root is None else child(root, "sldSz")
        if size is not None:
            self._size = _number(size.get("cx")), _number(size.get("cy"))
        parts = list(self._slides(root))
        slides = [(part, slide) for part in parts if (slide := self._package.xml(part)) is not None]
        if not slides and (self._package.lost or root is None):
            raise Refused(DAMAGED)
        for number, (part, slide) in enumerate(slides, 1):
            hidden = " [hidden]" if (slide.get("show") or "1").lower() in {"0", "false"} else ""
            yield f"## Slide {number}{hidden}"
            yield from self._slide(part, slide)
            yield ""
        yield from (f"[On every slide] {line}" for line in self._everywhere)

    def _slides(self, root: Element | None) -> Iterator[str]:
        links = self._package.links(self._main)
        ids = [] if root is None else [attribute_id(slide) for slide in descendants(root, "sldId")]
        found = [links[name].part for name in ids if name in links]
        yield from found or sorted(
            (name for name in self._package.names if name.startswith("ppt/slides/slide") and name.endswith(".xml")),
            key=lambda name: (len(name), name),
        )

    def _slide(self, part: str, slide: Element) -> Iterator[str]:
        place = self._place(part, slide)
        yield from self._shapes(slide, place)
        for name in self._package.linked(part, "notesSlide"):
            notes = self._package.xml(name)
            if notes is not None:
                inside = _Place(name, Ground(None, {}), frozenset(_NOTES_CHROME))
                yield from (f"[Notes] {line}" for line in self._shapes(notes, inside))
        for name in self._package.linked(part, "comments"):
            comments = self._package.xml(name)
            for comment in () if comments is None else descendants(comments, "cm"):
                yield f"[Comment] {' '.join(paragraph_text(comment).split())}"

    def _place(self, part: str, slide: Element) -> _Place:
        """The slide with its layout and master: their colours, and what they write themselves."""
        layers: list[tuple[str, Element]] = [(part, slide)]
        for kind in ("slideLayout", "slideMaster"):
            name = next(iter(self._package.linked(layers[-1][0], kind)), None)
            root = self._package.xml(name) if name else None
            if name is None or root is None:
                break
            layers.append((name, root))
        under = [root for _, root in layers[1:]]
        theme = next(iter(self._package.linked(layers[-1][0], "theme")), None)
        colours = theme_colours(self._package.xml(theme) if theme else None, child(layers[-1][1], "clrMap"))
        grounds = [ground for _, root in layers if (ground := next(descendants(root, "bg"), None)) is not None]
        slide_colour = _background(grounds[0], colours) if grounds else WHITE
        bare = _Place(part, Ground(None, colours), frozenset(_CHROME))
        if (slide.get("showMasterSp") or "1") not in {"0", "false"}:
            for name, root in layers[1:]:
                for line in self._shapes(root, replace(bare, part=name), own=True):
                    self._everywhere.setdefault(line)
        crowded = any(is_opaque(shape) and not _placeholder(shape) for root in under for shape in _drawn(root))
        ground = Ground(slide_colour, colours, crowded=crowded)
        return _Place(part, ground, frozenset(_CHROME), tuple(under))

    # ── shapes ──

    def _shapes(self, parent: Element, place: _Place, *, own: bool = False) -> Iterator[str]:
        """The lines of shapes; with `own` only of those that are no placeholders, as a layout shows its own."""
        for element in parent:
            name = local(element)
            if name in {"sp", "grpSp", "graphicFrame", "pic", "cxnSp"}:
                if not (own and (_placeholder(element) or name in {"pic", "graphicFrame"})):
                    yield from self._shape(element, name, place, own=own)
                place = replace(place, ground=_with(place.ground, element))
            elif name == "AlternateContent":
                yield from self._shapes(chosen(element), place, own=own)
            elif name in {"chart", "relIds"}:
                yield from self._linked(element, place)
            elif name == "tbl":
                yield from table_lines(self._row(row, place) for row in element if local(row) == "tr")
            elif name not in {"txStyles", "clrMap", "timing", "transition", "bg"}:
                yield from self._shapes(element, place, own=own)

    def _shape(self, shape: Element, name: str, place: _Place, *, own: bool) -> Iterator[str]:
        if _placeholder(shape) in place.chrome:
            return
        if is_hidden(shape):
            self.hidden = self.hidden or next(descendants(shape, "t"), None) is not None
            return
        if name == "grpSp" and place.ground.before:
            # Places within a group are counted from the group, so that nothing outside of it can be compared.
            place = replace(place, ground=replace(place.ground, crowded=True))
        before = _OUTSIDE if self._is_outside(shape) else ""
        lines = self._text(shape, place) if name == "sp" else self._shapes(shape, place, own=own)
        yield from (f"{before}{line}" for line in lines)

    def _is_outside(self, shape: Element) -> bool:
        box = box_of(shape)
        if box is None or not all(self._size):
            return False
        return box[2] <= 0 or box[3] <= 0 or box[0] >= self._size[0] or box[1] >= self._size[1]

    def _text(self, shape: Element, place: _Place) -> Iterator[str]:
        behind = place.ground.behind(child(shape, "spPr"), child(shape, "style"), box_of(shape))
        models = list(_models(shape, place.layouts))
        if any(is_opaque(model) for model in models):
            behind = None  # a fill that is inherited, and not worked out
        body = child(shape, "txBody")
        if body is None:
            yield from self._shapes(shape, place)
            return
        styles = [style for holder in (shape, *models) for style in descendants(holder, "lstStyle")]
        yield from self._paragraphs(body, SlideLists(styles), place, behind)

    def _paragraphs(self, body: Element, lists: SlideLists, place: _Place, behind: Colour | None) -> Iterator[str]:
        def is_seen(letters: Element | None) -> bool:
            lost = place.ground.is_lost(letters, behind)
            self.hidden = self.hidden or lost
            return not lost

        for paragraph in body:
            if local(paragraph) != "p":
                continue
            text = paragraph_text(paragraph, is_seen).rstrip()
            if text:
                yield lists.mark(paragraph) + text

    def _row(self, row: Element, place: _Place) -> list[Cell]:
        cells = []
        for cell in row:
            if local(cell) != "tc":
                continue
            covered = any((cell.get(name) or "0") in {"1", "true"} for name in ("hMerge", "vMerge"))
            body = child(cell, "txBody")
            behind = fill_colour(child(cell, "tcPr"), place.ground.theme)
            lines = [] if covered or body is None else self._paragraphs(body, SlideLists(()), place, behind)
            cells.append(Cell(cell_text(lines)))
        return cells

    def _linked(self, element: Element, place: _Place) -> Iterator[str]:
        """A chart (by r:id) or a diagram (by r:dm) that stands in a part of its own."""
        link = self._package.links(place.part).get(attribute(element, "id") or attribute(element, "dm") or "")
        root = self._package.xml(link.part) if link is not None and not link.external else None
        if root is not None:
            yield from chart_lines(root) if local(element) == "chart" else drawn_lines(root)


def attribute_id(slide: Element) -> str:
    """The id of the link of a slide: the one attribute "id" that stands in a namespace."""
    return next((value for key, value in slide.attrib.items() if key.endswith("}id")), "")


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() else 0


def _placeholder(shape: Element) -> str:
    """The kind of a placeholder; "" for shapes of their own."""
    for holder in shape:
        if local(holder) in {"nvSpPr", "nvPicPr", "nvGraphicFramePr"}:
            place = next(descendants(holder, "ph"), None)
            return "" if place is None else attribute(place, "type") or "body"
    return ""


def _models(shape: Element, layouts: tuple[Element, ...]) -> Iterator[Element]:
    """The placeholders of the layout and the master that a placeholder takes its list styles from."""
    own = next(descendants(shape, "ph"), None)
    if own is None:
        return
    for layout in layouts:
        for model in _drawn(layout):
            place = next(descendants(model, "ph"), None)
            if place is None:
                continue
            same_index = own.get("idx") is not None and own.get("idx") == place.get("idx")
            if same_index or (own.get("idx") is None and own.get("type") == place.get("type")):
                yield model
                break


def _drawn(root: Element) -> Iterator[Element]:
    return descendants(root, "sp", "pic", "graphicFrame")


def _with(ground: Ground, shape: Element) -> Ground:
    """The ground for shapes that are drawn after this one."""
    if local(shape) == "grpSp":
        opaque = any(is_opaque(inner) for inner in _drawn(shape))
        return replace(ground, before=(*ground.before, box_of(shape))) if opaque else ground
    return replace(ground, before=(*ground.before, box_of(shape))) if is_opaque(shape) else ground


def _background(ground: Element, theme: dict[str, Colour | None]) -> Colour | None:
    """The colour of a background (p:bg); None when it cannot be told."""
    properties = child(ground, "bgPr")
    if properties is not None:
        return fill_colour(properties, theme)
    reference = child(ground, "bgRef")
    named = child(reference, "schemeClr") if reference is not None else None
    plain = reference is not None and (reference.get("idx") or "") in {"0", "1001"}
    return theme.get(named.get("val") or "") if named is not None and plain and not len(named) else None
