from triggers.folder.supervisor import ScanSchedule


def scanned(schedule, now_s, took_s=0.0, *, is_observed=True):
    schedule.scanned(now_s, took_s, is_observed=is_observed)
    return schedule.next_at_s - now_s


def test_an_observed_root_is_scanned_every_rescan_and_another_every_few_seconds():
    assert scanned(ScanSchedule(30.0), 100.0) == 30.0
    assert scanned(ScanSchedule(30.0), 100.0, is_observed=False) == 2.0
    assert scanned(ScanSchedule(0.5), 100.0, is_observed=False) == 0.5


def test_a_slow_scan_takes_a_twentieth_of_the_time_at_most():
    assert scanned(ScanSchedule(30.0), 100.0, took_s=5.0) == 100.0
    assert scanned(ScanSchedule(30.0), 100.0, took_s=0.3, is_observed=False) == 6.0


def test_after_an_overflow_changes_count_as_lost_until_the_last_of_three_scans():
    schedule, waits = ScanSchedule(30.0), []
    schedule.next_at_s = 130.0
    schedule.overflowed(100.0)
    while schedule.has_lost_changes:
        waits.append(schedule.next_at_s - 100.0)
        schedule.scanned(schedule.next_at_s, 0.0, is_observed=True)
    assert waits == [0.5, 3.0, 10.0]


def test_a_root_that_could_not_be_listed_is_looked_at_again_in_two_seconds():
    schedule = ScanSchedule(30.0)
    schedule.failed(100.0)
    assert schedule.next_at_s == 102.0
