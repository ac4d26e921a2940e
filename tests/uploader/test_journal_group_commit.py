"""Intentions of many tasks share a commit and a sync, and whoever waits is neither lost nor left hanging."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.errors import JournalLostError
from importer.models import StoreImage
from importer.uploader import JOURNAL_NAME, Journal, journal_file

URL = "https://a.example/x.jpg"
IMAGE = StoreImage(501, 1, "a/1/x__12345.jpg", "", 0, True, "", "")


class SlowDisk:
    """Lets a journal's syncs through one by one, as a slow disk would."""

    def __init__(self, journal: Journal) -> None:
        self.syncs = 0
        self._begun = threading.Event()
        self.ready = threading.Event()
        self._real = journal._commits._sync
        journal._commits._sync = self._sync

    def _sync(self) -> None:
        self.syncs += 1
        self._begun.set()
        assert self.ready.wait(timeout=30)
        self._real()

    async def begun(self) -> None:
        """Wait until the first sync is under way."""
        assert await asyncio.to_thread(self._begun.wait, 30)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path, "s")
    yield opened
    opened.close()


def reopened(journal: Journal, folder: Path) -> list[int]:
    """The products that are there for the next process."""
    journal.close()
    again = Journal(folder, "s")
    found = again.products()
    again.close()
    return found


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_an_intention_is_committed_and_then_synced_before_its_call_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    real = journal_file._to_disk
    log = tmp_path / f"{JOURNAL_NAME}-wal"

    def watched(descriptor: int) -> None:
        right = os.path.samestat(os.fstat(descriptor), log.stat()) and URL.encode() in log.read_bytes()
        events.append("synced" if right else "synced something else")
        real(descriptor)

    async def send(journal: Journal) -> None:
        await journal.intend(1, [URL], newest_id=0)
        events.append("returned")

    opened = Journal(tmp_path, "s")
    monkeypatch.setattr(journal_file, "_to_disk", watched)
    asyncio.run(send(opened))
    assert events == ["synced", "returned"]
    opened.close()


def test_intentions_of_many_tasks_share_two_syncs(journal: Journal, tmp_path: Path) -> None:
    disk = SlowDisk(journal)

    async def run() -> None:
        first = asyncio.create_task(journal.intend(0, [URL], newest_id=0))
        await disk.begun()
        others = [asyncio.create_task(journal.intend(number, [URL], newest_id=0)) for number in range(1, 100)]
        await turns()
        assert not any(task.done() for task in [first, *others])
        disk.ready.set()
        await asyncio.wait_for(asyncio.gather(first, *others), timeout=30)

    asyncio.run(run())
    assert disk.syncs == 2
    assert reopened(journal, tmp_path) == list(range(100))


def test_the_event_loop_reads_and_records_while_the_disk_is_slow(journal: Journal, tmp_path: Path) -> None:
    disk = SlowDisk(journal)

    async def run() -> None:
        waiting = asyncio.create_task(journal.intend(1, [URL], newest_id=0))
        await disk.begun()
        journal.stored(1, URL, IMAGE)
        assert journal.entries(1)[URL].image_id == 501
        later = asyncio.create_task(journal.begin(2, 40, old=[40]))
        await turns()
        assert journal.old_pictures(2) == {40}
        assert not waiting.done()
        disk.ready.set()
        await asyncio.wait_for(asyncio.gather(waiting, later), timeout=30)

    asyncio.run(run())
    assert reopened(journal, tmp_path) == [1, 2]


def test_a_task_cancelled_while_it_waits_holds_up_nobody_and_its_intention_is_whole(
    journal: Journal, tmp_path: Path
) -> None:
    disk = SlowDisk(journal)
    urls = [f"{URL}?{number}" for number in range(5)]

    async def run() -> None:
        early = asyncio.create_task(journal.intend(1, urls, newest_id=0))
        await disk.begun()
        late = asyncio.create_task(journal.intend(2, urls, newest_id=0))
        other = asyncio.create_task(journal.intend(3, urls, newest_id=0))
        await turns()
        early.cancel()
        late.cancel()
        await asyncio.wait([early, late])
        assert early.cancelled()
        assert late.cancelled()
        disk.ready.set()
        await asyncio.wait_for(other, timeout=30)

    asyncio.run(run())
    journal.close()
    again = Journal(tmp_path, "s")
    assert [list(again.entries(number)) for number in (1, 2, 3)] == [urls, urls, urls]
    again.close()


def test_a_loop_that_ends_while_its_tasks_wait_leaves_a_journal_that_goes_on_in_the_next(
    journal: Journal, tmp_path: Path
) -> None:
    disk = SlowDisk(journal)

    async def cut_off() -> None:
        tasks = [asyncio.create_task(journal.intend(1, [URL], newest_id=0))]
        await disk.begun()
        tasks.append(asyncio.create_task(journal.intend(2, [URL], newest_id=0)))
        await turns()

    async def go_on() -> None:
        await asyncio.wait_for(journal.intend(3, [URL], newest_id=0), timeout=30)

    asyncio.run(cut_off())
    disk.ready.set()
    asyncio.run(go_on())
    assert reopened(journal, tmp_path) == [1, 2, 3]


def test_closing_while_tasks_wait_lets_them_all_go(journal: Journal, tmp_path: Path) -> None:
    disk = SlowDisk(journal)

    async def run() -> None:
        early = asyncio.create_task(journal.intend(1, [URL], newest_id=0))
        await disk.begun()
        late = asyncio.create_task(journal.intend(2, [URL], newest_id=0))
        await turns()
        disk.ready.set()
        journal.close()
        await asyncio.wait_for(asyncio.gather(early, late), timeout=30)
        with pytest.raises(JournalLostError):
            await asyncio.wait_for(journal.intend(3, [URL], newest_id=0), timeout=30)

    asyncio.run(run())
    assert reopened(journal, tmp_path) == [1, 2]


def test_closing_brings_results_to_the_disk_without_a_loop_and_twice_does_nothing(
    journal: Journal, tmp_path: Path
) -> None:
    asyncio.run(journal.intend(1, [URL], newest_id=0))
    journal.stored(1, URL, IMAGE)
    journal.close()
    journal.close()
    again = Journal(tmp_path, "s")
    assert again.entries(1)[URL].image_id == 501
    again.close()


def test_results_are_on_the_disk_after_flush_or_the_next_intention(journal: Journal) -> None:
    file = journal._file._database

    async def run() -> None:
        await journal.intend(1, [URL], newest_id=0)
        for end in (journal.flush(), journal.begin(2, None)):
            journal.stored(1, URL, IMAGE)
            assert file.in_transaction
            await end
            assert not file.in_transaction

    asyncio.run(run())


def test_a_disk_that_fails_to_sync_fails_everyone_who_waits_and_every_later_call(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "s")
    real = journal._file._wal
    assert real is not None
    reader, writer = os.pipe()  # a pipe cannot be synced: a true error of the operating system
    journal._file._wal = writer

    async def run() -> None:
        tasks = [journal.intend(number, [URL], newest_id=0) for number in range(5)]
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, JournalLostError)
            assert "cannot be written any more" in str(result)
        with pytest.raises(JournalLostError):
            await journal.flush()

    asyncio.run(run())
    with pytest.raises(JournalLostError):
        journal.close()
    journal.close()
    os.close(reader)
    os.close(real)
