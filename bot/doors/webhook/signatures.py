"""How a sender shows that it knows a hook's secret, one pure function for each convention.

Each is given the request's headers (lower case) and raw body, one secret, and the time (seconds since 1970). It returns
what the sender calls this delivery, or raises Forged, whatever is wrong: nobody is told what. Every comparison takes as
long for every value. Another convention is one function and one line in SCHEMES.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Headers = Mapping[str, str]

TOLERANCE_S = 300.0
"""A signed time may be so far from ours."""


class Forged(Exception):
    """This was not sent by whoever knows the secret, or not now."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a genuine delivery is known by; "" when nothing names it. `compares_body`: with another body it is refused.

    Where the id is not signed, the body itself is the name: else a copy under another id would be a new delivery.
    """

    delivery_id: str = ""
    compares_body: bool = False


Scheme = Callable[[Headers, bytes, str, float], Proof]


def bearer(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """`Authorization: Bearer SECRET`; `Idempotency-Key`, or the sender's own `webhook-id`, names the delivery.

    Source: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    """
    del body, now_s
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Forged
    _demand(token.strip(), secret)
    return Proof(headers.get("idempotency-key") or headers.get("webhook-id", ""), compares_body=True)


def standard(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """Standard Webhooks 1: HMAC-SHA256 with a `whsec_` secret, or ed25519 with a `whpk_` public key.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    name, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name:
        raise Forged
    _demand_fresh(sent_at, now_s)
    signed = f"{name}.{sent_at}.".encode() + body
    offered = [one.partition(",")[::2] for one in headers.get("webhook-signature", "").split(" ")]
    if secret.startswith("whpk_"):
        _demand_ed25519([_decoded(value) for kind, value in offered if kind == "v1a"], secret[5:], signed)
    else:
        expected = base64.b64encode(_hmac(secret_bytes(secret), signed)).decode()
        _demand_any([value for kind, value in offered if kind == "v1"], expected)
    return Proof(name, compares_body=True)


def github(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """`X-Hub-Signature-256: sha256=HEX` over the body. Neither the delivery's id nor a time is signed.

    Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    del now_s
    expected = f"sha256={_hmac(secret.encode(), body).hex()}"
    _demand(headers.get("x-hub-signature-256", ""), expected)
    return Proof(_digest(body))


def stripe(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """`Stripe-Signature: t=SECONDS,v1=HEX,…` over `t.body`; the event's own `id` names the delivery.

    Source: https://docs.stripe.com/webhooks/signature
    """
    parts = [part.strip().partition("=")[::2] for part in headers.get("stripe-signature", "").split(",")]
    sent_at = next((value for name, value in parts if name == "t"), "")
    _demand_fresh(sent_at, now_s)
    expected = _hmac(secret.encode(), f"{sent_at}.".encode() + body).hex()
    _demand_any([value for name, value in parts if name == "v1"], expected)
    return Proof(_named_in(body, "id"))


def typeform(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """`Typeform-Signature: sha256=BASE64` over the body; `event_id` names the delivery.

    Source: https://www.typeform.com/developers/webhooks/secure-your-webhooks/
    """
    del now_s
    expected = f"sha256={base64.b64encode(_hmac(secret.encode(), body)).decode()}"
    _demand(headers.get("typeform-signature", ""), expected)
    return Proof(_named_in(body, "event_id"))


def tally(headers: Headers, body: bytes, secret: str, now_s: float) -> Proof:
    """`Tally-Signature: BASE64` over the body; `eventId` names the delivery.

    Source: https://tally.so/help/webhooks
    """
    del now_s
    _demand(headers.get("tally-signature", ""), base64.b64encode(_hmac(secret.encode(), body)).decode())
    return Proof(_named_in(body, "eventId"))


SCHEMES: Mapping[str, Scheme] = {
    "bearer": bearer,
    "standard": standard,
    "github": github,
    "stripe": stripe,
    "typeform": typeform,
    "tally": tally,
}
"""Every convention, by the name that a rule's `verify` has for it."""


def verified(verify: str, headers: Headers, body: bytes, secrets: Sequence[str], now_s: float) -> Proof:
    """What this delivery is known by, if any of the secrets opens it. Raises Forged, and nothing else."""
    found: Proof | None = None
    for secret in secrets:
        try:
            # Each is tried, so that the time says nothing about which one it was.
            found = SCHEMES[verify](headers, body, secret, now_s) or found
        except Exception:  # noqa: BLE001, S112  # whatever a made-up header breaks, it is no proof
            continue
    if found is None:
        raise Forged
    return found


def standard_headers(name: str, body: bytes, secret: str, now_s: float) -> dict[str, str]:
    """The three headers by which Standard Webhooks signs what we send; `secret` is whsec_ and base64."""
    sent_at = str(int(now_s))
    signature = base64.b64encode(_hmac(secret_bytes(secret), f"{name}.{sent_at}.".encode() + body)).decode()
    return {"webhook-id": name, "webhook-timestamp": sent_at, "webhook-signature": f"v1,{signature}"}


def secret_bytes(secret: str) -> bytes:
    """What a secret of Standard Webhooks stands for. Raises ValueError for one that is no base64."""
    text = secret.removeprefix("whsec_")
    return _decoded(text + "=" * (-len(text) % 4))


def _hmac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, hashlib.sha256)


def _demand(offered: str, expected: str) -> None:
    if not hmac.compare_digest(offered.encode(), expected.encode()):
        raise Forged


def _demand_any(offered: Sequence[str], expected: str) -> None:
    if not any([hmac.compare_digest(one.encode(), expected.encode()) for one in offered[:10]]):  # noqa: C419  # all are compared
        raise Forged


def _demand_fresh(sent_at: str, now_s: float) -> None:
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) < 13 and abs(int(sent_at) - now_s) <= TOLERANCE_S):
        raise Forged


def _demand_ed25519(offered: Sequence[bytes], public_key: str, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # few use it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(_decoded(public_key))
    for one in offered[:10]:
        try:
            key.verify(one, signed)
        except InvalidSignature:
            continue
        return
    raise Forged


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _named_in(body: bytes, key: str) -> str:
    """What a signed JSON body calls itself, else its hash; what is no JSON is told so later."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return _digest(body)
    name = found.get(key) if isinstance(found, dict) else None
    return name if isinstance(name, str) and name else _digest(body)


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
