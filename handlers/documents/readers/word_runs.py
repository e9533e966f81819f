"""The letters of one Word paragraph as a person sees them: fields, form entries, symbols, formulas, what is hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from handlers.documents.readers.word_styles import (
    Letters,
    Styles,
    is_struck,
    is_unseen,
    letters_of,
    place_of,
)
from handlers.documents.readers.xml import Element, attribute, child, children, chosen, descendants, is_on, local
from handlers.documents.writing.colours import Colour
from handlers.documents.writing.field_codes import equation, symbol_of
from handlers.documents.writing.maths import office_maths
from handlers.documents.writing.styled import Piece, joined
from handlers.documents.writing.symbols import box, in_font

LEFT_OUT = {
    "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "instrText", "delText", "delInstrText", "del", "moveFrom",
    "sdtPr", "sdtEndPr", "tblGrid", "tblPrEx", "rubyPr", "txbxContent",
}  # fmt: skip
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_REFERENCES = {"footnoteReference": "[note {}]", "endnoteReference": "[endnote {}]", "commentReference": "[comment {}]"}


@dataclass(slots=True)
class Field:
    """A field that is open: its code until now, and whether its result has begun."""

    code: str = ""
    result: bool = False
    entry: str | None = None


@dataclass(slots=True)
class Walk:
    """What one walk through a document carries along. `seen` gathers what the reader of the answer is told."""

    styles: Styles
    fields: list[Field] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    hides: bool = True

    @property
    def shows(self) -> bool:
        """Whether text stands in the results of all open fields, and not in the code of one."""
        return all(open_field.result and open_field.entry is None for open_field in self.fields)


class Line:
    """One paragraph on its way to a line: its pieces, and the text boxes anchored in it."""

    def __init__(self, walk: Walk, letters: Letters, ground: Colour | None) -> None:
        self._walk = walk
        self._letters = letters
        self._ground = ground
        self.pieces: list[Piece] = []
        self.boxes: list[Element] = []

    def text(self, paragraph: Element) -> str:
        """The text of a paragraph (or of anything that holds runs)."""
        self._inline(paragraph)
        return joined(self.pieces)

    def _inline(self, parent: Element) -> None:
        for element in parent:
            name = local(element)
            if name == "r":
                self._run(element)
            elif name == "AlternateContent":
                for inner in chosen(element):
                    self._inline([inner])
            elif name in {"oMath", "oMathPara"}:
                self._add(office_maths(element))
            elif name == "sdt":
                self._control(element)
            elif name == "fldSimple" and (symbol := symbol_of(attribute(element, "instr") or "")):
                self._add(symbol)
            elif name == "ruby":
                self._ruby(element)
            elif name not in LEFT_OUT:
                self._inline(element)

    def _run(self, run: Element) -> None:
        own = letters_of(child(run, "rPr"))
        letters = {**self._letters, **self._walk.styles.character(own.get("rStyle", "")), **own}
        if self._walk.hides and is_unseen(letters, self._ground):
            # Fields and notes keep their place all the same: a hidden field code is still a field.
            self._fields_of(run)
            if any(local(inner) in {"t", "sym"} for inner in run):
                self._walk.seen.add("hidden")
            return
        self._run_parts(run, letters)

    def _run_parts(self, run: Element, letters: Letters) -> None:
        for element in run:
            name = local(element)
            if name == "t":
                self._add(in_font(element.text or "", letters.get("font")), letters)
            elif name == "sym":
                self._add(_sym(element), letters)
            elif name in _BREAKS:
                self._add(_BREAKS[name])
            elif name in _REFERENCES:
                self._add(_REFERENCES[name].format(attribute(element, "id")))
            else:
                self._held(element, name, letters)

    def _held(self, element: Element, name: str, letters: Letters) -> None:
        """What a run holds beside letters."""
        if name in {"fldChar", "instrText"}:
            self._field_part(element)
        elif name == "AlternateContent":
            for inner in chosen(element):
                self._run_parts([inner], letters)
        elif name == "ruby":
            self._ruby(element)
        elif name in {"drawing", "pict", "object"}:
            self._drawn(element)
        elif name not in LEFT_OUT:
            self._inline([element])

    def _field_part(self, element: Element) -> None:
        if local(element) == "fldChar":
            self._field(element)
        elif local(element) == "instrText":
            self._code(element.text or "")

    def _fields_of(self, run: Element) -> None:
        for element in run:
            self._field_part(element)

    def _add(self, text: str, letters: Letters | None = None) -> None:
        if not self._walk.shows:
            return
        look = letters or {}
        self.pieces.append(Piece(text, place_of(look), is_struck(look)))

    def _drawn(self, drawing: Element) -> None:
        """Text boxes are read after the paragraph; shapes that are switched off are not seen."""
        if _is_hidden(drawing):
            if next(descendants(drawing, "txbxContent"), None) is not None:
                self._walk.seen.add("hidden")
            return
        for element in drawing:
            name = local(element)
            if name == "txbxContent":
                self.boxes.append(element)
            elif name == "AlternateContent":
                for inner in chosen(element):
                    self._drawn([inner])
            elif name == "textpath" and attribute(element, "string"):
                self._add(attribute(element, "string") or "")  # WordArt of old files, watermarks among them
            else:
                self._drawn(element)

    def _ruby(self, ruby: Element) -> None:
        base, above = (child(ruby, name) for name in ("rubyBase", "rt"))
        if base is not None:
            self._inline(base)
        if above is not None:
            reading = Line(self._walk, self._letters, self._ground).text(above)
            self._add(f"({reading})" if reading else "")

    def _control(self, control: Element) -> None:
        properties = child(control, "sdtPr")
        check = None if properties is None else child(properties, "checkbox")
        if check is not None:
            self._add(box(is_on(child(check, "checked"))))
            return
        content = child(control, "sdtContent")
        if content is not None:
            self._inline(content)

    # ── fields ──

    def _field(self, mark: Element) -> None:
        kind = attribute(mark, "fldCharType")
        fields = self._walk.fields
        if kind == "begin":
            fields.append(Field(entry=_entry(child(mark, "ffData"))))
        elif fields and kind == "separate":
            fields[-1].result = True
        elif fields and kind == "end":
            ended = fields.pop()
            if ended.entry is not None:
                self._add(ended.entry)
            elif symbol := symbol_of(ended.code):
                self._add(symbol)
            elif not ended.result:
                self._add(equation(ended.code))

    def _code(self, text: str) -> None:
        if self._walk.fields and not self._walk.fields[-1].result:
            self._walk.fields[-1].code += text


def _entry(data: Element | None) -> str | None:
    """What a form field of the old kind shows by itself: its check box or its chosen entry; None for others."""
    if data is None:
        return None
    check = child(data, "checkBox")
    if check is not None:
        state = child(check, "checked")
        return box(is_on(state if state is not None else child(check, "default")))
    choices = child(data, "ddList")
    if choices is None:
        return None
    entries = [attribute(entry, "val") or "" for entry in children(choices, "listEntry")]
    picked = child(choices, "result")
    picked = picked if picked is not None else child(choices, "default")
    at = attribute(picked, "val") if picked is not None else "0"
    return entries[int(at)] if at and at.isdecimal() and int(at) < len(entries) else ""


def _sym(element: Element) -> str:
    try:
        code = int(attribute(element, "char") or "", 16)
        return in_font(chr(code), attribute(element, "font"))
    except (ValueError, OverflowError):
        return ""


def _is_hidden(drawing: Element) -> bool:
    if isinstance(drawing, list):
        return False
    if local(drawing) in {"shape", "rect", "group", "oval", "roundrect", "line"}:
        style = re.sub(r"\s", "", attribute(drawing, "style") or "").lower()
        return "visibility:hidden" in style or "display:none" in style
    names = (inner for inner in drawing if local(inner) in {"docPr", "cNvPr"})
    return any((attribute(inner, "hidden") or "0").lower() in {"1", "true", "on"} for inner in names)
