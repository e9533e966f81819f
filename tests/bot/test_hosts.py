"""The tests of what reads like the name of a host."""

import pytest

from bot.hosts import named_host


@pytest.mark.parametrize(
    ("label", "host"),
    [
        ("bank.com", "bank.com"), ("https://Bank.com/x", "bank.com"), ("**www.bank.md**", "www.bank.md"),
        ("README.md", ""),
        ("bank.com and more", ""), ("", ""), ("bank", ""), ("http://localhost", ""), ("x.рф", "x.рф"), ("1.2.3.4", ""),
    ],
)  # fmt: skip
def test_a_label_names_a_host_or_none(label, host):
    assert named_host(label) == host
