"""Mails of machines and of people, made by code: 40 kinds that get no answer, and 60 that do."""

from __future__ import annotations

from triggers.mail.deciding import Policy, Taking
from triggers.mail.machines import Own

BOT = "bot@firm.example"
OURS = "bellhop.0123456789abcdef0123.0123456789abcdef0123.answer@firm.example"
POLICY = Policy(Own((BOT, "desk@firm.example")), ("*",), "", (Taking("mail"),))


def mail(body: str = "What is the price?", **headers: str | None) -> bytes:
    """A person's mail to the bot; `headers` replace its own (None drops one), underscores standing for hyphens."""
    own = {
        "Return-Path": "<anna@people.example>",
        "Delivered-To": BOT,
        "From": "Anna Berg <anna@people.example>",
        "To": f"Bot <{BOT}>",
        "Subject": "A question",
        "Date": "Sun, 29 Nov 2026 10:00:00 +0100",
        "Message-ID": "<q1@people.example>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lowered = {name.lower() for name in given}
    fields = {name: value for name, value in own.items() if name.lower() not in lowered} | given
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join((*lines, "", body, "")).encode()


CALENDAR = (
    "--b\r\nContent-Type: text/plain\r\n\r\nAnna accepted.\r\n--b\r\n"
    'Content-Type: text/calendar; charset="utf-8";\r\n method={}\r\n\r\nBEGIN:VCALENDAR\r\n--b--'
)
MIXED = 'multipart/alternative; boundary="b"'
REPLY = {"In_Reply_To": f"<{OURS}>", "References": f"<q0@people.example> <{OURS}>"}

MACHINES: dict[str, bytes] = {
    "vacation by RFC 3834": mail(Auto_Submitted="auto-replied"),
    "notification": mail(Auto_Submitted="auto-generated"),
    "Sieve vacation": mail(Auto_Submitted="auto-replied (vacation)"),
    "Auto-Submitted with a parameter": mail(Auto_Submitted='auto-notified; owner-email="x@people.example"'),
    "Exchange out of office": mail(X_Auto_Response_Suppress="All", Subject="Automatic reply: A question"),
    "Exchange suppresses some": mail(X_Auto_Response_Suppress="DR, OOF, AutoReply"),
    "bounce of Postfix": mail(
        Return_Path="<>",
        From="MAILER-DAEMON@mx.example (Mail Delivery System)",
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
    ),
    "bounce without a report": mail(From="Mail Delivery Subsystem <mailer-daemon@googlemail.example>"),
    "null return path only": mail(Return_Path="<>"),
    "null return path with a space": mail(Return_Path="< >"),
    "read receipt": mail(Content_Type='multipart/report; report-type="disposition-notification"; boundary="b"'),
    "delivery status alone": mail(Content_Type="message/delivery-status"),
    "abuse report": mail(Content_Type='multipart/report; report-type=feedback-report; boundary="b"'),
    "Exim's failure": mail(X_Failed_Recipients="x@y.example"),
    "mailing list": mail(List_Id="<talk.lists.example>"),
    "newsletter": mail(List_Unsubscribe="<https://news.example/u/1>"),
    "list's post header": mail(List_Post="<mailto:talk@lists.example>"),
    "old mailing list": mail(X_Mailing_List="talk"),
    "bulk": mail(Precedence="bulk"),
    "junk": mail(Precedence="Junk"),
    "list precedence": mail(Precedence="list"),
    "auto_reply precedence": mail(Precedence="auto_reply"),
    "noreply": mail(From="Shop <noreply@shop.example>"),
    "no-reply with a tag": mail(From="Shop <no-reply+4711@shop.example>"),
    "do_not_reply": mail(From="do_not_reply@shop.example"),
    "orders-noreply": mail(From="orders-noreply@shop.example"),
    "keine-antwort": mail(From="Bahn <keine-antwort@bahn.example>"),
    "ne-pas-repondre": mail(From="ne-pas-repondre@poste.example"),
    "nao-responda": mail(From="nao-responda@banco.example"),
    "postmaster": mail(From="postmaster@people.example"),
    "bounces by VERP": mail(From="bounces+123-bot=firm.example@news.example"),
    "list owner": mail(From="talk-owner@lists.example"),
    "calendar accepts": mail(CALENDAR.format("REPLY"), Content_Type=MIXED, Subject="Accepted: Lunch"),
    "calendar cancels": mail(CALENDAR.format('"CANCEL"'), Content_Type=MIXED, Subject="Canceled: Lunch"),
    "calendar counters at the top": mail(Content_Type="text/calendar; method=COUNTER"),
    "old autoresponder": mail(X_Autoreply="yes"),
    "autorespond": mail(X_Autorespond="A question"),
    "cron": mail(X_Cron_Env="<SHELL=/bin/sh>", From="root@server.example"),
    "an issue tracker": mail(X_GitHub_Reason="mention", From="Ben <notifications@tracker.example>"),
    "our own address": mail(From=f"Bot <{BOT.upper()}>"),
    "our own address with a tag": mail(From="bot+x@firm.example"),
    "our own mail come back": mail(Message_ID=f"<{OURS}>"),
    "our loop": mail(X_Loop=BOT),
    "autoresponder without headers": mail(Subject="Automatische Antwort: A question", **REPLY),
    "Japanese autoresponder": mail(Subject="=?utf-8?b?6Ieq5YuV5b+c562UOiDos6rllY8=?=", **REPLY),
    "bounce without headers": mail(Subject="Undeliverable: A question", **REPLY),
}

_LOOKALIKES: dict[str, bytes] = {
    "plain": mail(),
    "says that no program sent it": mail(Auto_Submitted="no"),
    "says so with a comment": mail(Auto_Submitted="No (really)"),
    "asks about automatic replies": mail(Subject="Automatic reply: how do I set it up?"),
    "asks about out of office": mail(Subject="Out of office"),
    "asks about a bounce": mail(Subject="Undeliverable: what does that mean?"),
    "answers us and asks about automatic replies": mail(Subject="Re: Automatic reply: how?", **REPLY),
    "answers us": mail(Subject="Re: A question", **REPLY),
    "forwards a bounce": mail(
        "--b\r\nContent-Type: text/plain\r\n\r\nWhy?\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: MAILER-DAEMON@mx.example\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n\r\nx\r\n--b--",
        Content_Type='multipart/mixed; boundary="b"',
        Subject="Fwd: Mail delivery failed",
    ),
    "forwards a newsletter": mail("List-Unsubscribe: <x>\r\nPrecedence: bulk", Subject="Fwd: News"),
    "invites": mail(CALENDAR.format("REQUEST"), Content_Type=MIXED, Subject="Invitation: Lunch"),
    "publishes a calendar": mail(CALENDAR.format("PUBLISH"), Content_Type=MIXED),
    "suppresses receipts only": mail(X_Auto_Response_Suppress="DR, RN, NRN"),
    "first class": mail(Precedence="first-class"),
    "special delivery": mail(Precedence="special-delivery"),
    "urgent": mail(X_Priority="1 (Highest)", Importance="high"),
    "no return path": mail(Return_Path=None),
    "asks for a receipt": mail(Disposition_Notification_To="anna@people.example"),
    "autoreply no": mail(X_Autoreply="no"),
    "another loop": mail(X_Loop="rules@people.example"),
    "thread index": mail(Thread_Index="Acb123", X_MS_Has_Attach=""),
    "spam checked": mail(X_Spam_Status="No, score=-1", X_Spam_Flag="NO"),
    "DKIM signed": mail(DKIM_Signature="v=1; a=rsa-sha256; d=people.example; h=list-id:from; b=x"),
    "an echo of the header": mail("Auto-Submitted: auto-replied\r\nX-Loop: bot@firm.example"),
    "copied": mail(To="ben@people.example", Cc=BOT),
    "blind copy": mail(To="ben@people.example"),
    "to an alias": mail(To="Help <desk@firm.example>"),
    "to a tagged address": mail(To="bot+orders@firm.example", Delivered_To=None),
    "to many": mail(To=", ".join(f"p{n}@people.example" for n in range(900)) + f", {BOT}", Delivered_To=None),
    "upper case": mail(To="BOT@Firm.Example", Delivered_To=None),
    "undisclosed": mail(To="undisclosed-recipients:;"),
    "no subject": mail(Subject=None),
    "no date": mail(Date=None),
    "a broken date": mail(Date="yesterday"),
    "no Message-ID": mail(Message_ID=None),
    "an empty Message-ID": mail(Message_ID="<>"),
    "a lone bracket as Message-ID": mail(Message_ID="<["),
    "a comma in the name": mail(From="Berg, Anna <anna@people.example>"),
    "an address as name": mail(From="anna@people.example <anna@people.example>"),
    "an encoded name": mail(From="=?iso-8859-1?Q?J=FCrgen_M=FCller?= <jm@people.example>"),
    "brackets in the name": mail(From='"Anna <home>" <anna@people.example>'),
    "a name called Noreply": mail(From='"Noreply Smith" <smith@people.example>'),
    "written from a phone": mail(X_Mailer="iPhone Mail (22A3351)"),
    "written through a help desk": mail(X_Mailer="Zendesk Mailer", X_Mailgun_Sid="x"),
}
_NAMES_LIKE = (
    *("info", "office", "robot", "auto", "news", "bouncer", "norbert.epli", "postmasterson", "daemonica", "listser.v"),
    *(
        "majordom",
        "no",
        "reply",
        "norep",
        "answers",
        "alerting.anna",
        "system",
        "bounce.house.rental",
        "owner",
        "ownerson",
    ),
)
PEOPLE: dict[str, bytes] = _LOOKALIKES | {f"{name}@": mail(From=f"{name}@people.example") for name in _NAMES_LIKE}
