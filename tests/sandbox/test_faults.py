"""Random failures, and the kinds that scripted ones in test_gate do not show."""

import http.client
import json
import time
from collections import Counter

import pytest

from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.sandbox.faults import Faults
from importer.sandbox.settings import FAULT_KINDS, LASTING_KINDS
from tests.sandbox.conftest import GOOD, StoreClient


def drawn(count: int = 2_000, **settings: object) -> list[str]:
    faults = Faults(SandboxSettings(**{"fault_share": 0.2, "fault_seed": 1} | settings))  # type: ignore[arg-type]
    return [faults.next(method) for method in ("GET", "POST", "PUT", "DELETE") * (count // 4)]


def test_the_same_seed_draws_the_same_failures() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(fault_seed=2)


def test_random_failures_are_about_as_many_as_asked_for_and_of_every_passing_kind() -> None:
    kinds = drawn()
    assert 300 < sum(map(bool, kinds)) < 500
    assert set(kinds) - {""} == FAULT_KINDS - LASTING_KINDS
    assert set(drawn(fault_kinds=("500", "403"))) == {"", "500", "403"}
    assert set(drawn(fault_share=0.0)) == {""}
    assert set(drawn(fault_share=1.0, fault_kinds=("late",))) == {"late"}


def test_a_scripted_failure_comes_before_a_random_one() -> None:
    faults = Faults(SandboxSettings(fault_share=1.0, fault_kinds=("500",), faults=(Fault(2, "503"),)))
    assert [faults.next("POST") for _ in range(3)] == ["500", "503", "500"]


def test_random_failures_meet_every_method() -> None:
    with Sandbox(SandboxSettings(fault_share=1.0, fault_seed=3, fault_kinds=("503",))) as sandbox:
        store = StoreClient(sandbox)
        calls = (("GET", ""), ("POST", "/images"), ("PUT", "/images/1"), ("DELETE", "/images/1"))
        statuses = Counter(store.call(method, f"/products/1101{path}", {}).status for method, path in calls)
        assert statuses == {503: 4}


def test_a_429_with_headers_says_when_to_come_back_and_costs_no_quota() -> None:
    with Sandbox(SandboxSettings(quota=5, faults=(Fault(2, "429_headers", "GET"),))) as sandbox:
        store = StoreClient(sandbox)
        replies = [store.get("/products?id=1101") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 429, 200]
        assert [reply.headers["X-Rate-Limit-Requests-Left"] for reply in replies] == ["4", "4", "3"]
        assert 0 < int(replies[1].headers["X-Retry-After"]) <= 30
        assert [(window.used, window.refused) for window in sandbox.windows()] == [(2, 0)]


def test_a_500_that_speaks_of_the_limit_stores_nothing() -> None:
    with Sandbox(SandboxSettings(faults=(Fault(1, "500_limit"),))) as sandbox:
        reply = StoreClient(sandbox).post(1101, image_url=f"{GOOD}/x.jpg")
        assert reply.status == 500
        assert "rate limit" in reply.body["title"]
        assert sandbox.images(1101) == []


def test_a_late_answer_is_as_late_as_told() -> None:
    with Sandbox(SandboxSettings(late_seconds=0.3, faults=(Fault(1, "late"),))) as sandbox:
        started = time.monotonic()
        assert StoreClient(sandbox).post(1101, image_url=f"{GOOD}/x.jpg").status == 200
        assert 0.3 <= time.monotonic() - started < 2.5


def test_a_batch_is_carried_out_though_its_answer_is_lost() -> None:
    """What happens after storing happens to every method."""
    with Sandbox(SandboxSettings(faults=(Fault(1, "reset_after", "PUT"),))) as sandbox:
        body = json.dumps([{"id": 1101, "images": [{"image_url": f"{GOOD}/x.jpg"}]}]).encode()
        with pytest.raises((ConnectionError, http.client.HTTPException, OSError)):
            StoreClient(sandbox).call("PUT", "/products", body)
        assert len(sandbox.images(1101)) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"fault_kinds": ("599",)}, "no fault"),
        ({"fault_share": 1.5}, "share"),
        ({"other_share": 1.0}, "share"),
        ({"other_share": 0.3, "quota": 10**7}, "quota of at most"),
        ({"quota_changes": ((1, 0),)}, "above 0"),
        ({"outage": (1, 0.0)}, "seconds"),
        ({"late_seconds": -1.0}, "seconds"),
        ({"lose_thumbnail": True, "two_thumbnails": True}, "thumbnail"),
    ],
)
def test_settings_that_make_no_sense_are_mistakes(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SandboxSettings(**settings)  # type: ignore[arg-type]
