"""Signing in: google-auth's assertion verified, everything else refused in the vendor's words."""

import json
import time
from urllib.parse import urlencode

import google.auth.crypt
import google.auth.jwt
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials

from playground.sheets import ACCOUNT, SPREADSHEET_ID
from playground.sheets.tokens import GOOGLE_AUDIENCE, SHEETS_SCOPE

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def account_file(standin, base_url, tmp_path):
    return standin.service_account_file(tmp_path / "account.json", base_url)


def _credentials(path, scope=SHEETS_SCOPE):
    return Credentials.from_service_account_file(str(path), scopes=[scope])


def test_google_auth_signs_in_and_calls(account_file, base_url):
    session = AuthorizedSession(_credentials(account_file))
    answer = session.get(f"{base_url}/v4/spreadsheets/{SPREADSHEET_ID}/values/Questions!A1")
    assert answer.json()["values"] == [["Question"]]


def test_an_expired_token_is_refreshed_by_google_auth(account_file, base_url, standin, clock):
    session = AuthorizedSession(_credentials(account_file))
    url = f"{base_url}/v4/spreadsheets/{SPREADSHEET_ID}/values/A1"
    session.get(url)
    clock.pass_(3601)
    assert session.get(url).status_code == 200
    assert len(standin.tokens.grants) == 2


def test_a_revoked_key_signs_in_no_more_and_its_tokens_are_dead(account_file, base_url, standin):
    credentials = _credentials(account_file)
    session = AuthorizedSession(credentials)
    url = f"{base_url}/v4/spreadsheets/{SPREADSHEET_ID}/values/A1"
    session.get(url)
    standin.revoke_key()
    with pytest.raises(RefreshError, match="invalid_grant: Invalid JWT Signature"):
        session.get(url)
    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials.refresh(Request())


def _claims(**changes):
    now = int(time.time())
    claims = {"iss": ACCOUNT, "scope": SHEETS_SCOPE, "aud": GOOGLE_AUDIENCE, "iat": now, "exp": now + 3600}
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _exchange(standin, account_file, claims, grant_type=_GRANT):
    signer = google.auth.crypt.RSASigner.from_service_account_info(json.loads(account_file.read_text()))
    assertion = google.auth.jwt.encode(signer, claims).decode()
    body = urlencode({"grant_type": grant_type, "assertion": assertion}).encode()
    return standin.handle("POST", "/token", "", body)


def test_a_right_assertion_gives_a_bearer_token_for_an_hour(standin, account_file):
    answer = _exchange(standin, account_file, _claims())
    assert answer.status == 200
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "nobody@x.iam.gserviceaccount.com"}, "invalid_grant", "Invalid grant: account not found"),
        ({"aud": "https://elsewhere/token"}, "invalid_grant", "Invalid JWT: Failed audience check"),
        ({"scope": ""}, "invalid_scope", "Invalid OAuth scope or ID token audience provided."),
        ({"exp": int(time.time()) + 9000}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"iat": 1000, "exp": 4600}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"exp": None}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
    ],
)
def test_wrong_claims_are_refused_in_the_vendor_s_words(standin, account_file, changes, error, description):
    answer = _exchange(standin, account_file, _claims(**changes))
    assert (answer.status, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"].startswith(description)


def test_another_key_s_signature_is_refused(standin, account_file):
    other = json.loads(account_file.read_text())
    standin.tokens.new_account(ACCOUNT, "playground-project")
    assert other["private_key_id"] != standin.account().key_id
    assert _exchange(standin, account_file, _claims()).json()["error_description"] == "Invalid JWT Signature."


def test_another_grant_type_and_rubbish_are_refused(standin, account_file):
    answer = _exchange(standin, account_file, _claims(), "password")
    assert answer.json()["error"] == "unsupported_grant_type"
    rubbish = standin.handle("POST", "/token", "", urlencode({"grant_type": _GRANT, "assertion": "a.b"}).encode())
    assert rubbish.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "CREDENTIALS_MISSING"), ({"authorization": "Bearer wrong"}, "ACCESS_TOKEN_TYPE_UNSUPPORTED")],
)
def test_a_missing_or_unknown_token_is_unauthenticated(standin, headers, reason):
    error = standin.handle("GET", f"/v4/spreadsheets/{SPREADSHEET_ID}", headers=headers).json()["error"]
    assert (error["code"], error["status"]) == (401, "UNAUTHENTICATED")
    assert error["details"][0]["reason"] == reason


def test_an_expired_token_is_unauthenticated(call, clock):
    clock.pass_(3600)
    assert call.get("A1")["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"


def test_the_file_written_is_for_its_owner_only(account_file):
    assert account_file.stat().st_mode & 0o077 == 0


def test_the_token_endpoint_answers_on_a_socket(account_file, base_url):
    answer = requests.post(f"{base_url}/token", data={"grant_type": "x"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
