"""Arithmetic: a simple sum found in a question, and its result."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

_SUM = re.compile(r"[-(]*\d[\d.,\s()+\-*/\u00d7\u00f7\u00b7^%]*[\d)]")
_PERCENT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?% of (\d{1,12}(?:,\d{3})*(?:\.\d{1,6})?)")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def solve(question: str) -> str | None:
    """The sum and its result for a question that holds one ("12 * 7 = 84"); None for any other."""
    if part := _PERCENT.search(question):
        share, whole = (float(one.replace(",", "")) for one in part.groups())
        return f"{part.group()} = {share * whole / 100:,.10g}"
    for match in _SUM.finditer(question):
        written = match.group().strip()
        if re.fullmatch(r"[\d\s.,]+|\d{4}-\d{1,2}-\d{1,2}", written):
            continue  # a number alone, or a date
        result = _result(written)
        if result is not None:
            return f"{written} = {result:,.10g}" if abs(result) < 1e15 else f"{written} = {result:g}"
    return None


def _result(written: str) -> float | None:
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", written)
    for sign, meant in (("\u00d7", "*"), ("\u00b7", "*"), ("\u00f7", "/"), ("^", "**")):
        plain = plain.replace(sign, meant)
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and (abs(left) > 1e6 or abs(right) > 64):
            raise ValueError("too big to work out")
        return _OPERATORS[type(node.op)](left, right)
    raise ValueError("no sum")
