from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.reasons import DENIED, LINK
from bot.doors.folder.signature import Signature
from triggers.folder import candidates as rule
from triggers.folder.candidates import Candidate, Drop, Limits, Look, Read, Skip, Wait

LIMITS = Limits()
WALL = 1_000_000.0


def mark(size=100, age_s=100.0, inode=1):
    return Signature(7, inode, size, int((WALL - age_s) * 1e9))


def examined(candidate, look, now_s, age_from=0.0):
    return rule.examined(candidate, look, now_s, WALL + now_s - age_from, LIMITS)


def a_file(signature):
    return Look("file", signature)


def changed(*changes, at_s=0.0) -> Any:  # most tests change a file that stays
    candidate = None
    for change in changes:
        candidate = rule.after_change(candidate, change, at_s, LIMITS)
    return candidate


def test_a_closed_file_is_ready_one_quiet_time_after_the_close():
    candidate = changed("created", "modified", "closed", at_s=10.0)
    assert candidate.due_at_s == 11.0
    assert isinstance(examined(candidate, a_file(mark()), 11.0), Read)


def test_a_file_that_is_still_written_waits_for_its_close():
    candidate = changed("created", "modified")
    step = examined(candidate, a_file(mark()), 5.0)
    assert isinstance(step, Wait)
    assert step.candidate.due_at_s == 60.0


def test_a_file_whose_close_never_came_is_taken_when_nothing_stirred_for_the_cap():
    assert isinstance(examined(changed("modified"), a_file(mark()), 60.0), Read)


def test_after_lost_changes_two_equal_looks_stand_in_for_a_close_that_may_never_be_told():
    doubted = rule.doubted(changed("modified"), mark(), 5.0, LIMITS)
    assert doubted.due_at_s == 6.0
    step = examined(doubted, a_file(mark()), 6.0)
    assert isinstance(step, Read)
    assert step.checked
    assert isinstance(examined(doubted, a_file(mark(200)), 6.0), Wait)


def test_lost_changes_change_nothing_for_a_file_that_waits_for_no_close():
    assert rule.doubted(changed("closed"), mark(), 0.5, LIMITS) == changed("closed")


def test_a_renamed_file_is_ready_after_a_tenth_of_a_second():
    assert isinstance(examined(changed("moved"), a_file(mark()), 0.1), Read)


def test_a_renamed_file_that_is_written_on_waits_like_any_other():
    assert changed("moved", "modified").phase == "writing"


def test_a_file_changed_since_it_was_last_seen_waits_anew():
    step = examined(rule.seen(mark(100), 0.0, LIMITS), a_file(mark(200)), 1.0)
    assert isinstance(step, Wait)
    assert step.candidate.due_at_s == 2.0


def test_a_fresh_modification_time_waits_until_it_is_one_quiet_time_old():
    step = rule.examined(changed("closed"), a_file(mark(age_s=0.2)), 1.0, WALL, LIMITS)
    assert isinstance(step, Wait)
    assert abs(step.candidate.due_at_s - 1.8) < 1e-6


def test_a_modification_time_in_the_future_holds_nothing_up():
    assert isinstance(rule.examined(changed("closed"), a_file(mark(age_s=-9999)), 1.0, WALL, LIMITS), Read)


def test_a_deleted_file_is_forgotten():
    assert changed("created", "deleted") is None
    assert isinstance(examined(changed("closed"), Look("gone"), 1.0), Drop)


def test_a_pipe_is_dropped_and_a_link_is_skipped_with_a_reason():
    assert isinstance(examined(changed("created"), Look("other", mark()), 1.0), Drop)
    assert examined(changed("created"), Look("link", mark()), 1.0) == Skip(LINK, mark())


def test_an_empty_file_is_held_for_ten_seconds():
    step = examined(changed("closed"), a_file(mark(0)), 1.0)
    assert isinstance(step, Wait)
    assert step.candidate.due_at_s == 10.0
    assert isinstance(examined(step.candidate, a_file(mark(0)), 10.0), Read)


def test_a_file_over_the_limit_is_skipped_without_being_read():
    step = examined(changed("closed"), a_file(mark(50_100_000)), 1.0)
    assert isinstance(step, Skip)
    assert "50.1 MB and FOLDER_MAX_MB allows 50 MB" in step.reason.words


def test_an_unfinished_file_is_read_unchecked_a_minute_after_its_last_change():
    candidate = rule.held(changed("closed"), 1.0).candidate
    assert candidate.due_at_s == 3.0
    assert examined(candidate, a_file(mark()), 3.0).checked
    assert not examined(candidate, a_file(mark()), 60.0).checked


def test_a_refused_permission_is_tried_after_1_5_and_a_half_and_30_seconds():
    candidate, waits, now_s = changed("closed"), [], 0.0
    while isinstance(step := rule.denied(candidate, mark(), now_s, LIMITS), Wait):
        waits.append(step.candidate.due_at_s - now_s)
        candidate, now_s = step.candidate, step.candidate.due_at_s
    assert waits == [1, 5.5, 30]
    assert step.reason == DENIED


def test_a_changed_permission_looks_again_at_once():
    step = rule.denied(changed("closed"), mark(), 50.0, LIMITS)
    assert isinstance(step, Wait)
    again = rule.after_change(step.candidate, "attrib", 50.2, LIMITS)
    assert again is not None
    assert (again.due_at_s, again.refusals) == (50.2, 0)


def test_a_touched_file_that_nobody_waits_for_gets_a_look():
    assert changed("attrib").phase == "seen"


def test_a_touch_does_not_end_the_wait_for_a_close():
    assert changed("modified", "attrib").phase == "writing"


HINTS = st.sampled_from(["created", "modified", "closed", "moved", "attrib", "seen"])


@given(st.lists(st.tuples(HINTS, st.floats(0, 5)), min_size=1, max_size=20), st.floats(0, 200))
def test_nothing_is_read_sooner_than_its_quiet_time_after_the_last_change(changes, wait_s):
    now_s, candidate = 0.0, None
    for change, later_s in changes:
        now_s += later_s
        candidate = rule.after_change(candidate, change, now_s, LIMITS)
    if candidate is None:
        return
    step = examined(candidate, a_file(mark()), now_s + wait_s)
    if isinstance(step, Read):
        assert now_s + wait_s >= candidate.same_since_s + rule.quiet_time_s(candidate.phase, LIMITS)
    assert candidate.same_since_s <= now_s


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_however_a_file_changes_between_looks_it_is_read_only_after_two_equal_ones(sizes):
    now_s = 0.0
    candidate = rule.seen(mark(sizes[0]), now_s, LIMITS)
    before = sizes[0]
    for size in sizes[1:]:
        now_s = candidate.due_at_s
        step = examined(candidate, a_file(mark(size)), now_s)
        assert isinstance(step, Read) == (size == before)
        if isinstance(step, Read):
            return
        candidate, before = step.candidate, size


@given(st.builds(Candidate, st.sampled_from(["created", "writing", "closed", "moved", "seen"]), st.just(0.0),
                 st.floats(0, 10), st.floats(0, 10)), st.integers(0, 10**8), st.floats(0, 1000))  # fmt: skip
def test_every_wait_lies_in_the_future_and_ends(candidate, size, now_s):
    now_s = max(now_s, candidate.same_since_s)
    step = examined(candidate, a_file(mark(size)), now_s)
    for _ in range(4):
        if not isinstance(step, Wait):
            return
        assert step.candidate.due_at_s > now_s
        now_s = step.candidate.due_at_s
        step = examined(replace(step.candidate), a_file(mark(size)), now_s)
    raise AssertionError("it waits for ever")
