"""What a host's answers teach: it gets more at once while it bears it, less where it does not, nothing once silent."""

from dataclasses import replace

import pytest

from importer.models import ProblemCode, UrlFinding
from importer.problems import problem
from importer.validator.chains import RedirectChain, Retry, Step
from importer.validator.host_queue import HostQueue
from tests.validator.hop_record import address

OK = UrlFinding()
MISSING = UrlFinding(problem(ProblemCode.HTTP_NOT_FOUND))
LOST = UrlFinding(problem(ProblemCode.CONNECTION_LOST))
SILENT = UrlFinding(problem(ProblemCode.READ_TIMEOUT))
MOVED = address("http://b.example/x")
ALL_PLACES = 1000


class Lesson:
    """A host with work enough, and a clock that goes on by one second with each answer."""

    def __init__(self, per_host: int = 32) -> None:
        self.queue = HostQueue("a.example", per_host)
        self.queue.chains.append(RedirectChain("http://a.example/x", address("http://a.example/x"), 60.0))
        self.now = 0.0
        self.asked = 0

    def learn(self, step: Step, times: int = 1, *, lasted: float = 0.5) -> None:
        for _ in range(times):
            self.now += 1.0
            chain = self.another()
            chain.answered = step is not SILENT
            self.queue.learn(chain, step, self.now - lasted, self.now)

    def refused(self, step: Step, times: int = 1, *, lasted: float = 0.5) -> None:
        for _ in range(times):
            self.now += 1.0
            chain = self.another()
            chain.answered = True
            chain.refusal = MISSING.problem
            self.queue.learn(chain, step, self.now - lasted, self.now)

    def another(self) -> RedirectChain:
        """A further address of the host."""
        self.asked += 1
        url = f"http://a.example/{self.asked}"
        return RedirectChain(url, address(url), 60.0)

    def pause(self, seconds: float, *, lasted: float = 0.5) -> float:
        self.now += 1.0
        return self.queue.pause(self.now - lasted, self.now, seconds)

    def aside(self) -> str:
        """Why nothing more is asked of the host, empty where it is."""
        return self.queue.aside.detail if self.queue.aside else ""

    @property
    def limit(self) -> int:
        """How many addresses of the host may be asked at once."""
        return limit(self.queue, ALL_PLACES)


def limit(queue: HostQueue, share: int) -> int:
    queue.busy = 0
    while queue.open(share):
        queue.busy += 1
    return queue.busy


def proven(per_host: int = 32) -> Lesson:
    """A host that has earned all its places."""
    lesson = Lesson(per_host)
    lesson.learn(OK, per_host)
    assert lesson.limit == per_host
    return lesson


def test_each_answer_lets_one_more_in_at_a_time_up_to_the_bound() -> None:
    lesson = Lesson(per_host=5)
    limits = [lesson.limit]
    for _ in range(7):
        lesson.learn(OK)
        limits.append(lesson.limit)
    assert limits == [1, 2, 3, 4, 5, 5, 5, 5]


@pytest.mark.parametrize("step", [OK, MISSING, MOVED, Retry(0.5, MISSING.problem or problem(ProblemCode.HTTP_ERROR))])
def test_any_answer_proves_that_somebody_is_there(step: Step) -> None:
    lesson = Lesson()
    lesson.learn(step)
    assert lesson.queue.proven
    assert lesson.queue.healthy is (step is OK)
    assert lesson.limit == 2


def test_a_host_that_has_answered_nothing_is_asked_one_address_at_a_time() -> None:
    lesson = Lesson()
    lesson.learn(SILENT, 2)
    assert not lesson.queue.proven
    assert lesson.limit == 1


def test_no_host_gets_more_than_its_share_of_all_places() -> None:
    assert limit(proven().queue, 7) == 7


@pytest.mark.parametrize(
    "code", [ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED, ProblemCode.READ_TIMEOUT], ids=str
)
def test_a_host_that_cannot_bear_it_gets_half_down_to_one(code: ProblemCode) -> None:
    lesson = proven(16)
    limits = []
    for _ in range(6):
        lesson.learn(UrlFinding(problem(code)))
        limits.append(lesson.limit)
    assert limits == [8, 4, 2, 1, 1, 1]


def test_a_host_that_says_no_is_not_slowed_down() -> None:
    lesson = proven()
    lesson.learn(MISSING, 50)
    assert lesson.limit == 32


def test_attempts_that_began_before_the_last_cut_do_not_cut_again() -> None:
    lesson = proven()
    lesson.learn(LOST)
    lesson.learn(LOST, 20, lasted=30.0)
    assert lesson.limit == 16
    lesson.learn(LOST)
    assert lesson.limit == 8


def test_after_a_cut_every_tenth_good_answer_lets_one_more_in() -> None:
    lesson = proven()
    lesson.learn(LOST)
    lesson.learn(OK, 9)
    assert lesson.limit == 16
    lesson.learn(OK)
    assert lesson.limit == 17
    lesson.learn(OK, 19)
    assert lesson.limit == 18
    lesson.learn(OK, 1000)
    assert lesson.limit == 32


def test_three_silences_in_a_row_put_a_host_aside_that_never_answered() -> None:
    lesson = Lesson()
    lesson.learn(SILENT, 2)
    assert not lesson.aside()
    lesson.learn(SILENT)
    assert lesson.aside() == "a.example did not answer 3 times in a row, so this address was not tried."
    assert lesson.queue.aside == problem(ProblemCode.READ_TIMEOUT, lesson.aside())


def test_eight_silences_in_a_row_put_a_living_host_aside() -> None:
    lesson = proven()
    lesson.learn(SILENT, 7)
    assert not lesson.aside()
    lesson.learn(OK)
    lesson.learn(SILENT, 7)
    assert not lesson.aside()
    lesson.learn(SILENT)
    assert "8 times in a row" in lesson.aside()


def test_silences_that_began_before_the_last_answer_do_not_count() -> None:
    lesson = proven()
    lesson.learn(SILENT, 50, lasted=100.0)
    assert not lesson.aside()
    lesson.learn(SILENT, 8)
    assert lesson.aside()


def test_an_answer_takes_back_a_host_that_was_put_aside_for_its_silence() -> None:
    lesson = proven()
    lesson.learn(SILENT, 8)
    lesson.learn(OK)
    assert not lesson.aside()
    lesson.learn(SILENT, 7)
    assert not lesson.aside()


def test_an_answer_does_not_take_back_a_host_that_was_put_aside_for_another_reason() -> None:
    lesson = proven()
    lesson.queue.aside = problem(ProblemCode.HTTP_ERROR)
    lesson.learn(OK)
    assert lesson.aside()


def test_nothing_is_asked_during_a_pause() -> None:
    lesson = proven()
    until = lesson.pause(5.0)
    assert until == lesson.now + 5.0
    assert lesson.limit == 0
    assert lesson.queue.resume(until)
    assert lesson.limit == 16


def test_a_pause_is_not_over_while_a_longer_one_lasts() -> None:
    lesson = proven()
    long, short = lesson.pause(9.0), lesson.pause(2.0)
    assert not lesson.queue.resume(short)
    assert lesson.limit == 0
    assert lesson.queue.resume(long)
    assert lesson.limit > 0


def test_a_host_bears_three_pauses_in_a_row_and_a_good_answer_begins_anew() -> None:
    lesson = proven()
    for bears in (True, True, False):
        lesson.queue.resume(lesson.pause(1.0))
        lesson.learn(MISSING)
        assert lesson.queue.bears_pauses is bears
    lesson.learn(OK)
    assert lesson.queue.bears_pauses
    for bears in (True, True, False):
        lesson.queue.resume(lesson.pause(1.0))
        assert lesson.queue.bears_pauses is bears


def test_refusals_of_requests_that_were_under_way_together_are_one_pause_and_one_cut() -> None:
    lesson = proven()
    until = max(lesson.pause(5.0, lasted=50.0 if number else 0.5) for number in range(10))
    assert lesson.queue.bears_pauses
    assert lesson.queue.resume(until)
    assert lesson.limit == 16


def test_a_host_may_make_us_wait_for_five_minutes_in_all() -> None:
    lesson = proven()
    for seconds in (100.0, 100.0, 99.0):
        assert lesson.queue.bears_pauses
        lesson.now = lesson.pause(seconds)
        lesson.queue.resume(lesson.now)
        lesson.learn(OK)
    assert lesson.queue.bears_pauses
    lesson.pause(1.0)
    assert not lesson.queue.bears_pauses


def test_pauses_that_overlap_count_only_once_as_time_waited() -> None:
    lesson = proven()
    lesson.pause(200.0)
    lesson.pause(200.0)
    lesson.pause(50.0)
    lesson.learn(OK)
    assert lesson.queue.bears_pauses
    lesson.pause(298.0)
    lesson.learn(OK)
    assert not lesson.queue.bears_pauses


def test_a_host_without_work_is_not_open() -> None:
    queue = proven().queue
    queue.chains.clear()
    assert not queue.open(ALL_PLACES)


def test_a_trouble_of_the_file_is_no_trouble_of_the_host() -> None:
    lesson = proven()
    lesson.learn(replace(OK, problem=problem(ProblemCode.NOT_AN_IMAGE)), 9)
    assert (lesson.limit, lesson.aside()) == (32, "")


def test_refusals_that_come_late_earn_no_places() -> None:
    lesson = proven()
    lesson.refused(Retry(1.0, problem(ProblemCode.HTTP_ERROR), whole_host=True), 30, lasted=100.0)
    lesson.pause(1.0, lasted=0.1)
    lesson.queue.resume(lesson.now + 100.0)
    assert lesson.limit == 16
    lesson.refused(replace(MISSING, http_status=429), 30, lasted=100.0)
    assert lesson.limit == 16


def test_silence_does_not_take_the_place_of_a_refusal() -> None:
    lesson = proven()
    lesson.queue.aside = problem(ProblemCode.HTTP_ERROR, "It wants an hour.")
    lesson.learn(SILENT, 20)
    lesson.learn(OK)
    assert lesson.aside() == "It wants an hour."
