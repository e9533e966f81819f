from bot.doors.folder.signature import Signature
from triggers.folder.backlog import backlog, estimated_tokens
from triggers.folder.candidates import Limits

LIMITS = Limits()


def test_a_backlog_counts_what_would_be_sent():
    files = {"a.pdf": Signature(1, 1, 100_000, 0), "b.txt": Signature(1, 2, 4_000, 0), "empty": Signature(1, 3, 0, 0)}
    files["big"] = Signature(1, 4, 60 * 1024**2, 0)
    found = backlog("/in", files, LIMITS)
    assert (found.count, found.total_bytes, found.needs_a_word) == (2, 104_000, False)
    assert found.estimated_tokens == 5_000 + 1_001
    assert estimated_tokens("a.PNG", 10**6) == 1_600
