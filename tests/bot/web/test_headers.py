"""Headers that come on several lines."""

from starlette.datastructures import Headers

from bot.web.headers import listed


def test_all_lines_of_a_header_count_in_their_order():
    headers = Headers(
        raw=[(b"x-forwarded-for", b"9.9.9.9"), (b"accept", b"*/*"), (b"x-forwarded-for", b"5.5.5.5, ::1")]
    )
    assert listed(headers, "X-Forwarded-For") == "9.9.9.9, 5.5.5.5, ::1"
    assert listed(headers, "prefer") == ""
