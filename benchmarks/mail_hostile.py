"""Mails that are made to hurt whoever reads them, by what they do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage


def hostile_mails() -> Iterator[tuple[str, bytes]]:
    """Each with its name; all are from people who may ask, so that they are read as far as they go."""
    yield "unknown charset", _mail('Content-Type: text/plain; charset="rot13"', b"Uryyb")
    yield "charset with NUL", _mail('Content-Type: text/plain; charset="a\0b"', b"Hello")
    yield "Message-ID <[", _mail("Message-ID: <[", b"Hello", has_id=False)
    yield "empty Message-ID", _mail("Message-ID: <>", b"Hello", has_id=False)
    yield "lone quote in To", _mail('Cc: "', b"Hello")
    yield "3,000 comments in Cc", _mail(f"Cc: {'(' * 3000}x{')' * 3000} a@b.example", b"Hello")
    yield "2,000 nested parts", _nested(2000)
    yield "19 nested parts", _nested(19)
    yield "80,000 encoded words", _mail("X-Y: z", b"Hello", subject=" ".join(["=?utf-8?b?QUFB?="] * 80_000))
    yield "4,000 encoded words", _mail("X-Y: z", b"Hello", subject=" ".join(["=?utf-8?b?QUFB?="] * 3_800))
    yield "20,000 recipients", _mail("Cc: " + ", ".join(f"p{n}@example.org" for n in range(20_000)), b"Hello")
    yield "100,000 parts", _parts(100_000)
    yield "two From", _mail("From: eve@example.com", b"Hello")
    yield "names that climb", _attached("../../../etc/passwd\u202etxt.exe", b"root:x:0:0", "text/plain")
    yield "Word file of 500 MB", _attached("bomb.docx", _bomb(500), "application/octet-stream")
    yield "zip of zeros", _attached("zeros.zip", _zip("zeros", b"\0" * 200_000_000), "application/zip")
    yield "page of 300,000 divs", _mail("Content-Type: text/html", b"<div>" * 300_000 + b"Hello")
    yield "style sheet of 20,000 rules", _mail("Content-Type: text/html", _sheet(20_000))
    yield "one line of 20 MB", _mail("Content-Type: text/plain", b"x" * 20_000_000)
    yield "quotations without end", _mail("In-Reply-To: <x@y.example>", b"On 1.1.2026 at 1:1 a wrote:\n>" * 20_000)
    yield "26 MB", _mail("Content-Type: text/plain", b"x\n" * 13_500_000)
    yield "bytes that are none", b"\xff\xfe\0\0" * 5_000
    yield "nothing", b"\r\n"
    yield "base64 of nothing", _mail("Content-Transfer-Encoding: base64", b"====!!!!")
    yield "calendar without end", _mail("Content-Type: text/calendar", b"BEGIN:VCALENDAR\r\n" * 100_000)


def _mail(header: str, body: bytes, *, subject: str = "Hello", has_id: bool = True) -> bytes:
    head = ["From: {name} <{name}@example.com>", "To: bot@example.com", f"Subject: {subject}"]
    head += ["Message-ID: <{name}@example.com>"] if has_id else []
    return "\r\n".join([*head, header, "", ""]).encode("utf-8", "surrogateescape") + body


def _nested(depth: int) -> bytes:
    body = b"Hello"
    lines = [f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(depth)]
    return _mail("Content-Type: multipart/mixed; boundary=b0", "".join(lines).encode() + body)


def _parts(count: int) -> bytes:
    return _mail("Content-Type: multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * count + b"--b--")


def _attached(name: str, content: bytes, kind: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "{name}@example.com", "bot@example.com", "A file"
    mail["Message-ID"] = "<{name}@example.com>"
    mail.set_content("Please read it.")
    maintype, _, subtype = kind.partition("/")
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def _bomb(megabytes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w", force_zip64=True) as member:
            for _ in range(megabytes):
                member.write(b" " * 1_000_000)
    return out.getvalue()


def _sheet(rules: int) -> bytes:
    css = "".join(f".a{n} .b{n} > c:not(.d{n}) {{display:none}}\n" for n in range(rules))
    return f"<html><head><style>{css}</style></head><body>{'<p class=a1>Hello</p>' * 2000}</body></html>".encode()
