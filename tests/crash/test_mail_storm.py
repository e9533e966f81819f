"""The promise of the mail door, kept by the whole program on a real Dovecot; the benchmark storms a thousand mails."""

import pytest

from tests.crash.mail_storm import Plan, storm
from tests.needs import needs_dovecot


@pytest.mark.full
def test_every_mail_is_answered_and_paid_once_whatever_strikes(tmp_path):
    outcome = storm(tmp_path, Plan(40, 8.0, cuts=4, restarts=1, renumberings=1, kills=3, seed=7), needs_dovecot())
    assert (outcome.lost, outcome.doubled, outcome.paid_twice) == ([], [], [])
    assert outcome.struck == {"cut": 4, "restart": 1, "renumber": 1, "kill": 3}
