"""The stand-in's bill: whole calls, broken ones, caches and batches, each charged as the vendor does."""

from decimal import Decimal

from playground.claude.bill import Bill
from playground.claude.turn import Prompt, Thinking, Turn

M = 1_000_000


def test_a_call_is_charged_for_every_kind_of_token():
    bill = Bill()
    bill.charge(Turn("m", "claude-sonnet-5-5", "", Prompt(M, M, M, M)))
    assert bill.usd == Decimal(2) + Decimal("2.5") + Decimal(4) + Decimal("0.1")


def test_a_broken_call_is_charged_for_what_was_said_until_then():
    bill = Bill()
    turn = Turn("m", "claude-opus-5-5", "a" * 300, Prompt(0), thinking=Thinking("", "", 50))
    for chars in (0, 30, 300):
        bill.charge(turn, chars)
    assert [line.output_tokens for line in bill.lines] == [1, 60, 150]


def test_a_batch_costs_half_and_a_long_prompt_of_the_small_model_five_times_as_much():
    bill = Bill()
    bill.charge(Turn("m", "claude-haiku-5-5-20261020", "", Prompt(100_001), tier="batch"))
    assert bill.usd == Decimal("0.10") * 100_001 * 5 / 2 / M
    bill.reset()
    assert bill.usd == 0
