"""Text in every encoding that people still have, labelled and not."""

from tests.handlers.documents.rig import Kept


def page(label: str, text: str, codec: str) -> bytes:
    return f'<meta charset="{label}"><p>'.encode() + text.encode(codec)


LABELLED = (
    ("gb2312", "朱镕基", "gbk"),
    ("GBK", "€ 朱镕基", "gb18030"),
    ("iso-8859-1", "€ 1.250 “ja”", "cp1252"),
    ("us-ascii", "€ 1.250", "cp1252"),
    ("l1", "Größe", "cp1252"),
    ("shift_jis", "①髙橋", "cp932"),
    ("x-sjis", "名前", "cp932"),
    ("windows-31j", "㈱", "cp932"),
    ("euc-kr", "똠방각하", "cp949"),
    ("ks_c_5601-1987", "홍길동", "cp949"),
    ("tis-620", "ใบแจ้งหนี้", "cp874"),
    ("iso-8859-9", "İstanbul", "cp1254"),
    ("koi8-u", "Рахунок", "koi8-u"),
    ("cp866", "Счёт", "cp866"),
    ("x-mac-cyrillic", "Счёт", "mac_cyrillic"),
    ("macintosh", "Größe", "mac_roman"),
    ("big5-hkscs", "發票", "big5"),
    ("windows-1256", "مرحبا", "cp1256"),
    ("utf-16", "Größe", "utf-8"),
)
UNLABELLED = (
    ("cp932.csv", "名前,髙橋\n住所,東京", "cp932"),
    ("half.csv", "ﾃｽﾄ,半角ｶﾅ", "cp932"),
    ("gb.txt", "合同编号：12，请查收", "gbk"),
    ("big5.txt", "會議記錄，請查收", "big5"),
    ("cp949.txt", "안녕하세요, 영수증입니다", "cp949"),
    ("cp1251.txt", "Счёт", "cp1251"),
    ("koi8.txt", "Привет, мир", "koi8-r"),
    ("cp866.txt", "Договор от 12 мая", "cp866"),
    ("cp1250.csv", "jméno;cena\nžidle;10", "cp1250"),
    ("mac.txt", "Straße 5, geöffnet", "mac_roman"),
    ("jis.txt", "会議の議事録です。", "iso-2022-jp"),
)

DOCUMENTS = (
    *(Kept(f"label {label}.html", page(label, text, codec), (text,)) for label, text, codec in LABELLED),
    *(Kept(f"unlabelled {name}", text.encode(codec), (text,)) for name, text, codec in UNLABELLED),
    Kept(
        "late meta.html",
        b"<html><head><!-- <meta charset=latin1> -->"
        + b"<script>x</script>" * 400
        + b"<meta http-equiv=Content-Type content='text/html; charset=gb2312'></head><body>"
        + "朱镕基".encode("gbk"),
        ("朱镕基",),
    ),
    Kept("wide chinese.txt", "姓名，朱镕基\n合同，十二".encode("utf-16-le"), ("姓名，朱镕基",)),
    Kept("one bad byte.txt", "Größe, Maße, Straße\n".encode() * 3 + b"\xff", ("Größe",), (), ("left as \ufffd",)),
    Kept("bad in family.html", b'<meta charset="gb2312"><p>' + "发票".encode("gbk") + b"\xff", ("发票",), ("·¢",)),
    Kept("nec mail.eml", b"From: a@b.c\nTo: d@e.f\nSubject: =?iso-2022-jp?B?GyRCfGIyTRsoQg==?=\n\nx", ("Subject: ",)),
    Kept("declared.py", "# -*- coding: cp1251 -*-\nx = 'Счёт'\n".encode("cp1251"), ("Счёт",)),
    Kept("declared.xml", '<?xml version="1.0" encoding="windows-1251"?><a>Счёт</a>'.encode("cp1251"), ("Счёт",)),
)
