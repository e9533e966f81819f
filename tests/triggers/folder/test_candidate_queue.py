from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.signature import Signature
from triggers.folder.candidate_queue import CandidateQueue
from triggers.folder.candidates import Limits, seen

LIMITS = Limits()


def test_the_queue_gives_names_when_due_and_follows_later_and_earlier_times():
    queue = CandidateQueue()
    mark = Signature(1, 2, 3, 4)
    queue.put("late", seen(mark, 10.0, LIMITS))
    queue.put("soon", seen(mark, 0.0, LIMITS))
    queue.put("gone", seen(mark, 0.0, LIMITS))
    queue.put("gone", None)
    queue.postpone("soon", 5.0)
    assert queue.due(4.0, 10) == []
    assert queue.due(5.0, 10) == ["soon"]
    queue.postpone("late", 6.0)
    assert queue.next_due_at_s() == 6.0
    assert queue.due(6.0, 10) == ["late"]
    assert queue.due(99.0, 10) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=40), st.floats(0, 100))
def test_the_queue_never_loses_a_candidate_however_often_its_time_changes(changes, now_s):
    queue = CandidateQueue()
    due = {}
    for name, at_s in changes:
        queue.put(name, seen(Signature(1, 2, 3, 4), 0.0, LIMITS))
        queue.postpone(name, at_s)
        due[name] = at_s
    assert sorted(queue.due(now_s, 10)) == sorted(name for name, at_s in due.items() if at_s <= now_s)
