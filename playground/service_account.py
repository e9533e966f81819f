"""A service account of Google's: its key pair, and the JSON file that the console hands out for it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Account:
    """A service account that a stand-in may know; `revoked`: its key signs in no more."""

    email: str
    project: str
    key_id: str
    key: rsa.RSAPrivateKey
    revoked: bool = False

    def write_file(self, path: Path, token_uri: str) -> Path:
        """Write its JSON for the owner's eyes only; returns the path."""
        path.touch(mode=0o600)
        path.write_text(self.file_text(token_uri), encoding="utf-8")
        return path

    def file_text(self, token_uri: str) -> str:
        """The JSON that Google's console would hand out for this key."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        data = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        }
        return json.dumps(data, indent=2)


def new_account(email: str, project: str) -> Account:
    """An account with a fresh key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Account(email, project, secrets.token_hex(20), key)
