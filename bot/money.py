"""Money without rounding: sums are kept in whole picodollars (a millionth of a millionth of a dollar).

A token of the cheapest kind, in a batch, costs a whole number of them, so that sums equal the vendor's bill exactly.
"""

from __future__ import annotations

PICO = 10**12


def pico_of(usd: float) -> int:
    """US dollars as picodollars. Exact for what `usd_of` made, up to some thousand dollars."""
    return round(usd * PICO)


def usd_of(pico: int) -> float:
    """Picodollars as US dollars, for people and for JSON."""
    return pico / PICO


def usd_words(usd: float) -> str:
    """An amount for people, to a hundredth of a cent; less than half of that was paid all the same."""
    return "<$0.0001" if 0 < usd < 0.00005 else f"${usd:.4f}"
