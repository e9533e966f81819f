"""How many of what waits go into one batch."""

import pytest

from handlers.night.pieces import fitting


@pytest.mark.parametrize(
    ("sizes", "most_bytes", "chosen"),
    [
        ([10, 10, 10], 100, 3),
        ([40, 40, 40], 100, 2),
        ([50, 50], 100, 1),  # what stands around each counts too
        ([500, 10], 100, 1),  # one that is larger than allowed goes alone, and the API says what it thinks of it
        ([], 100, 0),
    ],
)
def test_a_batch_holds_what_fits_and_at_least_one(sizes, most_bytes, chosen):
    sized = [(f"e{number}", size) for number, size in enumerate(sizes)]
    assert fitting(sized, most_bytes, 5) == [f"e{number}" for number in range(chosen)]
