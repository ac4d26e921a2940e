"""The order of an undo: read the journal and the store, ask, undo, write `undo.csv`."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from importer.errors import JournalLostError, ResultsError, StoreStoppedError, WaitAbandonedError
from importer.interruption import Interruption
from importer.progress import Silence, Watcher
from importer.report import Cell, expect_writable, write_list
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store import StoreClient, open_store
from importer.uploader import (
    JOURNAL_NAME,
    Journal,
    Undo,
    UndoLine,
    UndoStatus,
    UndoSurvey,
    recorded_stores,
    survey_undo,
)

UNDO_COLUMNS = ("product_id", "image_id", "url", "result", "detail")
_LIST = "undo.csv"
_FINE = {UndoStatus.DELETED, UndoStatus.RESTORED, UndoStatus.GONE}


@dataclass(frozen=True, slots=True)
class UndoJob:
    """What an undo needs.

    Attributes:
        folder: the results folder of the import, with its journal.
        store: the store that the import went to.
    """

    folder: Path
    store: StoreSettings
    network: NetworkSettings
    upload: UploadSettings


@dataclass(frozen=True, slots=True)
class UndoEnd:
    """How an undo ended.

    Attributes:
        lines: what became of each record, by product.
        file: where `undo.csv` was written; None where nothing was undone.
        unwritten: why it could not be written; empty where it could.
        stopped: why it ended before the last record; empty where it did not.
        interrupted: whether Ctrl-C ended it.
        declined: whether the person said no.
    """

    lines: tuple[UndoLine, ...] = ()
    file: Path | None = None
    unwritten: str = ""
    stopped: str = ""
    interrupted: bool = False
    declined: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many records ended in each way, the most frequent first."""
        return {str(status): count for status, count in Counter(line.status for line in self.lines).most_common()}

    @property
    def complete(self) -> bool:
        """Whether nothing of the import is left in the store."""
        return {line.status for line in self.lines} <= _FINE


def undo_import(
    job: UndoJob, watcher: Watcher | None = None, confirm: Callable[[UndoSurvey], bool] = lambda _: True
) -> UndoEnd:
    """Undo what the journal in a results folder says that an import did.

    Args:
        job: the folder and the store.
        watcher: shows progress.
        confirm: asked once before anything is changed in the store, where there is something to change.

    Raises:
        ResultsError: the folder has no journal of this store, or the journal or `undo.csv` cannot be used; nothing was
            changed.
    """
    _expect_journal(job.folder, job.store)
    expect_writable(job.folder / _LIST)
    journal = Journal(job.folder, job.store.identity)
    run = _Run(job, journal, watcher or Silence(), confirm)
    lost = ""
    try:
        run.finish()
    finally:
        lost = _closed(journal)
    return run.end(lost)


def _expect_journal(folder: Path, store: StoreSettings) -> None:
    if not folder.exists():
        raise ResultsError(f"There is no folder {folder}. Name the results folder of the import, where its report is.")
    if not folder.is_dir():
        raise ResultsError(f"{folder} is a file. Name the results folder of the import, where its report is.")
    if not (folder / JOURNAL_NAME).is_file():
        raise ResultsError(
            f"The folder {folder} has no journal ({JOURNAL_NAME}), so no import into a store is recorded in it. Name "
            "the results folder of the import. A check and a rehearsal with --sandbox leave nothing to undo."
        )
    stores = recorded_stores(folder)
    if stores and store.identity not in stores:
        raise ResultsError(
            f"The import in {folder} went to {' and '.join(stores)}, but your settings name {store.identity}. "
            "Use the credentials of the store that the import went to."
        )


def _closed(journal: Journal) -> str:
    """Close the journal; why the last records are not in it, if they are not."""
    try:
        journal.close()
    except JournalLostError as error:
        return str(error)
    return ""


class _Run:
    """One undo from the journal to `undo.csv`, whatever ends it."""

    def __init__(self, job: UndoJob, journal: Journal, watcher: Watcher, confirm: Callable[[UndoSurvey], bool]) -> None:
        self._job = job
        self._journal = journal
        self._watcher = watcher
        self._confirm = confirm
        self._undo: Undo | None = None
        self._unreached: list[UndoLine] = []
        self._stopped = ""
        self._interrupted = False
        self._declined = False

    def finish(self) -> None:
        """Survey, ask, undo."""
        with Interruption(self._watcher.say) as interruption:
            with suppress(asyncio.CancelledError):
                asyncio.run(self._rooms(interruption))
            self._interrupted = bool(interruption.count)
        if self._interrupted and not self._stopped:
            self._stopped = "Stopped by Ctrl-C." + ("" if self._undo else " Nothing was changed.")
        if self._undo is not None and self._stopped:
            self._unreached = self._undo.unreached()

    def end(self, lost: str) -> UndoEnd:
        """The lines, also as a file; `lost` says why the journal could not be closed well."""
        stopped = self._stopped or lost
        if self._undo is None:
            return UndoEnd(stopped=stopped, interrupted=self._interrupted, declined=self._declined)
        lines = sorted((*self._undo.lines, *self._unreached), key=lambda line: line.product_id)
        file, unwritten = self._job.folder / _LIST, ""
        try:
            write_list(file, UNDO_COLUMNS, [_cells(line) for line in lines])
        except ResultsError as error:
            unwritten = str(error)
        return UndoEnd(tuple(lines), file, unwritten, stopped, self._interrupted, self._declined)

    async def _rooms(self, interruption: Interruption) -> None:
        stop, job = asyncio.Event(), self._job
        task = asyncio.current_task()
        if task is not None:
            interruption.guard(task, stop)
        async with open_store(job.store, job.network, job.upload, stop=stop) as client:
            heart = asyncio.create_task(self._heartbeat())
            try:
                survey = await self._survey(client)
                if stop.is_set() or not self._agreed(survey, interruption):
                    return
                undo = Undo(client, self._journal, job.upload, stop, self._done)
                await self._carry_out(undo, survey.records, survey.doubtful)
            except WaitAbandonedError:
                return
            except StoreStoppedError as error:
                self._stopped = _sentence(error)
            finally:
                heart.cancel()
                await asyncio.gather(heart, return_exceptions=True)

    async def _survey(self, client: StoreClient) -> UndoSurvey:
        with self._stage("look up", len(self._journal.products())):
            return await survey_undo(client, self._journal, self._watcher.advance)

    async def _carry_out(self, undo: Undo, records: int, doubtful: int) -> None:
        self._undo = undo
        if doubtful:
            seconds = f"{self._job.upload.settle:.0f} seconds"
            self._watcher.say(
                f"What an interrupted import sent last may still arrive: it is looked at after {seconds}."
            )
        with self._stage("undo", records):
            await undo.run()
        if undo.stopped is not None:
            self._stopped = _sentence(undo.stopped)

    async def _heartbeat(self) -> None:
        """Let the watcher show the time passing while nothing else happens, such as a wait for the store's quota."""
        while True:
            await asyncio.sleep(1)
            self._watcher.advance(0)

    def _done(self, line: UndoLine) -> None:
        self._watcher.advance(1, line.status)

    @contextmanager
    def _stage(self, name: str, total: int) -> Iterator[None]:
        self._watcher.begin(name, total)
        try:
            yield
        finally:
            self._watcher.end()

    def _agreed(self, survey: UndoSurvey, interruption: Interruption) -> bool:
        if not survey.pictures and not survey.variants:
            return True
        try:
            with interruption.aside():
                agreed = self._confirm(survey)
        except KeyboardInterrupt:
            return False
        if not agreed:
            self._declined, self._stopped = True, "Nothing was changed."
        return agreed


def _sentence(error: StoreStoppedError | JournalLostError) -> str:
    """What stopped the run and what the person does about it."""
    fix = error.fix if isinstance(error, StoreStoppedError) else ""
    return f"{error} {fix}".strip()


def _cells(line: UndoLine) -> dict[str, Cell]:
    """A line of `undo.csv`, by column."""
    cells = (line.product_id, line.image_id, line.url, str(line.status), line.detail)
    return dict(zip(UNDO_COLUMNS, cells, strict=True))
