"""Saved mails: what sits outside of the chosen text, raw bytes, mails in mails."""

import base64

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

HEAD = b"From: a@example.com\nTo: b@example.com\nSubject: x\nMIME-Version: 1.0\n"
PDF = base64.encodebytes(samples.pdf_with(["Invoice"]))
PICTURE = base64.encodebytes(samples.picture("PNG", (300, 200)))


def parts(kind: str, *contents: bytes, boundary: bytes = b"q") -> bytes:
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\n\n'
    return (
        head + b"".join(b"--" + boundary + b"\n" + content + b"\n" for content in contents) + b"--" + boundary + b"--\n"
    )


def plain(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\n\n" + text.encode()


def page(text: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n" + text.encode()


def coded(head: bytes, data: bytes) -> bytes:
    return b"Content-Type: " + head + b"\nContent-Transfer-Encoding: base64\n\n" + data


LONG = "This is the text that the writer wants to be read, and it is long enough to be no stub of anything."
INVITATION = """Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
DTSTART:19700101T000000
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Jour fixe
DTSTART;TZID=Europe/Berlin:20261201T100000
LOCATION:Room 4\\,
  Berlin
ORGANIZER;CN=Ada:mailto:ada@example.com
BEGIN:VALARM
DESCRIPTION:secret
END:VALARM
END:VEVENT
END:VCALENDAR
"""
INNER = b"From: c@example.com\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\ninner text\n"

DOCUMENTS = (
    Kept(
        "pdf in the second alternative.eml",
        HEAD
        + parts(
            "alternative",
            plain(LONG),
            parts(
                "mixed",
                page(f"<p>{LONG}"),
                coded(b'application/pdf; name="=?gb2312?B?1uzG?= =?gb2312?B?vQ==?=.pdf"', PDF),
                boundary=b"r",
            ),
        ),
        (LONG, "[Attached: 朱平.pdf]"),
        blocks=2,
    ),
    Kept(
        "stub.eml",
        HEAD + parts("alternative", plain("See HTML."), page(f"<p>{LONG} 149 EUR")),
        ("149 EUR",),
        ("See HTML",),
    ),
    Kept(
        "invitation.eml",
        HEAD + parts("alternative", plain(LONG), INVITATION.encode()),
        ("What: Jour fixe", "When: 2026-12-01 10:00 (Europe/Berlin)", "Where: Room 4, Berlin"),
        ("secret", "1970"),
    ),
    Kept(
        "related picture.eml",
        HEAD
        + parts(
            "related", page(f"<p>{LONG}<img src=cid:a>"), coded(b"image/png; name=plan.png\nContent-ID: <a>", PICTURE)
        ),
        (LONG, "[Picture: plan.png]"),
        blocks=2,
    ),
    Kept(
        "text after.eml",
        HEAD + parts("mixed", plain("before"), coded(b"application/pdf; name=a.pdf", PDF), plain("after")),
        ("before\nafter",),
        blocks=2,
    ),
    Kept(
        "word inside.eml",
        HEAD
        + parts(
            "mixed",
            plain("see"),
            coded(b"application/octet-stream; name=a.docx", base64.encodebytes(samples.docx_with(["Inside"]))),
        ),
        ("[Attached: a.docx]\nInside",),
    ),
    Kept(
        "left out.eml",
        HEAD
        + parts(
            "mixed",
            plain("see"),
            coded(b"application/zip; name=a.zip", base64.encodebytes(samples.zip_with({"a": "b"}))),
        ),
        ("[Attached: a.zip]",),
        (),
        ("a.zip",),
    ),
    Kept("marked.eml", b"\xef\xbb\xbf" + HEAD + b"\nbody", ("Subject: x", "body")),
    Kept(
        "raw headers.eml",
        "From: Jürgen <a@example.com>\nTo: b@example.com\nSubject: Größe ☃\n\nbody".encode(),
        ("From: Jürgen", "Subject: Größe ☃"),
    ),
    Kept(
        "raw cp1251.eml",
        "From: a@example.com\nTo: b@example.com\nSubject: Счёт за март\nContent-Type: text/plain; charset=windows-1251\n\nПривет".encode(
            "cp1251"
        ),
        ("Subject: Счёт за март", "Привет"),
    ),
    Kept(
        "raw name.eml",
        HEAD
        + parts(
            "mixed",
            plain("see"),
            'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="Größe.txt"\n\nwords'.encode(),
        ),
        ("[Attached: Größe.txt]\nwords",),
    ),
    Kept(
        "raw japanese.eml",
        "From: 田中 <t@example.com>\nTo: b@example.com\nSubject: 会議の件\n\n会議の議事録です。髙橋\n".encode("cp932"),
        ("From: 田中", "Subject: 会議の件", "会議の議事録です。髙橋"),
    ),
    Kept(
        "wrapped mail.eml",
        HEAD + parts("mixed", plain("outer"), coded(b"message/rfc822", base64.encodebytes(INNER))),
        ("[Forwarded mail]\nFrom: c@example.com\nSubject: Grüße", "inner text"),
    ),
    Kept(
        "two.mbox",
        b"From a@b.c Mon Nov 23 09:00:00 2026\nFrom: a@b.c\nSubject: one\n\nfirst\n>From here\n\nFrom b@b.c Mon Nov 23 10:00:00 2026\nFrom: b@b.c\nSubject: two\n\nsecond\n",
        ("Subject: one", "first\nFrom here", "Subject: two", "second"),
    ),
    Kept(
        "wiki.doc",
        b"Date: Mon, 1 Jan 2026 00:00:00 +0000\nSubject: Exported From Confluence\nMIME-Version: 1.0\n"
        + parts(
            "related",
            b"Content-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\nContent-Location: file:///C:/exported.html\n\n<h1>Wiki =E2=82=AC</h1>",
        ),
        ("Wiki €",),
    ),
    Kept(
        "split letters.eml",
        b"From: a@b.c\nTo: d@e.f\nSubject: =?utf-8?B?w6TDtsM=?=\n =?utf-8?B?vCBvaw==?=\n\nx",
        ("Subject: äöü ok",),
    ),
    Kept(
        "mail as a file.eml",
        HEAD
        + parts(
            "mixed",
            plain("see"),
            coded(
                b"application/octet-stream; name=inner.eml",
                base64.encodebytes(
                    HEAD + parts("mixed", plain("inner text"), coded(b"application/pdf; name=a.pdf", PDF))
                ),
            ),
        ),
        ("[Attached: inner.eml]\nFrom: a@example.com", "inner text", "[Attached: a.pdf]"),
        blocks=2,
    ),
    Kept(
        "parcel.eml",
        HEAD + parts("mixed", plain("see"), coded(b"application/ms-tnef; name=winmail.dat", b"eJ8+Ig==")),
        ("[Attached: winmail.dat]",),
        (),
        ("winmail.dat (this is a parcel of Outlook",),
    ),
    Kept(
        "misnamed.eml",
        HEAD + parts("mixed", plain("see"), coded(b"application/pdf; name=scan.pdf", PICTURE)),
        ("[Attached: scan.pdf]",),
        (),
        ("scan.pdf: The name says .pdf, but it is a PNG picture.",),
        blocks=2,
    ),
)
