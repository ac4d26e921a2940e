"""The official Python client (`bigcommerce` on PyPI) in a loop. It runs in an environment of its own, so alone.

The client speaks to one API version, so its connection is made with the path of the one that takes pictures, and with
its own management of the quota: it pauses after an answer that tells no more than two requests left.
"""

import json
import re
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

_MANAGEMENT = {"min_requests_remaining": 2, "wait": True, "callback_function": None}


def main() -> None:
    """Send the pictures that the question on standard input names; tell the figures on standard output."""
    asked = json.loads(sys.stdin.read())
    door = asked["door"]
    connection: Any = import_module("bigcommerce.connection").OAuthConnection(
        "importer-benchmark",
        door["store_hash"],
        door["access_token"],
        host=urlsplit(door["api_url"]).netloc,
        api_path="/stores/{}/v3/{}",
        rate_limiting_management=_MANAGEMENT,
    )
    good = 0
    start, start_cpu = perf_counter(), process_time()
    for product, position, url in asked["pictures"]:
        body = {"image_url": url, "description": "A mug on a white table", "sort_order": position}
        answer = connection.post(f"catalog/products/{product}/images", body)
        good += bool(answer["data"]["id"])
    loop, cpu = perf_counter() - start, process_time() - start_cpu
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    megabytes = int(peak[1]) * 1024 / 1e6 if peak else 0.0
    sys.stdout.write(json.dumps({"loop": loop, "cpu": cpu, "good": good, "peak": megabytes}))


if __name__ == "__main__":
    main()
