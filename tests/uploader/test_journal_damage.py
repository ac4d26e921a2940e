"""One bit of a journal is flipped: either that is said in one clear sentence, or everything in it is right."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.errors import ResultsError
from importer.models import StoreImage
from importer.sandbox import Sandbox
from importer.uploader import JOURNAL_NAME, Journal, recorded_elsewhere, recorded_stores, serves
from tests.cli.undoing import imported, undo_here
from tests.conftest import Program

PRODUCTS = range(1, 13)
STORE = "https://api.example/stores/abc"


def url(product: int, at: int) -> str:
    return f"https://pictures.example/{product}/a-name-of-some-length-{at}.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as an import leaves it, with records of every kind, changed and deleted ones among them."""
    made = tmp_path_factory.mktemp("journal")

    async def work(journal: Journal) -> None:
        for product in PRODUCTS:
            await journal.begin(product, product, old=[product, product + 1000], asked="f" * 64)
            await journal.intend(product, [url(product, at) for at in range(3)], 2000)
            for at in range(3):
                image = StoreImage(3000 + 3 * product + at, product, f"a/{at}__12345.jpg", "", 0, False, "", "")
                journal.stored(product, url(product, at), image)
            await journal.intend_variant(product, 5000 + product, url(product, 9), "https://cdn.example/before.jpg")
            journal.variant_stored(5000 + product, "https://cdn.example/now.jpg")
            journal.old_deleted(product, product)
            journal.forget(product, url(product, 1))
            journal.settle(product)

    journal = Journal(made, STORE)
    journal.add_plan("a" * 64)
    asyncio.run(work(journal))
    journal.close()
    return made


def content(folder: Path) -> object:
    """Everything that a journal says."""
    journal = Journal(folder, STORE)
    try:
        products = [
            (
                journal.entries(number),
                journal.product(number),
                journal.variants(number),
                journal.old_pictures(number),
            )
            for number in journal.products()
        ]
        return products, journal.products(), journal.plans(), recorded_elsewhere([], STORE, [])
    finally:
        journal.close()


def flips(raw: bytes, many: int) -> Iterator[tuple[int, bytes]]:
    """The file with one bit flipped: in the whole header, and at random places all over it."""
    draw = random.Random(11)
    bits = [*range(0, 100 * 8, 7), *(draw.randrange(len(raw) * 8) for _ in range(many))]
    for bit in bits:
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        yield bit, bytes(changed)


def test_a_flipped_bit_is_told_or_makes_no_difference(folder: Path, tmp_path: Path) -> None:
    whole, raw = content(folder), (folder / JOURNAL_NAME).read_bytes()
    told = 0
    for bit, changed in flips(raw, 250):
        for left in tmp_path.iterdir():
            left.unlink()
        (tmp_path / JOURNAL_NAME).write_bytes(changed)
        others, unread = recorded_elsewhere([tmp_path], STORE, [url(1, 0)])
        assert unread or others.pictures[1][url(1, 0)].entry.image_id == 3003, bit
        assert serves(tmp_path, STORE), bit
        try:
            assert recorded_stores(tmp_path) == [STORE], bit
            assert content(tmp_path) == whole, bit
        except ResultsError:
            told += 1
    assert told > 100


def test_a_value_that_was_changed_behind_the_journals_back_is_damage(folder: Path, tmp_path: Path) -> None:
    """An id that is another one now is a sound file to SQLite."""
    raw = (folder / JOURNAL_NAME).read_bytes()
    # The name of a file, in which no order and no index has a part.
    name = b"a/0__12345.jpg"
    assert name in raw
    (tmp_path / JOURNAL_NAME).write_bytes(raw.replace(name, b"a/0__12346.jpg", 1))
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    with pytest.raises(ResultsError, match=r"the file is damaged\. Move it away, or put a copy of it back"):
        Journal(tmp_path, STORE)
    with pytest.raises(ResultsError, match="Put a copy of it back from a backup, or delete the pictures") as raised:
        recorded_stores(tmp_path)
    assert "--results" not in str(raised.value)


def test_an_undo_with_a_flipped_bit_takes_everything_back_or_nothing(
    program: Program, store: Sandbox, pictures: str
) -> None:
    folder = imported(program, store, pictures, 4, "abc")
    journal = folder / JOURNAL_NAME
    raw, whole = journal.read_bytes(), [store.images(number) for number in range(1, 5)]
    record = raw.index(b"/a.jpg")
    for bit in range(8 * (record - 60), 8 * (record + 20), 31):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        journal.write_bytes(changed)
        with pytest.raises(ResultsError):
            undo_here(folder, store)
        assert [store.images(number) for number in range(1, 5)] == whole
    journal.write_bytes(raw)
    assert undo_here(folder, store).complete
    assert [store.images(number) for number in range(1, 5)] == [[]] * 4


@pytest.mark.long
def test_the_program_ends_with_2_and_a_sentence(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures, 1, "ab")
    journal = folder / JOURNAL_NAME
    raw = journal.read_bytes()
    assert raw.count(b"/b.jpg") >= 1
    journal.write_bytes(raw.replace(b"/b.jpg", b"/c.jpg"))
    done = program.run("undo", folder, "--yes", sandbox=store)
    assert done.returncode == 2
    assert "the file is damaged" in done.stderr
    done = program.run("run", "rows.csv", "--no-check", "--yes", sandbox=store)
    assert done.returncode == 2
    assert "the file is damaged" in done.stderr
    assert len(store.images(1)) == 2
