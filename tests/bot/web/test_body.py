"""The reading of a body: what is too large, too slow or cut off is refused, whatever its sender says of it."""

import asyncio
import threading

import pytest
from starlette.requests import Request

from bot.web.body import LARGE_BYTES, MOST_BYTES, MOST_MULTIPART_BYTES, media_type, read_body, worked_on
from bot.web.problem import Problem

pytestmark = pytest.mark.anyio


def request(*chunks, headers=(), then=None):
    """A request whose body comes in these chunks; then `then` happens."""
    waiting = list(chunks)

    async def receive():
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting or then)}
        if then == "hang":
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    raw = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


async def test_a_body_comes_as_it_was_sent():
    assert await read_body(request(b"ab", b"", b"c")) == b"abc"
    assert await read_body(request(b"")) == b""


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request(b"a", then="hang"), 408),
        (request(b"a", then="cut"), 400),
        (request(b"x" * (MOST_BYTES + 1)), 413),
        (request(*[b"x" * 1_000] * 1_050), 413),
        (request(b"", headers=[("content-length", str(MOST_BYTES + 1))]), 413),
        (request(b"", headers=[("content-length", "9" * 5_000)]), 413),
        (
            request(b"x" * (MOST_MULTIPART_BYTES + 1), headers=[("content-type", "multipart/form-data; boundary=b")]),
            413,
        ),
    ],
)
async def test_what_is_no_small_whole_body_in_time_is_refused(asked, status):
    with pytest.raises(Problem) as refused:
        await read_body(asked, takes_files=True, read_s=0.05)
    assert refused.value.status == status


async def test_a_form_with_files_may_be_larger_and_is_known_by_its_type_alone():
    form = [("content-type", "Multipart/Form-Data ; boundary=b")]
    assert len(await read_body(request(b"x" * (MOST_BYTES + 1), headers=form), takes_files=True)) == MOST_BYTES + 1
    assert media_type(request(headers=form)) == "multipart/form-data"
    assert media_type(request()) == ""


async def test_where_no_files_are_taken_none_are_hinted_at():
    form = [("content-type", "multipart/form-data; boundary=b")]
    with pytest.raises(Problem, match=r"^This is more than 1 MB\.$"):
        await read_body(request(b"x" * (MOST_BYTES + 1), headers=form))
    with pytest.raises(Problem, match=r"1 MB; send larger files as multipart"):
        await read_body(request(b"x" * (MOST_BYTES + 1)), takes_files=True)


async def test_only_a_large_body_is_worked_on_in_a_thread():
    def where(left, right):
        return threading.get_ident() == here, left + right

    here = threading.get_ident()
    assert await worked_on(LARGE_BYTES, where, 1, 2) == (True, 3)
    assert await worked_on(LARGE_BYTES + 1, where, 1, 2) == (False, 3)
