"""Formulas as a line of plain text: fractions as (1)/(12), powers as r^2, roots as sqrt(2); from Office and MathML."""

from __future__ import annotations

from collections.abc import Callable

from handlers.documents.readers.xml import Element, attribute, child, children, local
from handlers.documents.writing.styled import script

_DEPTH = 60
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u20d7": "vec", "\u0307": "dot",
            "\u0308": "ddot", "\u030c": "check", "^": "hat", "~": "tilde", "¯": "bar", "→": "vec", "˙": "dot",
            "ˆ": "hat", "˜": "tilde", "‾": "bar", "\u0332": "underline", "¨": "ddot"}  # fmt: skip


def office_maths(formula: Element) -> str:
    """The text of m:oMath, or of m:oMathPara with its formulas one after another."""
    return " ".join(_office_row(formula, 0).split())


def mathml(formula: Element) -> str:
    """The text of a MathML element."""
    return " ".join(_mathml(formula, 0).split())


# ── Office (ECMA-376, part 1, 22.1) ──

_PROPERTIES = {"ctrlPr", "rPr", "fPr", "radPr", "naryPr", "dPr", "mPr", "accPr", "barPr", "groupChrPr", "phantPr",
               "sSupPr", "sSubPr", "sSubSupPr", "sPrePr", "funcPr", "limLowPr", "limUppPr", "eqArrPr", "boxPr",
               "borderBoxPr", "oMathParaPr", "argPr", "del", "moveFrom"}  # fmt: skip


def _office_row(parent: Element | None, depth: int) -> str:
    if parent is None or depth > _DEPTH:
        return ""
    return "".join(_office(element, depth + 1) for element in parent)


def _office(element: Element, depth: int) -> str:
    name = local(element)
    if name in {"t", "delText"}:
        return (element.text or "") if name == "t" else ""
    if name in _PROPERTIES:
        return ""
    if name == "oMath" and depth > 1:
        return _office_row(element, depth) + " "
    if name in {"br", "cr"}:
        return "; "
    maker = _OFFICE.get(name)
    return maker(element, depth) if maker else _office_row(element, depth)


def _part(element: Element, name: str, depth: int) -> str:
    return _office_row(child(element, name), depth).strip()


def _setting(element: Element, properties: str, name: str) -> str | None:
    """The value of a property; None when it is not set, "" when it is set to nothing."""
    holder = child(element, properties)
    found = child(holder, name) if holder is not None else None
    return None if found is None else attribute(found, "val") or ""


def _fraction(element: Element, depth: int) -> str:
    above, below = _part(element, "num", depth), _part(element, "den", depth)
    if _setting(element, "fPr", "type") == "noBar":
        return f"{above} choose {below}"
    return f"({above})/({below})"


def _root(element: Element, depth: int) -> str:
    degree, inner = _part(element, "deg", depth), _part(element, "e", depth)
    return f"root({degree}, {inner})" if degree else f"sqrt({inner})"


def _nary(element: Element, depth: int) -> str:
    sign = _setting(element, "naryPr", "chr")
    low, high, inner = (_part(element, name, depth) for name in ("sub", "sup", "e"))
    return f"{script('∫' if sign is None else sign, high, low)} {inner} "


def _delimited(element: Element, depth: int) -> str:
    opening, closing, between = (_setting(element, "dPr", name) for name in ("begChr", "endChr", "sepChr"))
    inner = [_office_row(part, depth).strip() for part in children(element, "e")]
    opened, closed = "(" if opening is None else opening, ")" if closing is None else closing
    return f"{opened}{(between or '|').join(inner)}{closed}"


def _matrix(element: Element, depth: int) -> str:
    rows = (", ".join(_office_row(e, depth).strip() for e in children(row, "e")) for row in children(element, "mr"))
    return f"[{'; '.join(rows)}]"


def _accent(element: Element, depth: int) -> str:
    sign = _setting(element, "accPr", "chr")
    name = "hat" if sign is None else _ACCENTS.get(sign, sign)
    return f"{name}({_part(element, 'e', depth)})"


def _phantom(element: Element, depth: int) -> str:
    return "" if _setting(element, "phantPr", "show") in {"0", "off", "false"} else _part(element, "e", depth)


_OFFICE: dict[str, Callable[[Element, int], str]] = {
    "f": _fraction,
    "rad": _root,
    "nary": _nary,
    "d": _delimited,
    "m": _matrix,
    "acc": _accent,
    "phant": _phantom,
    "sSup": lambda e, n: script(_part(e, "e", n), _part(e, "sup", n)),
    "sSub": lambda e, n: script(_part(e, "e", n), "", _part(e, "sub", n)),
    "sSubSup": lambda e, n: script(_part(e, "e", n), _part(e, "sup", n), _part(e, "sub", n)),
    "sPre": lambda e, n: script("", _part(e, "sup", n), _part(e, "sub", n)) + _part(e, "e", n),
    "func": lambda e, n: f"{_part(e, 'fName', n)} {_part(e, 'e', n)}",
    "limLow": lambda e, n: script(_part(e, "e", n), "", _part(e, "lim", n)) + " ",
    "limUpp": lambda e, n: script(_part(e, "e", n), _part(e, "lim", n)) + " ",
    "bar": lambda e, n: f"bar({_part(e, 'e', n)})",
    "eqArr": lambda e, n: "; ".join(_office_row(part, n).strip() for part in children(e, "e")),
}


# ── MathML ──


def _mathml(element: Element, depth: int) -> str:
    name = local(element).lower()
    if depth > _DEPTH or name in {"annotation", "annotation-xml", "mphantom", "none", "mprescripts"}:
        return ""
    if name in _WRITTEN:
        letters = " ".join("".join(element.itertext()).split())
        return _operator(letters) if name == "mo" else letters
    parts = [inner for inner in element if isinstance(inner.tag, str)]
    if name == "semantics":
        parts = parts[:1]  # the formula; what follows is the same in other languages
    maker = _MATHML.get(name)
    if maker and len(parts) >= _LEAST.get(name, 0):
        return maker([_mathml(part, depth + 1).strip() for part in parts], element)
    return " " if name == "mspace" else "".join(_mathml(part, depth + 1) for part in parts)


_WRITTEN = {"mi", "mn", "mtext", "ms", "mo"}


def _operator(sign: str) -> str:
    if sign in {"\u2061", "\u2062", "\u2063", "\u2064"}:  # applied, times, comma, plus: none is seen
        return ""
    return f" {sign} " if sign in {"=", "≠", "≤", "≥", "<", ">", "≈", "→", "⇒", "⇔", "∈", "≡"} else sign


def _fenced(parts: list[str], element: Element) -> str:
    opening, closing = attribute(element, "open"), attribute(element, "close")
    between = (attribute(element, "separators") or ",").strip()[:1]
    inner = f"{between} ".join(parts)
    return f"{'(' if opening is None else opening}{inner}{')' if closing is None else closing}"


def _accented(parts: list[str], _: Element) -> str:
    if parts[1] in _ACCENTS:
        return f"{_ACCENTS[parts[1]]}({parts[0]})"
    return script(parts[0], parts[1])


def _fraction_of(parts: list[str], element: Element) -> str:
    flat = (attribute(element, "linethickness") or "").rstrip("pxtem%") in {"0", "0.0"}
    return f"{parts[0]} choose {parts[1]}" if flat else f"({parts[0]})/({parts[1]})"


_LEAST = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "mroot": 2, "mover": 2, "munder": 2, "munderover": 3}
_MATHML: dict[str, Callable[[list[str], Element], str]] = {
    "mfrac": _fraction_of,
    "msup": lambda parts, _: script(parts[0], parts[1]),
    "msub": lambda parts, _: script(parts[0], "", parts[1]),
    "msubsup": lambda parts, _: script(parts[0], parts[2], parts[1]),
    "msqrt": lambda parts, _: f"sqrt({''.join(parts)})",
    "mroot": lambda parts, _: f"root({parts[1]}, {parts[0]})",
    "mover": _accented,
    "munder": lambda parts, _: script(parts[0], "", parts[1]) + " ",
    "munderover": lambda parts, _: script(parts[0], parts[2], parts[1]) + " ",
    "mfenced": _fenced,
    "mtable": lambda parts, _: f"[{'; '.join(parts)}]",
    "mtr": lambda parts, _: ", ".join(parts),
    "mlabeledtr": lambda parts, _: ", ".join(parts),
}
