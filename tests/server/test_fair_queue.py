"""Whose work is next: a flood of one person's delays another's by no more than what runs."""

from apps.server.fair_queue import URGENT_SECONDS, FairQueue


def serve(queue, count, seconds=1.0):
    """Serve jobs one after another, each of which takes the seconds; return them."""
    served = []
    for _ in range(count):
        owner, job = queue.take()
        served.append(job)
        queue.done(owner, seconds)
    return served


def filled(*jobs, each=1):
    queue = FairQueue(each)
    for job in jobs:
        queue.put(job[0], job, job.endswith("!"))
    return queue


def test_a_flood_waits_for_whoever_came_later():
    assert serve(filled("a1", "a2", "a3", "b1"), 3) == ["a1", "b1", "a2"]


def test_urgent_work_goes_first():
    assert serve(filled("a1", "b1", "c1!"), 2) == ["c1!", "a1"]


def test_urgency_is_no_use_to_a_flood():
    """Claimed again and again, it is worth a quarter of a second, once."""
    queue = filled("a1!", "b1")
    served = []
    for number in range(2, 12):
        queue.put("a", f"a{number}!", True)
        served += serve(queue, 1, URGENT_SECONDS / 2)
    assert "b1" in served[:4]


def test_who_was_quiet_is_owed_nothing_and_owes_nothing():
    queue = filled("a1", "a2", "a3", "b1")
    serve(queue, 4)
    assert queue.take() is None
    for job in ("a4", "b2", "a5"):
        queue.put(job[0], job, False)
    assert serve(queue, 3) == ["a4", "b2", "a5"]


def test_one_owner_has_one_job_running():
    queue = filled("a1", "a2", "b1")
    first, _job = queue.take()
    assert queue.take()[1] == "b1"
    assert queue.take() is None
    queue.done(first, 1.0)
    assert queue.take()[1] == "a2"


def test_a_thousand_addresses_share_what_one_person_does_not_use():
    jobs = [f"{chr(0x4E00 + number)}{turn}" for turn in range(2) for number in range(1000)]
    queue = filled(*jobs, "a1")
    assert set(serve(queue, 1001)) == {*jobs[:1000], "a1"}
