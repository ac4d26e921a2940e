"""The order: load, check, upload, report. It owns the session, the journal and Ctrl-C."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime

from importer.errors import JournalLostError, StoreStoppedError, WaitAbandonedError
from importer.interruption import Interruption
from importer.loaded import LoadedFile
from importer.models import Checked, Outcome, RunInfo, Status, Traffic
from importer.outcomes import collect
from importer.pipeline.events import tell_checked, tell_ended, tell_planned, tell_sent
from importer.pipeline.files import image_rows
from importer.pipeline.incomplete import find_remainder
from importer.pipeline.job import Job, JobResult
from importer.pipeline.journals import open_journal
from importer.pipeline.outside import hosts_outside
from importer.pipeline.recorded import readable_journal, report_to_keep, tell_seen, tell_uncertain
from importer.pipeline.reporting import report
from importer.pipeline.rounds import carried_on
from importer.pipeline.stages import by_lookup, by_plan, heartbeat, stage
from importer.progress import Silence, Watcher
from importer.report import ReportFiles, Written, prepare_folder, summarize
from importer.stop_rule import Rejections, broken_rule, rejections
from importer.store import StoreClient, open_store
from importer.uploader import Journal, Plan, Remainder, make_plan, mark_recorded, upload
from importer.validator import OFFLINE, OFFLINE_FIX, check_urls, is_offline, keep_to_limit, look_up

Confirm = Callable[[Plan, Rejections], bool]
"""Whether to go on, given what is about to be done."""

_DECLINED = "The question before the first picture was answered with no. Run the same command again to send it."


def check_file(loaded: LoadedFile, job: Job, watcher: Watcher | None = None) -> JobResult:
    """Check every row and write the report; nothing is sent.

    Raises:
        ResultsError: the results folder cannot be used.
    """
    return _Run(loaded, job, watcher or Silence()).finish(prepare_folder(job.results))


def run_file(
    loaded: LoadedFile,
    job: Job,
    watcher: Watcher | None = None,
    confirm: Confirm = lambda *_: True,
) -> JobResult:
    """Check every row, send those that passed, and write the report.

    Args:
        loaded: the rows.
        job: settings; `job.store` must be set.
        watcher: shows progress.
        confirm: asked once, with the plan and the rejected rows, before the first picture is sent.

    Raises:
        ResultsError: the results folder or the journal cannot be used; nothing was sent.
    """
    if job.store is None:
        raise ValueError("a store is needed to send pictures")
    watcher = watcher or Silence()
    files = prepare_folder(job.results)
    journal, job = open_journal(job, job.store.identity, image_rows(loaded), watcher.say)
    run = _Run(loaded, job, watcher, journal, confirm)
    try:
        return run.finish(files)
    finally:
        # A journal that cannot be written any more has stopped the run before this; the report says so.
        with suppress(JournalLostError):
            journal.close()


class _Run:
    """One run from the loaded rows to the report, whatever ends it."""

    def __init__(
        self,
        loaded: LoadedFile,
        job: Job,
        watcher: Watcher,
        journal: Journal | None = None,
        confirm: Confirm = lambda *_: True,
    ) -> None:
        self._loaded = loaded
        self._job = job
        self._watcher = watcher
        self._journal = journal
        self._confirm = confirm
        self._rows = image_rows(loaded)
        self._looked_up: list[Checked] = []
        self._checked: list[Checked] = []
        self._sent: list[Outcome] = []
        self._refused: StoreStoppedError | None = None
        self._stopped = self._stopped_fix = ""
        self._declined = False
        self._rule_broken = ""
        self._plan: Plan | None = None
        self._traffic: Traffic | None = None

    def finish(self, files: ReportFiles) -> JobResult:
        """Go through the rooms and write the report."""
        clock, started = time.monotonic(), datetime.now().astimezone().isoformat(timespec="seconds")
        job, sending = self._job, self._journal is not None and not self._job.plan_only
        with Interruption(self._watcher.say) as interruption:
            with suppress(asyncio.CancelledError):
                asyncio.run(self._rooms(interruption))
            interruption.begin_report()
            if interruption.count and not self._stopped:
                self._stopped = interruption.cause
            withheld = _DECLINED if self._declined else self._rule_broken
            sent = self._sent if sending else None
            outcomes, kept = self._told(collect(self._loaded.rows, self._checked, sent, self._refused, withheld))
            outcomes = carried_on(outcomes, job.earlier)
            run = RunInfo(
                command="run" if sending else "check",
                file=self._loaded.name,
                store=job.store.store_hash if job.store else "",
                sandbox=job.sandbox,
                started=started,
                seconds=time.monotonic() - clock,
                stopped=self._stopped,
                stopped_fix=self._stopped_fix,
                traffic=self._traffic,
                variants_left=self._variants_left(),
                hosts_outside=hosts_outside(self._checked, job.network) if job.sandbox else (),
            )
            summary = summarize(outcomes, run)
            tell_ended(self._watcher, outcomes)
            written = Written() if kept else report(outcomes, summary, job.results, self._watcher, interruption)
        return JobResult(
            outcomes,
            summary,
            files,
            written.files,
            written.trouble,
            kept,
            interrupted=bool(interruption.count) or interruption.abandoned,
            terminated=interruption.terminated,
            declined=self._declined,
            rule_broken=self._rule_broken,
            plan=self._plan,
        )

    def _told(self, outcomes: tuple[Outcome, ...]) -> tuple[tuple[Outcome, ...], str]:
        """The outcomes with what earlier runs did, and why an earlier report is to be left in its place, if it is."""
        job, kept = self._job, ""
        # A journal that cannot be read any more has nothing to tell.
        with suppress(JournalLostError), readable_journal(job, self._journal) as journal:
            if journal is not None:
                if self._journal is None:
                    self._looked_up = mark_recorded(self._looked_up, journal, job.upload)
                outcomes = tell_uncertain(outcomes, self._looked_up, journal)
            outcomes = tell_seen(outcomes, self._looked_up, journal, job.upload)
            if journal is not None and self._stopped and not self._looked_up and not job.sandbox:
                kept = report_to_keep(job, journal)
        if job.sandbox:
            # The pretend store's product ids must never be mistaken for a real store's.
            return tuple(replace(outcome, product_id=None) for outcome in outcomes), kept
        return outcomes, kept

    async def _rooms(self, interruption: Interruption) -> None:
        stop = asyncio.Event()
        task = asyncio.current_task()
        if task is not None:
            interruption.guard(task, stop)
        job = self._job
        async with AsyncExitStack() as stack:
            client: StoreClient | None = None
            if job.store is not None:
                say, waits = self._watcher.say, self._watcher.wait
                store = open_store(job.store, job.network, job.upload, stop=stop, say=say, waits=waits)
                client = await stack.enter_async_context(store)
            await stack.enter_async_context(heartbeat(self._watcher, stop))
            try:
                await self._check(client, stop)
                if is_offline(self._checked):
                    self._stopped, self._stopped_fix = OFFLINE, OFFLINE_FIX
                if stop.is_set() or self._stopped:
                    return
                found = rejections(collect(self._loaded.rows, self._checked))
                self._rule_broken = broken_rule(found, job.fail_over)
                if client is None or self._journal is None:
                    return
                if self._rule_broken:
                    self._stopped = self._rule_broken
                    return
                items = self._ready()
                remainder = await self._remainder(client)
                if stop.is_set():
                    return
                plan = make_plan(items, found.rejected, self._journal, job.upload, client.pace, remainder)
                self._plan = replace(plan, variants_left=self._variants_left())
                tell_planned(self._watcher, self._plan)
                if items and not job.plan_only and self._agreed(self._plan, found, interruption):
                    await self._upload(items, client, stop, remainder)
            except StoreStoppedError as error:
                self._refused, self._stopped, self._stopped_fix = error, str(error), error.fix
            finally:
                self._traffic = client.traffic if client else None

    async def _check(self, client: StoreClient | None, stop: asyncio.Event) -> None:
        def done(item: Checked) -> None:
            self._checked.append(item)
            status = Status.REJECTED if item.problem else Status.UNSENT if item.skipped else Status.OK
            status = Status.SKIPPED if item.nothing else status
            # A bar that was stopped shows how far the check came.
            if status is not Status.UNSENT:
                self._watcher.advance(1, status)
            tell_checked(self._watcher, item, status)

        sending = self._job.upload
        checked = [Checked(row) for row in self._rows]
        if client is not None:
            ids = {row.product_id for row in self._rows if row.product_id is not None}
            skus = {row.sku for row in self._rows if row.product_id is None}
            with stage(self._watcher, "look up", len(ids) + len(skus), by_lookup(client, ids, skus)):
                checked = await look_up(
                    self._rows, client, watch=self._watcher.advance, stop=stop, variants=sending.variants
                )
        if self._journal is not None:
            checked = mark_recorded(checked, self._journal, sending)
        if client is not None and not stop.is_set():
            self._looked_up = checked
        with stage(self._watcher, "check", len(checked)):
            checked = await check_urls(
                checked, self._job.check, self._job.network, watch=done, stop=stop, say=self._watcher.say
            )
        self._checked = keep_to_limit(checked, sending.existing, sending.variants)

    def _variants_left(self) -> int:
        """How many pictures are named for variants and not set on them."""
        if self._job.upload.variants == "image":
            return 0
        added = sum(item.variant is not None and not item.row.in_gallery for item in self._looked_up)
        return self._loaded.variants_left + added

    def _ready(self) -> list[Checked]:
        """The rows that may be sent, in the file's order; the check tells of them as the hosts answer."""
        ready = {id(item.row): item for item in self._checked if not (item.problem or item.skipped or item.nothing)}
        return [ready[id(row)] for row in self._rows if id(row) in ready]

    async def _remainder(self, client: StoreClient) -> Remainder:
        """What the rows that are not sent have to say on the deletion of old pictures."""
        if self._job.upload.existing != "replace" or self._journal is None:
            return Remainder()
        try:
            remainder = await find_remainder(self._loaded.rows, self._checked, client, self._journal)
        except WaitAbandonedError:
            return Remainder()
        if remainder.for_all:
            self._watcher.say(remainder.for_all)
        return remainder

    def _agreed(self, plan: Plan, found: Rejections, interruption: Interruption) -> bool:
        try:
            with interruption.aside():
                agreed = self._confirm(plan, found)
        except KeyboardInterrupt:
            self._stopped = f"{interruption.cause} Nothing was sent."
            return False
        if not agreed:
            self._declined, self._stopped = True, "The answer was no, so nothing was sent."
        return agreed

    async def _upload(
        self, items: Sequence[Checked], client: StoreClient, stop: asyncio.Event, remainder: Remainder
    ) -> None:
        if self._journal is None or self._plan is None:
            return

        added = 0

        def done(outcome: Outcome) -> None:
            nonlocal added
            self._sent.append(outcome)
            added += outcome.status not in {Status.ALREADY_THERE, Status.PROBABLY_THERE}
            if outcome.status is not Status.UNSENT:
                self._watcher.advance(1, outcome.status)
            tell_sent(self._watcher, outcome)

        with stage(self._watcher, "upload", len(items), by_plan(client, self._plan, lambda: added)):
            result = await upload(
                items,
                client,
                self._journal,
                self._job.upload,
                watch=done,
                say=self._watcher.say,
                stop=stop,
                remainder=remainder,
            )
        self._sent = list(result.outcomes)
        self._stopped, self._stopped_fix = result.stopped, result.stopped_fix
