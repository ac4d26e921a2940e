"""Pictures that arrive after they were given up, and other people's that come meanwhile: told, never deleted.

A request that is cut is scripted; what it brings late is put into the store by hand.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import ImageRow, Outcome, ProblemCode, UploadResult
from importer.sandbox import Fault, Sandbox
from importer.sandbox.pictures import NewPicture
from importer.uploader import Journal
from importer.uploader.undo_plan import UndoStatus
from tests.uploader.undo_shop import Shop
from tests.uploader.uploading import count, names, rows, running, sent, statuses

CUT = Fault(1, "reset_before")
LOST = Fault(1, "reset_after")


def arrives(sandbox: Sandbox, row: ImageRow, *, order: int = 0, name: str = "") -> int:
    """What a row's request brings late, or somebody adds; its id."""
    product = sandbox._catalog.product(row.product_id or 0)
    assert product is not None
    stem = name or row.sent_url.rpartition("/")[2].partition("?")[0].rpartition(".")[0]
    return sandbox._catalog.add_picture(product, NewPicture(stem, "jpg", row.description, order)).id


def code(outcome: Outcome) -> str:
    return outcome.problem.code if outcome.problem else ""


def ids(sandbox: Sandbox, product: int = 1) -> list[int]:
    return sorted(image["id"] for image in sandbox.images(product))


class Imported(Shop):
    """A store with the journal of `sent`."""

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        journal = Journal(self.folder, self.sandbox.store_hash)
        try:
            yield journal
        finally:
            journal.close()


def at_end(work: Callable[[], object]) -> Callable[[Outcome], None]:
    """Done as soon as the first row has ended."""
    done: list[Outcome] = []

    def watch(outcome: Outcome) -> None:
        if not done:
            work()
        done.append(outcome)

    return watch


@pytest.mark.parametrize("when", ["stopped", "killed later", "in the wait"])
@pytest.mark.parametrize(("name", "words"), [("mug-front.jpg", "A mug"), ("main.jpg", ""), ("mug-front.jpg", "")])
def test_a_late_copy_is_dealt_with_or_told_by_the_run_that_comes_after_it(
    pictures: str, tmp_path: Path, name: str, words: str, when: str
) -> None:
    asked = rows(pictures, (1, name), description=words)
    with running(faults=(CUT,)) as sandbox:
        if when == "in the wait":
            last = sent(sandbox, asked, tmp_path, watch=at_end(lambda: arrives(sandbox, asked[0])))
        else:
            stopped = sent(sandbox, asked, tmp_path, stop_at=1)
            assert statuses(stopped) == ["uploaded"]
            if when == "killed later":
                assert statuses(sent(sandbox, asked, tmp_path, stop_at=1)) == ["already_there"]
            arrives(sandbox, asked[0])
            last = sent(sandbox, asked, tmp_path)
        if name != "main.jpg":
            assert names(sandbox, 1) == ["mug-front"]
            assert code(last.outcomes[0]) == ""
            assert last.outcomes[0].receipt is not None
            assert [last.outcomes[0].receipt.image_id] == ids(sandbox)
        else:
            assert len(ids(sandbox)) == 2
            assert [code(one) for one in last.outcomes] == [ProblemCode.UPLOAD_UNCERTAIN]
            again = sent(sandbox, asked, tmp_path)
            assert [code(one) for one in again.outcomes] == [ProblemCode.UPLOAD_UNCERTAIN]
            del sandbox._catalog.product(1).pictures[ids(sandbox)[1]]  # type: ignore[union-attr]
        assert statuses(sent(sandbox, asked, tmp_path)) == ["already_there"]
        assert count(sandbox, "POST") == 2
        assert len(ids(sandbox)) == 1


def test_two_imports_at_once_never_delete_what_only_the_other_one_sent(pictures: str, tmp_path: Path) -> None:
    """Every third request of either is cut, and both mistake the other's pictures for what they sent."""
    asked = rows(pictures, *((product, f"p{at}.jpg") for product in range(1, 11) for at in range(3)), description="Mug")
    faults = tuple(Fault(nth, "reset_before" if nth % 2 else "reset_after") for nth in range(3, 60, 3))
    with running(faults=faults, latency_ms=5) as sandbox:
        ends: dict[str, UploadResult] = {}

        def run(name: str) -> None:
            (tmp_path / name).mkdir()
            ends[name] = sent(sandbox, asked, tmp_path / name)

        runs = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
        for one in runs:
            one.start()
        for one in runs:
            one.join()
        deleted = {int(one.path.rpartition("/")[2]) for one in sandbox.requests() if one.method == "DELETE"}
        assert len(ends) == 2
        for product in range(1, 11):
            assert set(names(sandbox, product)) == {"p0", "p1", "p2"}
        for name, end in ends.items():
            journal = Journal(tmp_path / name, sandbox.store_hash)
            for row, outcome in zip(asked, end.outcomes, strict=True):
                entry = journal.entries(row.product_id or 0).get(row.sent_url)
                assert entry is None or entry.image_id not in deleted
                if not outcome.problem:
                    assert outcome.receipt is not None
                    assert outcome.receipt.image_id in ids(sandbox, row.product_id or 0)
            journal.close()


@pytest.mark.parametrize(
    ("orders", "place", "told"),
    [((100, 101), 100, "uploaded"), ((None, None), 0, "uploaded"), ((100, 100), 100, "failed"), ((7, 8), 50, "failed")],
)
def test_a_late_picture_is_not_taken_for_a_siblings_of_the_same_name(
    pictures: str, tmp_path: Path, orders: tuple[int | None, int | None], place: int, told: str
) -> None:
    """Only its position can tell whose it is; where that tells nothing, the second is not sent again."""
    asked = rows(pictures, (1, "a/main.jpg"), (1, "b/main.jpg"))
    asked = [replace(row, sort_order=order) for row, order in zip(asked, orders, strict=True)]
    with running(faults=(CUT, Fault(3, "reset_before"))) as sandbox:
        result = sent(sandbox, asked, tmp_path, watch=at_end(lambda: arrives(sandbox, asked[0], order=place)))
        assert result.outcomes[1].status == told
        assert len(ids(sandbox)) == (2 if told == "failed" else 3)  # the late copy of the first is one of them
        assert code(result.outcomes[0]) == ProblemCode.UPLOAD_UNCERTAIN
        assert count(sandbox, "DELETE") == 0


def test_another_alt_text_says_that_a_picture_is_a_siblings(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a/main.jpg"), (1, "b/main.jpg"))
    asked = [replace(row, description=f"View {at}") for at, row in enumerate(asked)]
    with running(faults=(CUT, Fault(3, "reset_before"))) as sandbox:
        result = sent(sandbox, asked, tmp_path, watch=at_end(lambda: arrives(sandbox, asked[0])))
        assert statuses(result) == ["uploaded", "uploaded"]
        assert Counter(image["description"] for image in sandbox.images(1)) == {"View 0": 1, "View 1": 1}
        assert statuses(sent(sandbox, asked, tmp_path)) == ["already_there"] * 2


@pytest.mark.parametrize("name", ["mug%20(1).jpg", "%D0%BA%D1%80%D1%83%D0%B6%D0%BA%D0%B0.jpg", f"{'m' * 110}.jpg"])
def test_a_name_that_the_store_may_change_is_not_sent_twice(
    pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("importer.sandbox.intake.stored_stem", lambda _: "krujka")
    asked = rows(pictures, (1, name))
    with running(faults=(LOST,)) as sandbox:
        result = sent(sandbox, asked, tmp_path)
        assert [code(one) for one in result.outcomes] == [ProblemCode.UPLOAD_UNCERTAIN]
        assert [code(one) for one in sent(sandbox, asked, tmp_path).outcomes] == [ProblemCode.UPLOAD_UNCERTAIN]
        assert (count(sandbox, "POST"), len(ids(sandbox))) == (1, 1)
        # Once it is certain that nothing has come, it is sent.
        del sandbox._catalog.product(1).pictures[ids(sandbox)[0]]  # type: ignore[union-attr]
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded"]
        assert len(ids(sandbox)) == 1


def test_a_picture_known_by_its_likeness_alone_is_left_by_an_undo_and_told(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "mug.jpg"), (1, "side.jpg"))
    with running(faults=(LOST,)) as sandbox:
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded"] * 2
        lines = Imported(sandbox, tmp_path, pictures).undo()
        assert Counter(line.status for line in lines) == {UndoStatus.UNKNOWN: 1, UndoStatus.DELETED: 1}
        assert names(sandbox, 1) == ["mug"]
        assert any("the answer was lost" in line.detail for line in lines)


def test_an_undo_tells_of_what_may_be_a_second_copy(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "mug.jpg"))
    with running(faults=(CUT,)) as sandbox:
        sent(sandbox, asked, tmp_path, stop_at=1)
        copy = arrives(sandbox, asked[0])
        lines = Imported(sandbox, tmp_path, pictures).undo()
        assert ids(sandbox) == [copy]
        assert [(line.image_id, line.status) for line in lines if line.status != UndoStatus.DELETED] == [
            (copy, UndoStatus.UNKNOWN)
        ]


def test_an_alt_text_changed_after_a_kill_does_not_hide_the_picture(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "mug.jpg"), description="A mug", sort_order=0)
    with running() as sandbox:
        journal = Journal(tmp_path, sandbox.store_hash)
        asyncio.run(journal.intend(1, [asked[0].sent_url], 0, asked))
        journal.close()
        arrives(sandbox, asked[0])
        changed = [replace(asked[0], description="A red mug")]
        assert statuses(sent(sandbox, changed, tmp_path)) == ["already_there"]
        assert len(ids(sandbox)) == 1
