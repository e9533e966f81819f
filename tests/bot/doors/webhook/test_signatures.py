"""Signatures: the genuine one opens, and no change of a byte of it does; each convention against its own words."""

import base64
import hashlib
import hmac
import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from bot.doors.webhook.signatures import SCHEMES, Forged, Proof, standard_headers, verified

NOW = 1_800_000_000.0
SECRET, OTHER = "s3cret-of-ours", "another-secret"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = b'{"id": "evt_1", "event_id": "e1", "eventId": "t1", "text": "h\xc3\xa9"}'
HASHED = f"sha256:{hashlib.sha256(BODY).hexdigest()}"


def mac(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256)


def b64(digest):
    return base64.b64encode(digest).decode()


def stripe(at=NOW, secret=SECRET):
    return {"stripe-signature": f"t={at:.0f},v1={mac(f'{at:.0f}.'.encode() + BODY, secret).hexdigest()}"}


GENUINE = {
    "bearer": ({"authorization": f"Bearer {SECRET}", "idempotency-key": "k1"}, SECRET, Proof("k1", compares_body=True)),
    "standard": (standard_headers("msg_1", BODY, WHSEC, NOW), WHSEC, Proof("msg_1", compares_body=True)),
    "github": (
        {"x-hub-signature-256": f"sha256={mac(BODY).hexdigest()}", "x-github-delivery": "any"}, SECRET, Proof(HASHED),
    ),
    "stripe": (stripe(), SECRET, Proof("evt_1")),
    "typeform": ({"typeform-signature": f"sha256={b64(mac(BODY).digest())}"}, SECRET, Proof("e1")),
    "tally": ({"tally-signature": b64(mac(BODY).digest())}, SECRET, Proof("t1")),
}  # fmt: skip
SIGNATURE = {
    "bearer": "authorization",
    "standard": "webhook-signature",
    "github": "x-hub-signature-256",
    "stripe": "stripe-signature",
    "typeform": "typeform-signature",
    "tally": "tally-signature",
}


def opens(verify, headers, body=BODY, secrets=(SECRET, WHSEC), now_s=NOW):
    try:
        return bool(verified(verify, headers, body, secrets, now_s))
    except Forged:
        return False


def test_every_convention_is_tested():
    assert set(GENUINE) == set(SCHEMES)


@pytest.mark.parametrize("verify", GENUINE)
def test_the_genuine_one_opens_also_while_its_secret_is_being_replaced(verify):
    headers, secret, proof = GENUINE[verify]
    for secrets in ((secret,), (secret, OTHER), (OTHER, secret)):
        assert verified(verify, headers, BODY, secrets, NOW) == proof
    assert not opens(verify, headers, secrets=(OTHER,))
    assert not opens(verify, headers, secrets=())


@pytest.mark.parametrize("verify", GENUINE)
def test_no_other_body_opens(verify):
    headers, _, _ = GENUINE[verify]
    if verify != "bearer":
        assert not opens(verify, headers, BODY + b" ")
        assert not opens(verify, headers, b"")


@pytest.mark.parametrize("verify", GENUINE)
def test_without_a_signature_or_with_nonsense_in_its_place_nothing_opens(verify):
    headers, _, _ = GENUINE[verify]
    name = SIGNATURE[verify]
    nonsense = [
        "",
        ",",
        "v1,",
        "=",
        "t=",
        "sha256=",
        "Bearer ",
        "\u00e9" * 20,
        "v1,a,b",
        "  ",
        "t=1e9,v1=x",
        "v1 v1 v1",
    ]
    for value in nonsense:
        assert not opens(verify, {**headers, name: value})
    assert not opens(verify, {key: value for key, value in headers.items() if key != name})


@pytest.mark.parametrize("verify", GENUINE)
def test_none_of_many_mutations_opens(verify):
    headers, _, _ = GENUINE[verify]
    name = SIGNATURE[verify]
    chance = random.Random(verify)
    for _ in range(400):
        value = list(headers[name])
        at = chance.randrange(len(value))
        value[at] = chance.choice([one for one in "abcdef0123456789+/=," if one.lower() != value[at].lower()])
        changed = "".join(value)
        assert not opens(verify, {**headers, name: changed}), changed


@pytest.mark.parametrize("verify", ["standard", "stripe"])
@pytest.mark.parametrize(("away_s", "wanted"), [(-301, False), (-299, True), (0, True), (299, True), (301, False)])
def test_a_signed_time_counts_for_five_minutes(verify, away_s, wanted):
    headers, _, _ = GENUINE[verify]
    assert opens(verify, headers, now_s=NOW + away_s) is wanted


def test_the_time_itself_is_signed_and_must_be_plain_digits():
    headers, _, _ = GENUINE["standard"]
    for at in (f"{NOW + 1:.0f}", f"{NOW:.1f}", f" {NOW:.0f}", f"+{NOW:.0f}", "\u0661", "", "9" * 400):
        assert not opens("standard", {**headers, "webhook-timestamp": at})
    late = stripe(NOW - 400)["stripe-signature"]
    assert not opens("stripe", {"stripe-signature": late.replace(f"{NOW - 400:.0f}", f"{NOW:.0f}")})


def test_a_sender_may_sign_with_several_secrets_at_once():
    good, bad = stripe()["stripe-signature"], stripe(secret=OTHER)["stripe-signature"]
    assert opens("stripe", {"stripe-signature": f"{bad},{good.partition(',')[2]}"})
    headers, _, _ = GENUINE["standard"]
    other = standard_headers("msg_1", BODY, "whsec_" + b64(b"x" * 32), NOW)["webhook-signature"]
    assert opens("standard", {**headers, "webhook-signature": f"{other} {headers['webhook-signature']}"})


def test_standard_webhooks_own_library_signs_and_verifies_the_same():
    from datetime import UTC, datetime

    mine = standard_headers("msg_1", BODY, WHSEC, NOW)
    theirs = Webhook(WHSEC).sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    assert mine["webhook-signature"] == theirs
    fresh = standard_headers("msg_1", BODY, WHSEC, __import__("time").time())
    assert Webhook(WHSEC).verify(BODY, fresh) == json.loads(BODY)


def test_standard_webhooks_with_a_public_key():
    key = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
    public = "whpk_" + b64(key.public_key().public_bytes_raw())
    signature = b64(key.sign(f"msg_1.{NOW:.0f}.".encode() + BODY))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": f"{NOW:.0f}", "webhook-signature": f"v1a,{signature}"}
    assert verified("standard", headers, BODY, (public,), NOW) == Proof("msg_1", compares_body=True)
    assert not opens("standard", headers, BODY + b" ", (public,))
    symmetric = {**headers, "webhook-signature": f"v1,{signature}"}
    assert not opens("standard", symmetric, BODY, (public,)), "the kind of signature is the secret's, not the sender's"


@pytest.mark.parametrize("verify", ["stripe", "typeform", "tally"])
def test_a_signed_body_without_an_id_is_known_by_itself(verify):
    body = b'["no", "object"]'
    headers = {
        "stripe": {"stripe-signature": f"t={NOW:.0f},v1={mac(f'{NOW:.0f}.'.encode() + body).hexdigest()}"},
        "typeform": {"typeform-signature": f"sha256={b64(mac(body).digest())}"},
        "tally": {"tally-signature": b64(mac(body).digest())},
    }[verify]
    assert verified(verify, headers, body, (SECRET,), NOW) == Proof(f"sha256:{hashlib.sha256(body).hexdigest()}")
