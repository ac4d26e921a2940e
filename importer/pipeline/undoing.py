"""The order of an undo: read the journal and the store, ask, undo, write `undo.csv`."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from importer.errors import JournalLostError, ResultsError, StoreStoppedError, WaitAbandonedError
from importer.interruption import Interruption
from importer.pipeline.events import tell_undone
from importer.pipeline.stages import by_requests_so_far, heartbeat, stage
from importer.pipeline.undo_journal import undo_journal
from importer.progress import Silence, Watcher
from importer.report import Cell, expect_writable, write_list
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store import StoreClient, open_store
from importer.uploader import Journal, Undo, UndoLine, UndoStatus, UndoSurvey, survey_undo

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
        file: where `undo.csv` was written, the one of an earlier undo having become `undo-1.csv`, `undo-2.csv` and so
            on; None where there was nothing to undo.
        unwritten: why it could not be written; empty where it could.
        stopped: why it ended before the last record; empty where it did not.
        interrupted: whether Ctrl-C ended it, or the system's request to end.
        terminated: whether it was the latter (SIGTERM).
        declined: whether the person said no.
    """

    lines: tuple[UndoLine, ...] = ()
    file: Path | None = None
    unwritten: str = ""
    stopped: str = ""
    interrupted: bool = False
    terminated: bool = False
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
    journal = undo_journal(job.folder, job.store)
    run = _Run(job, journal, watcher or Silence(), confirm)
    lost = ""
    try:
        expect_writable(job.folder / _LIST)
        run.finish()
    finally:
        lost = _closed(journal)
    return run.end(lost)


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
        self._interrupted = self._terminated = False
        self._declined = False

    def finish(self) -> None:
        """Survey, ask, undo."""
        with Interruption(self._watcher.say) as interruption:
            with suppress(asyncio.CancelledError):
                asyncio.run(self._rooms(interruption))
            self._interrupted, self._terminated = bool(interruption.count), interruption.terminated
        if self._interrupted and not self._stopped:
            self._stopped = interruption.cause + ("" if self._undo else " Nothing was changed.")
        if self._undo is not None and self._stopped:
            self._unreached = self._undo.unreached()

    def end(self, lost: str) -> UndoEnd:
        """The lines, also as a file; `lost` says why the journal could not be closed well."""
        stopped = self._stopped or lost
        end = UndoEnd(
            stopped=stopped, interrupted=self._interrupted, terminated=self._terminated, declined=self._declined
        )
        if self._undo is None:
            return end
        lines = sorted((*self._undo.lines, *self._unreached), key=lambda line: line.product_id)
        if not lines:
            return end
        file, unwritten = self._job.folder / _LIST, ""
        try:
            _keep_former(file)
            write_list(file, UNDO_COLUMNS, [_cells(line) for line in lines])
        except ResultsError as error:
            unwritten = str(error)
        return replace(end, lines=tuple(lines), file=file, unwritten=unwritten)

    async def _rooms(self, interruption: Interruption) -> None:
        stop, job = asyncio.Event(), self._job
        task = asyncio.current_task()
        if task is not None:
            interruption.guard(task, stop)
        watcher = self._watcher
        store = open_store(job.store, job.network, job.upload, stop=stop, say=watcher.say, waits=watcher.wait)
        async with store as client, heartbeat(watcher, stop):
            try:
                survey = await self._survey(client)
                if stop.is_set() or not self._agreed(survey, interruption):
                    return
                undo = Undo(client, self._journal, job.upload, stop, self._done)
                await self._carry_out(undo, client, survey)
            except WaitAbandonedError:
                return
            except StoreStoppedError as error:
                self._stopped = error.sentence

    async def _survey(self, client: StoreClient) -> UndoSurvey:
        products = len(self._journal.products())
        with stage(self._watcher, "look up", products, by_requests_so_far(client, products)):
            return await survey_undo(client, self._journal, self._watcher.advance)

    async def _carry_out(self, undo: Undo, client: StoreClient, survey: UndoSurvey) -> None:
        self._undo = undo
        if survey.doubtful:
            seconds = f"{self._job.upload.settle:.0f} seconds"
            self._watcher.say(
                f"What an interrupted import sent last may still arrive: it is looked at after {seconds}."
            )
        one_request_each = by_requests_so_far(client, survey.records, least=1.0)
        with stage(self._watcher, "undo", survey.records, one_request_each):
            await undo.run()
        if undo.stopped is not None:
            self._stopped = undo.stopped.sentence

    def _done(self, line: UndoLine) -> None:
        self._watcher.advance(1, line.status)
        tell_undone(self._watcher, line)

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


def _keep_former(file: Path) -> None:
    """Give the list of an earlier undo another name: it alone tells what that one deleted.

    Raises:
        ResultsError: it cannot be renamed; it stays as it is.
    """
    if not file.exists():
        return
    free = next(path for number in count(1) if not (path := file.with_stem(f"{file.stem}-{number}")).exists())
    try:
        file.rename(free)
    except OSError as error:
        raise ResultsError(f"{file} cannot be renamed to {free.name}: {error.strerror}.") from None


def _cells(line: UndoLine) -> dict[str, Cell]:
    """A line of `undo.csv`, by column."""
    cells = (line.product_id, line.image_id, line.url, str(line.status), line.detail)
    return dict(zip(UNDO_COLUMNS, cells, strict=True))
