"""The plan: what will be done, counted before anything is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from importer.models import ImageRow
from importer.sandbox import Sandbox
from importer.settings import NetworkSettings, UploadSettings
from importer.store import open_store
from importer.uploader import Journal, Plan, make_plan
from tests.uploader.uploading import count, looked_up, rows, running, sent, settings_of


def planned(sandbox: Sandbox, asked: list[ImageRow], folder: Path, **settings: Any) -> Plan:
    async def work() -> Plan:
        chosen = UploadSettings(**settings)
        async with open_store(settings_of(sandbox), NetworkSettings(sandbox.ca_file), chosen) as client:
            checked = await looked_up(asked, client)
            return make_plan(checked, 3, journal, chosen, client.pace)

    journal = Journal(folder, sandbox.store_hash)
    try:
        return asyncio.run(work())
    finally:
        journal.close()


def test_pictures_requests_and_time_are_counted(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, name) for number in range(1, 21) for name in ("a.jpg", "b.jpg")))
    with running(quota=25, window_ms=400) as sandbox:
        plan = planned(sandbox, asked, tmp_path)
        assert (plan.add, plan.already_there, plan.rejected, plan.products, plan.delete) == (40, 0, 3, 20, 0)
        assert plan.requests == 42
        assert plan.seconds == pytest.approx(0.4)  # the second window's requests need not wait for its end
        assert planned(sandbox, asked, tmp_path, route="batch").requests == 1 + 2 + 2
        assert count(sandbox, "POST") == 0
        before = len(sandbox.requests())
        sent(sandbox, asked[:10], tmp_path)
        assert len(sandbox.requests()) == before + 13  # looked up, read anew, sent, read back
        again = planned(sandbox, asked, tmp_path)
        assert (again.add, again.already_there, again.products) == (30, 10, 15)


def test_old_pictures_that_will_go_are_counted(pictures: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with running() as sandbox:
        sent(sandbox, rows(pictures, (1, "a.jpg"), (1, "b.jpg")), tmp_path / "other")
        plan = planned(sandbox, rows(pictures, (1, "a.jpg"), (2, "c.jpg")), tmp_path, existing="replace")
        assert (plan.add, plan.already_there, plan.delete) == (2, 0, 2)
        assert planned(sandbox, rows(pictures, (1, "a.jpg")), tmp_path).probably_there == 1
