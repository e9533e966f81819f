"""What in a text reads like the name of a host on the internet, and what only looks like one: `README.md`, `v2.0`."""

# ruff: noqa: SIM905  # hundreds of short words read better in lines than as a list

from __future__ import annotations

import re

COUNTRIES = frozenset(
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cd cf "
    "cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf "
    "gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km "
    "kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz "
    "na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr pt pw qa re ro ru rw sa sb sc sd se sg si sk "
    "sl sm sn sr ss st su sv sx sy sz tc td tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn "
    "vu wf ws ye yt za zm zw".split()
)
"""The countries' domains, without those that are better known as the endings of files."""
GENERAL = frozenset(
    "com net org edu gov mil int info biz aero coop museum jobs mobi travel asia cat tel xxx post arpa app dev page "
    "cloud online site website store shop tech blog xyz top club live news work world life today email agency company "
    "media network solutions systems support services digital design studio space finance bank money loan loans pay "
    "credit insurance legal law health care doctor clinic pharmacy game games bet casino poker wiki link click icu vip "
    "win bid trade download stream video chat social community foundation academy school university college host "
    "hosting software engineering energy global international city berlin london paris nyc tokyo amsterdam wien "
    "koeln hamburg bayern eus gal scot wales google amazon apple microsoft bmw audi ibm tax fund capital "
    "ventures holdings group ltd gmbh llc inc one plus pro zone center expert guru tips help exchange market markets "
    "trading direct delivery express onion".split()
)
PRODUCTS = frozenset({"asp.net", "ado.net", "vb.net", "ml.net", "system.net", "system.io"})
CODE = re.compile(r"`[^`]*`")
NAME = re.compile(
    r"(?P<scheme>(?i:https?)://)?(?:[^\s/@]+@)?(?P<host>(?:[\w-]+\.)+(?P<top>[^\W\d_]{2,}|(?i:xn--)[a-z0-9-]+))"
    r"(?P<rest>:\d+(?:[/?#]\S*)?|[/?#]\S*)?"
)


def named_host(label: str) -> str:
    """The host that a link's label claims to lead to, in lower case; "" where it names none."""
    bare = label.strip().strip("*_~`").strip()
    match = NAME.fullmatch(bare)
    if match is None or bare.lower() in PRODUCTS:
        return ""
    host, top = match["host"].lower(), match["top"].lower()
    if match["scheme"] or host.startswith("www."):
        return host
    if top.startswith("xn--") or not top.isascii():
        return host
    if top in COUNTRIES:
        return host
    # `console.info` is code, `bank.info` is not.
    is_code = CODE.fullmatch(label.strip().strip("*_~")) is not None
    return host if top in (GENERAL - {"info", "post", "stream", "page"} if is_code else GENERAL) else ""
