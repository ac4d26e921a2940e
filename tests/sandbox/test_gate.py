"""Token, quota, records and scripted failures."""

import http.client
import json
import threading
import time

import pytest

from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.sandbox.settings import FAULT_KINDS
from tests.sandbox.conftest import GOOD, StoreClient

RATE_HEADERS = {
    "X-Rate-Limit-Time-Window-Ms",
    "X-Rate-Limit-Time-Reset-Ms",
    "X-Rate-Limit-Requests-Quota",
    "X-Rate-Limit-Requests-Left",
}


def test_only_the_right_token_for_the_right_store_opens(store: StoreClient) -> None:
    other = "/stores/another/v3/catalog"
    for headers, base in (({"X-Auth-Token": "wrong"}, ""), ({"X-Auth-Token": ""}, ""), ({}, other)):
        reply = store.call("GET", "/products", headers=headers, base=base)
        assert reply.status == 401
        assert {"status", "title", "type"} <= set(reply.body)


def test_every_answer_tells_the_quota_and_a_request_id(store: StoreClient) -> None:
    replies = [
        store.get("/products?id=1101"),
        store.get("/nothing"),
        store.call("GET", "/", headers={"X-Auth-Token": ""}),
    ]
    assert all(reply.headers.keys() >= RATE_HEADERS | {"X-Request-ID"} for reply in replies)
    assert len({reply.headers["X-Request-ID"] for reply in replies}) == 3


def test_past_the_quota_is_429_until_the_window_is_over() -> None:
    """The window is fixed: it starts with its first request, and waiting for its end is enough."""
    with Sandbox(SandboxSettings(quota=2, window_ms=900)) as sandbox:
        store = StoreClient(sandbox)
        replies = [store.get("/products?id=1101") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.headers["X-Rate-Limit-Requests-Left"] for reply in replies] == ["1", "0", "0"]
        refused = replies[2]
        assert refused.headers["X-Rate-Limit-Requests-Quota"] == "2"
        assert refused.headers["X-Retry-After"] == "1"
        reset = int(refused.headers["X-Rate-Limit-Time-Reset-Ms"])
        assert 0 < reset <= 900
        time.sleep(reset / 1000 + 0.01)
        assert store.get("/products?id=1101").status == 200


def posted(kind: str) -> tuple[http.client.HTTPResponse | None, bytes, Sandbox, float]:
    """One POST that meets a fault: the answer if there was one, its body, and the seconds it took."""
    with Sandbox(SandboxSettings(faults=(Fault(1, kind),), late_seconds=0.5)) as sandbox:
        connection = StoreClient(sandbox).connection()
        started = time.monotonic()
        try:
            connection.request(
                "POST",
                f"/stores/{sandbox.store_hash}/v3/catalog/products/1101/images",
                json.dumps({"image_url": f"{GOOD}/x.jpg"}),
                {"X-Auth-Token": sandbox.access_token},
            )
            answer = connection.getresponse()
            return answer, answer.read(), sandbox, time.monotonic() - started
        except (ConnectionError, http.client.HTTPException, OSError):
            return None, b"", sandbox, time.monotonic() - started
        finally:
            connection.close()


@pytest.mark.parametrize("kind", ["500", "502_html", "503", "504", "429_bare", "401", "403"])
def test_faults_that_answer_instead_store_nothing(kind: str) -> None:
    answer, body, sandbox, _ = posted(kind)
    assert answer is not None
    assert answer.status == int(kind[:3])
    assert sandbox.images(1101) == []
    assert (body.startswith(b"<html>")) == (kind == "502_html")
    assert (answer.headers["X-Rate-Limit-Requests-Left"] is None) == (kind == "429_bare")
    if kind == "504":
        assert {**json.loads(body), "type": ""} == {"status": 504, "title": "", "type": "", "errors": {}}


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", 0), ("reset_after", 1)])
def test_faults_that_cut_the_connection(kind: str, stored: int) -> None:
    answer, _, sandbox, _ = posted(kind)
    assert answer is None
    assert len(sandbox.images(1101)) == stored
    assert [record.status for record in sandbox.requests()] == [0]


@pytest.mark.parametrize("kind", ["truncated_json", "empty_200", "late"])
def test_faults_that_store_and_then_spoil_the_answer(kind: str) -> None:
    answer, body, sandbox, seconds = posted(kind)
    assert answer is not None
    assert answer.status == 200
    assert len(sandbox.images(1101)) == 1
    assert (seconds >= 0.5) or kind != "late"
    if kind != "late":
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)


def test_faults_count_by_method_and_a_revoked_token_stays_revoked() -> None:
    faults = (Fault(2, "500", "GET"), Fault(1, "401", "POST"))
    with Sandbox(SandboxSettings(faults=faults)) as sandbox:
        store = StoreClient(sandbox)
        assert [store.get("/products?id=1101").status for _ in range(3)] == [200, 500, 200]
        assert store.post(1101, image_url=f"{GOOD}/x.jpg").status == 401
        assert store.get("/products?id=1101").status == 401


def test_an_unknown_fault_is_a_mistake() -> None:
    assert "late" in FAULT_KINDS
    with pytest.raises(ValueError, match="no fault"):
        Fault(1, "599")
    with pytest.raises(ValueError, match="from 1"):
        Fault(0, "500")
    with pytest.raises(ValueError, match="above 0"):
        SandboxSettings(quota=0)
    with pytest.raises(ValueError, match="port"):
        SandboxSettings(port=70_000)


def test_records_tell_what_was_under_way_at_once() -> None:
    """Two writes on one product at once are seen as two, a read counts only towards the total."""
    with Sandbox(SandboxSettings(latency_ms=300)) as sandbox:
        store = StoreClient(sandbox)
        threads = [
            threading.Thread(target=store.post, args=(product,), kwargs={"image_url": f"{GOOD}/x.jpg"})
            for product in (1101, 1101, 1102)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.get("/products?id=1101&limit=3")
        *writes, read = sandbox.requests()
        assert sorted((record.product_id, record.in_flight_same_product) for record in writes) == [
            (1101, 1),
            (1101, 2),
            (1102, 1),
        ]
        assert [record.peak for record in writes] == [1, 2, 3]
        assert {record.status for record in writes} == {200}
        assert (read.method, read.product_id, read.in_flight_same_product, read.peak) == ("GET", None, 0, 1)
        assert read.path.endswith("/v3/catalog/products?id=1101&limit=3")
        assert read.received > writes[-1].received


def test_a_client_that_asks_first_is_told_to_go_on(store: StoreClient, product: int) -> None:
    """RFC 9110, 10.1.1: with `Expect: 100-continue` the body comes only after the store's word."""
    body = json.dumps({"image_url": f"{GOOD}/x.jpg"}).encode()
    connection = store.connection()
    connection.connect()
    assert connection.sock is not None
    connection.sock.sendall(
        f"POST {store.base}/products/{product}/images HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        f"X-Auth-Token: {store.sandbox.access_token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sock.sendall(body)
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    connection.close()


def test_paths_with_ids_that_no_store_has_are_unknown(store: StoreClient) -> None:
    for path in (
        f"/products/{'9' * 19}",
        "/products/1101/",
        "/products//images",
        "/products/{}",
        "/products/1101/videos",
    ):
        assert store.get(path).status == 404
    assert store.call("DELETE", "/products/1101/variants").status == 405
