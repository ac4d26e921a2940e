"""Whose turn it is: places are bounded and shared, pauses hold one host alone, and no URL is lost or ended twice."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.models import ProblemCode
from importer.problems import problem
from importer.validator.chains import RedirectChain, Retry, Step
from importer.validator.host_queue import HostQueue
from tests.validator.hop_record import OK, Record, address, busy_host, scheduled, taking, urls

HOSTS = ("a.example", "b.example", "c.example")


def test_all_places_are_used_and_no_more() -> None:
    wanted = [url for number in range(12) for url in urls(f"{number}.example", 20)]
    record = scheduled(wanted, taking(1.0), per_host=4)
    assert record.most[""] == 8
    assert sum(record.at(10.5, f"{number}.example") for number in range(12)) == 8
    assert sorted(record.settled) == sorted(wanted)


def test_a_host_gets_no_more_than_its_own_places_over_all_its_ports() -> None:
    wanted = [f"http://a.example:{port}/{number}" for number in range(60) for port in (80, 8080, 8081)]
    record = scheduled(wanted, taking(1.0), per_host=4)
    assert record.most["a.example"] == 4
    assert len(record.settled) == 180
    assert len({visit.url.rpartition("/")[0] for visit in record.visits if visit.began > 10}) == 3


def test_one_port_of_a_host_waits_for_the_other_and_is_not_forgotten() -> None:
    record = scheduled(
        [f"http://a.example:{port}/{number}" for port in (80, 8080) for number in range(5)], taking(1.0), per_host=1
    )
    assert record.most["a.example"] == 1
    assert len(record.settled) == 10


def test_a_host_that_has_not_answered_is_asked_one_address_at_a_time_and_then_one_more_with_each_answer() -> None:
    record = scheduled(urls("a.example", 60), taking(1.0), per_host=6)
    assert [record.at(second + 0.5, "a.example") for second in range(6)] == [1, 2, 4, 6, 6, 6]


def test_hosts_that_have_not_answered_take_at_most_half_of_the_places() -> None:
    """Ten silent hosts never hold more than four of eight places, and the living host goes on in the others."""
    silent = [f"silent-{number}.example" for number in range(10)]
    seconds = dict.fromkeys(silent, 500.0) | {"a.example": 1.0}
    record = scheduled([*urls("a.example", 300), *(url for host in silent for url in urls(host, 1))], taking(seconds))
    for second in range(5, 70):
        assert sum(record.at(second + 0.5, host) for host in silent) == 4
        assert record.at(second + 0.5, "a.example") == 4
    assert record.of("a.example")[-1].began < 90


def test_untried_hosts_come_before_those_that_have_answered() -> None:
    """An address leads to an untried host, which is asked at once although 90 others of the first one wait."""

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(1.0)
        return address("http://b.example/late") if chain.address.url == "http://a.example/9.jpg" else OK

    record = scheduled(urls("a.example", 100), answer, concurrency=2)
    moved = next(visit for visit in record.visits if visit.url == "http://a.example/9.jpg")
    assert record.of("b.example")[0].began == moved.ended


def test_the_places_are_shared_evenly_until_one_host_is_done() -> None:
    record = scheduled([*urls("a.example", 200), *urls("b.example", 60)], taking(1.0))
    assert [record.at(8.5, host) for host in HOSTS[:2]] == [4, 4]
    done = record.of("b.example")[-1].ended
    assert done is not None
    assert record.at(done + 2.5, "a.example") == 8


def test_a_slow_host_gets_no_more_places_than_a_fast_one() -> None:
    """Places that went by turns alone would nearly all end at the slow host, which keeps them ten times as long."""
    record = scheduled([*urls("a.example", 200), *urls("b.example", 400)], taking({"a.example": 5.0, "b.example": 0.5}))
    assert [record.at(40.2, host) for host in HOSTS[:2]] == [4, 4]


def test_an_untried_host_takes_no_share_from_those_that_have_answered() -> None:
    seconds = {"a.example": 1.0, "b.example": 500.0}
    record = scheduled([*urls("b.example", 2), *urls("a.example", 200)], taking(seconds))
    assert record.at(10.5, "a.example") == 7


def test_a_redirect_begins_anew_at_the_other_host() -> None:
    seen: list[tuple[str, int, int, object]] = []

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        seen.append((queue.host, chain.retries, chain.pauses, chain.problem))
        if queue.host == "b.example":
            return OK
        if chain.problem is None:
            chain.retries, chain.pauses = 2, 1
            return Retry(0.5, problem(ProblemCode.HTTP_ERROR))
        return address("http://b.example/x")

    record = scheduled(["http://a.example/x"], answer)
    assert seen[0] == ("a.example", 0, 0, None)
    assert seen[1] == ("a.example", 2, 1, problem(ProblemCode.HTTP_ERROR))
    assert seen[2:] == [("b.example", 0, 0, None)]
    assert record.settled == ["http://a.example/x"]


def test_one_address_that_is_to_be_asked_again_lets_the_others_go_meanwhile() -> None:
    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(0.1)
        if chain.url.endswith("/0.jpg") and chain.problem is None:
            return Retry(7.0, problem(ProblemCode.HTTP_ERROR))
        return OK

    record = scheduled(urls("a.example", 20), answer, per_host=2)
    first, *others, again = record.visits
    assert first.url == again.url
    assert again.began == pytest.approx(7.1)
    assert others[-1].began < 2
    assert record.settled[-1] == first.url


def test_a_pause_holds_its_host_alone_and_another_address_goes_first_afterwards() -> None:
    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(0.1)
        if chain.url == "http://a.example/2.jpg" and chain.problem is None:
            chain.refusal = busy_host().problem  # the host asks to be left alone
            return busy_host()
        return OK

    record = scheduled([*urls("a.example", 20), *urls("b.example", 30)], answer, concurrency=2, per_host=1)
    refused = next(visit for visit in record.visits if visit.url == "http://a.example/2.jpg")
    assert refused.ended is not None
    later = [visit for visit in record.of("a.example") if visit.began >= refused.ended]
    assert later[0].url != refused.url
    assert later[-1].url == refused.url
    assert later[0].began == pytest.approx(refused.ended + 5.0)
    assert record.of("b.example")[-1].began < later[0].began
    assert len(record.settled) == 50


@pytest.mark.parametrize("waits", [(5.0, 2.0), (2.0, 5.0), (3.0, 3.0)])
def test_of_two_pauses_the_longer_one_counts(waits: tuple[float, float]) -> None:
    """Two refusals of requests that were under way together, the second one 0.2 seconds after the first."""
    refused = dict(zip(urls("a.example", 9)[7:], waits, strict=True))

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(1.2 if chain.url.endswith("/8.jpg") else 1.0)
        if chain.url in refused and chain.problem is None:
            return replace(busy_host(), seconds=refused[chain.url])
        return OK

    record = scheduled(urls("a.example", 40), answer, per_host=2)
    ends = [visit.ended or 0.0 for visit in record.visits if visit.url in refused][:2]
    assert ends[1] == pytest.approx(ends[0] + 0.2)
    after = [visit.began for visit in record.visits if visit.began >= ends[1]]
    assert after[0] == pytest.approx(max(end + wait for end, wait in zip(ends, waits, strict=True)))
    assert len(record.settled) == 40


def test_a_stop_during_a_pause_ends_at_once_and_leaves_the_rest_without_finding() -> None:
    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(0.5)
        return replace(busy_host(), seconds=3600.0) if chain.url.endswith("/3.jpg") else OK

    async def beside(record: Record) -> None:
        await asyncio.sleep(20)
        record.stop.set()

    record = scheduled(urls("a.example", 10), answer, per_host=1, beside=beside)
    assert record.seconds == pytest.approx(20)
    assert record.settled == urls("a.example", 3)


def test_after_a_stop_nothing_is_asked_any_more_but_what_is_under_way_gets_its_finding() -> None:
    async def beside(record: Record) -> None:
        await asyncio.sleep(10.5)
        record.stop.set()

    record = scheduled(urls("a.example", 200), taking(1.0), beside=beside)
    assert record.seconds == pytest.approx(11.0)
    assert record.visits[-1].began < 10.5
    assert len(record.settled) == len(record.visits)


def test_many_addresses_of_a_host_put_aside_starve_nobody_else() -> None:
    turns = 0

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        chain.answered = None
        return OK

    async def beside(record: Record) -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    record = scheduled(urls("a.example", 50_000), answer, beside=beside)
    assert len(record.settled) == 50_000
    assert turns > 50


def test_an_error_of_the_program_ends_the_run_and_hangs_nothing() -> None:
    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(1.0)
        if chain.url == "http://a.example/9.jpg":
            raise ZeroDivisionError
        return OK

    with pytest.raises(ExceptionGroup) as caught:
        scheduled([*urls("a.example", 50), *urls("b.example", 50)], answer)
    assert caught.group_contains(ZeroDivisionError)


def test_nothing_to_do_is_done_at_once() -> None:
    assert scheduled([], taking(1.0)).settled == []


STEPS = st.sampled_from(["ok", "ok", "bad", "silent", "lost", "retry", "pause", "move", "aside"])


@settings(deadline=None)
@given(
    script=st.lists(st.tuples(STEPS, st.sampled_from([0.0, 0.1, 0.3, 2.0])), min_size=1, max_size=60),
    counts=st.tuples(*[st.integers(0, 25)] * 3),
    concurrency=st.integers(1, 9),
    per_host=st.integers(1, 6),
)
def test_whatever_hosts_do_every_chain_comes_to_one_end(
    script: list[tuple[str, float]], counts: tuple[int, int, int], concurrency: int, per_host: int
) -> None:
    told = iter(script * 50)
    tries: Counter[str] = Counter()

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        tries[chain.url] += 1
        trouble = problem(ProblemCode.READ_TIMEOUT)
        if queue.aside is not None:
            chain.answered = None
            return replace(OK, problem=queue.aside)
        kind, seconds = next(told, ("ok", 0.0)) if tries[chain.url] < 6 else ("ok", 0.0)
        await asyncio.sleep(seconds)
        chain.answered = kind != "silent"
        if kind == "aside":
            queue.aside = trouble
        steps: dict[str, Step] = {
            "ok": OK,
            "bad": replace(OK, problem=problem(ProblemCode.HTTP_NOT_FOUND)),
            "lost": Retry(seconds, problem(ProblemCode.CONNECTION_LOST)),
            "retry": Retry(seconds, problem(ProblemCode.HTTP_ERROR)),
            "pause": Retry(seconds, problem(ProblemCode.HTTP_ERROR), whole_host=True),
            "move": address(f"http://{HOSTS[len(tries) % 3]}:{80 + len(tries) % 2}/moved"),
        }
        return steps.get(kind, replace(OK, problem=trouble))

    wanted = [url for host, count in zip(HOSTS, counts, strict=True) for url in urls(host, count)]
    record = scheduled(wanted, answer, concurrency=concurrency, per_host=per_host)
    assert sorted(record.settled) == sorted(wanted)
    assert record.most[""] <= concurrency
    assert all(record.most[host] <= per_host for host in HOSTS)
