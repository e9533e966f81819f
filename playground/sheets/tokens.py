"""The OAuth token endpoint: a signed assertion of the service account in, a bearer token out.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from playground.service_account import Account, new_account
from playground.sheets.refusals import Json, unauthenticated

SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
READ_SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
DRIVE_SCOPES = (
    "https://www.googleapis.com/auth/drive",
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/drive.file",
    "https://www.googleapis.com/auth/drive.metadata",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth writes into every assertion, whatever the account's token_uri says."""

_LONGEST_S, _SKEW_S = 3600, 300


@dataclass(frozen=True)
class Grant:
    """What a bearer token stands for; `until` is on the stand-in's clock."""

    email: str
    project: str
    scopes: frozenset[str]
    until: float


@dataclass
class Tokens:
    """Accounts and the bearer tokens given to them. `life_s`: seconds a token is good for (Google: 3,600)."""

    life_s: int = 3600
    accounts: dict[str, Account] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    audiences: set[str] = field(default_factory=lambda: {GOOGLE_AUDIENCE})

    def new_account(self, email: str, project: str) -> Account:
        """A service account with a fresh key, replacing one of the same address."""
        return self.admit(new_account(email, project))

    def admit(self, account: Account, token_uri: str | None = None) -> Account:
        """Know this account, whose file was written with `token_uri`; returns it."""
        self.accounts[account.email] = account
        if token_uri:
            self.audiences.add(token_uri)
        return account

    def revoke(self, account: Account) -> None:
        """The key signs in no more, and the tokens it was given are dead."""
        self.accounts[account.email] = replace(account, revoked=True)
        self.grants = {token: grant for token, grant in self.grants.items() if grant.email != account.email}

    def write_file(self, account: Account, path: Path, token_uri: str) -> Path:
        """Write the account's JSON file; its token_uri becomes an audience the endpoint accepts."""
        self.audiences.add(token_uri)
        return account.write_file(path, token_uri)

    def issue(self, email: str, project: str, scopes: frozenset[str], now: float) -> str:
        """A bearer token without asking for an assertion (for tests that are not about signing in)."""
        token = "ya29." + secrets.token_urlsafe(40)
        self.grants[token] = Grant(email, project, scopes, now + self.life_s)
        return token

    def exchange(self, body: bytes, wall_now: float, now: float) -> tuple[int, Json]:
        """Answer the token endpoint: (status, JSON). `wall_now` is what the assertion's times are held against."""
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != _GRANT_TYPE:
            return _no("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        refusal, account, claims = self._judge(form.get("assertion", ""), wall_now)
        if refusal or account is None:
            return refusal or _no("invalid_grant", "Invalid grant: account not found")
        token = self.issue(account.email, account.project, frozenset(str(claims["scope"]).split()), now)
        return 200, {"access_token": token, "expires_in": self.life_s, "token_type": "Bearer"}

    def _judge(self, assertion: str, wall_now: float) -> tuple[tuple[int, Json] | None, Account | None, dict[str, Any]]:
        try:
            head, claims, signature, signed = _opened(assertion)
        except ValueError:
            return _no("invalid_request", "Bad Request"), None, {}
        account = self.accounts.get(str(claims.get("iss", "")))
        refusal = self._fault(account, head, claims, wall_now)
        if refusal is None and account is not None and not _genuine(account, signature, signed):
            refusal = _no("invalid_grant", "Invalid JWT Signature.")
        return refusal, account, claims

    def _fault(
        self, account: Account | None, head: dict[str, Any], claims: dict[str, Any], wall_now: float
    ) -> tuple[int, Json] | None:
        """The vendor's words for what is wrong with the claims, or None."""
        if account is None:
            return _no("invalid_grant", "Invalid grant: account not found")
        if account.revoked or head.get("alg") != "RS256" or head.get("kid", account.key_id) != account.key_id:
            return _no("invalid_grant", "Invalid JWT Signature.")
        if claims.get("aud") not in self.audiences:
            return _no("invalid_grant", "Invalid JWT: Failed audience check. The right audience is the token endpoint.")
        if not str(claims.get("scope", "")).strip():
            return _no("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if not _timely(claims.get("iat"), claims.get("exp"), wall_now):
            return _no(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        return None

    def grant(self, header: str, now: float, service: str) -> Grant:
        """What the Authorization header stands for. Raises Refused (401) when it is missing, unknown or expired."""
        kind, _, token = header.partition(" ")
        if not header or kind.lower() != "bearer":
            raise unauthenticated("CREDENTIALS_MISSING", service)
        grant = self.grants.get(token.strip())
        if grant is None:
            raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", service)
        if now >= grant.until:
            raise unauthenticated("ACCESS_TOKEN_EXPIRED", service)
        return grant


def _timely(issued: Any, expires: Any, wall_now: float) -> bool:
    """Whether the assertion is good now (five minutes of clock skew allowed) and for no more than an hour."""
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        return False
    return issued - _SKEW_S <= wall_now <= expires + _SKEW_S and expires - issued <= _LONGEST_S


def _no(error: str, description: str) -> tuple[int, Json]:
    return 400, {"error": error, "error_description": description}


def _opened(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Header, claims, signature and the signed bytes. Raises ValueError for what is no JWT."""
    parts = assertion.split(".")
    if len(parts) != 3:
        raise ValueError("a JWT has three parts")
    head, claims = json.loads(_decoded(parts[0])), json.loads(_decoded(parts[1]))
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise ValueError("a JWT's parts are objects")  # noqa: TRY004  # the one error for what is no JWT
    return head, claims, _decoded(parts[2]), f"{parts[0]}.{parts[1]}".encode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _genuine(account: Account, signature: bytes, signed: bytes) -> bool:
    try:
        account.key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
