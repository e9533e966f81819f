"""Callbacks go to public addresses only, however a private one is written; and to the very one that was looked at."""

import asyncio
import ipaddress

import pytest

from bot.doors.webhook.callback_client import NotAllowed, Target, address_of, is_allowed, is_public, send, target_of

pytestmark = pytest.mark.anyio

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address):
    assert not is_public(ipaddress.ip_address(address))
    assert not is_allowed(target_of("https://x.example"), address, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("entry", "url", "wanted"),
    [
        ("n8n.internal", "http://n8n.internal:5678/x", True),
        ("N8N.internal:5678", "http://n8n.internal:5678/x", True),
        ("n8n.internal:5679", "http://n8n.internal:5678/x", False),
        ("10.0.0.0/8", "http://whatever/x", True),
        ("10.0.0.9", "http://whatever/x", True),
        ("10.0.0.8", "http://whatever/x", False),
        ("10.0.0.9:80", "http://10.0.0.9/x", True),
        ("internal", "http://n8n.internal:5678/x", False),
    ],
)
def test_what_callback_allow_names_may_be_private(entry, url, wanted):
    assert is_allowed(target_of(url), "10.0.0.9", (entry,)) is wanted


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com", "https://", "https://u:p@example.com", "https://example.com:99999",
            "http://example.com/a\u00e9", "http://example.com/a b", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_callback_address_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011  # any of them is told as "expected a web address"
        target_of(url)


def test_the_parts_of_an_address():
    assert target_of("https://Example.com/a?b=c#d") == Target("example.com", 443, "/a?b=c", is_tls=True)
    assert target_of("http://[::1]:8080").authority == "[::1]:8080"
    assert target_of("https://b\u00fccher.example").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::1]", "[::ffff:7f00:1]"]
)
async def test_every_way_of_writing_this_machine_is_refused(host):
    with pytest.raises((NotAllowed, OSError)):
        await address_of(target_of(f"http://{host}/"), ())


async def receiver(*answers: bytes):
    """A server that gives these answers, one to each call, and notes what it got."""
    got: list[bytes] = []

    async def serve(reader, writer):
        got.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answers[min(len(got), len(answers)) - 1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, got, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in?x=1"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302),
        (b"HTTP/1.0 500 No\r\n\r\n", 500),
    ],
)
async def test_only_the_status_is_read_and_no_redirect_is_followed(answer, status):
    server, got, url = await receiver(answer)
    async with server:
        assert await send(target_of(url), b"{}", {"webhook-id": "m"}, ("127.0.0.1",)) == status
    assert got[0].startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert b"webhook-id: m\r\n" in got[0]


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000])
async def test_nonsense_is_no_answer(answer):
    import h11

    server, _, url = await receiver(answer)
    async with server:
        with pytest.raises((OSError, h11.RemoteProtocolError)):
            await send(target_of(url), b"{}", {}, ("127.0.0.1",))
