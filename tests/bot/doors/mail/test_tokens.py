import pytest

from bot.doors.mail.faults import MailFault
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.tokens import Tokens
from playground.mail import TokenSite
from playground.serving import serve


class Hand:
    """A clock that is moved by hand, in seconds."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def site():
    return TokenSite(lambda token: None)


@pytest.fixture
def tokens(site):
    with serve(site.app) as url:

        def make(clock=None, secret=site.client_secret, **given):
            where = {"mail_oauth_token_url": f"{url}/token", "mail_oauth_client_id": site.client_id}
            own = MailSettings(_env_file=None, mail_oauth_client_secret=secret, **where, **given)
            return Tokens(own, clock or Hand())

        yield make


def test_a_token_is_kept_until_it_ends(site, tokens):
    clock = Hand()
    source = tokens(clock, mail_oauth_refresh_token=site.refresh_token)
    assert [source.token(), source.token()] == ["access-1", "access-1"]
    clock.now += 3600 - 61
    assert source.token() == "access-1"
    clock.now += 2
    assert source.token() == "access-2"
    assert site.asked[0]["grant_type"] == "refresh_token"


def test_without_a_refresh_token_the_client_signs_in_itself(site, tokens):
    assert tokens(mail_oauth_scope="https://outlook.office365.com/.default").token() == "access-1"
    assert site.asked[0]["grant_type"] == "client_credentials"
    assert "refresh_token" not in site.asked[0]


def test_a_token_that_a_server_refused_is_asked_for_anew(site, tokens):
    source = tokens(mail_oauth_refresh_token=site.refresh_token)
    source.token()
    source.forget()
    assert source.token() == "access-2"


@pytest.mark.parametrize(
    ("given", "words", "fix"),
    [
        ({"mail_oauth_refresh_token": "stale-one"}, "invalid_grant", "MAIL_OAUTH_REFRESH_TOKEN"),
        ({"secret": "wrong-one"}, "invalid_client", "MAIL_OAUTH_CLIENT_SECRET"),
        ({}, "unsupported_grant_type", "MAIL_OAUTH_REFRESH_TOKEN"),
    ],
)
def test_a_refusal_says_what_to_do_and_no_secret(site, tokens, given, words, fix):
    site.description = "AADSTS7000222: the secret wrong-one of stale-one ended"
    with pytest.raises(MailFault) as caught:
        tokens(**given).token()
    assert words in caught.value.reason
    assert "AADSTS7000222" in caught.value.reason
    assert fix in caught.value.fix
    assert "-one" not in caught.value.reason + caught.value.fix


def test_a_site_that_is_not_there_is_named():
    source = Tokens(MailSettings(_env_file=None, mail_oauth_token_url="http://127.0.0.1:1/token"))
    with pytest.raises(MailFault, match="MAIL_OAUTH_TOKEN_URL was not reached"):
        source.token()
