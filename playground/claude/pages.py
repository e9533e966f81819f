"""How lists are paged: `limit`, `after_id` and `before_id`, as in all of the vendor's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.claude.problem import refuse


def page_of(items: Sequence[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of `items`, which have an `id` each; 20 unless `limit` (1 to 1,000) says otherwise."""
    limit = _limit(query.get("limit", "20"))
    ids = [item["id"] for item in items]
    start, end = 0, len(items)
    if query.get("after_id") in ids:
        start = ids.index(query["after_id"]) + 1
    if query.get("before_id") in ids:
        end = ids.index(query["before_id"])
        start = max(0, end - limit)
    page = list(items[start : min(end, start + limit)])
    more = start > 0 if "before_id" in query else start + limit < end
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return {"data": page, "has_more": more, **ends}


def _limit(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 1000:
        raise refuse("limit: Input should be an integer between 1 and 1000")
    return int(given)
