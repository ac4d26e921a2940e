"""The record of what was sent: an intention before each request, the result after it.

It answers the one question that the store cannot: "did an earlier run send this picture to this product?" Entries are
found by store, product and address, so neither the file's name nor the time of a run matters.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer.models import ImageRow, StoreImage
from importer.uploader.group_commit import GroupCommit
from importer.uploader.journal_file import ELSEWHERE, JournalFile, Value

JOURNAL_NAME = "journal.sqlite3"

ENTRY = "image_id, image_file, description, newest_id, sort_order, proven, doubted"
"""The columns of an `Entry`, in its order."""
_ENTRIES = f"SELECT url, {ENTRY} FROM picture WHERE store = ? AND product_id = ?"  # noqa: S608 - see above
_INTEND = (
    "INSERT INTO picture (store, product_id, url, newest_id, intended_at, description, sort_order) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET image_id = NULL, image_file = '', "
    "description = excluded.description, sort_order = excluded.sort_order, intended_at = excluded.intended_at, "
    "newest_id = CASE WHEN doubted THEN min(newest_id, excluded.newest_id) ELSE excluded.newest_id END"
)
_ANSWERED = "INSERT OR IGNORE INTO picture (store, product_id, url, newest_id, intended_at) VALUES (?, ?, ?, ?, ?)"
_STORED = (
    "UPDATE picture SET image_id = ?, image_file = ?, description = ?, proven = ? "
    "WHERE store = ? AND product_id = ? AND url = ?"
)
_BEGIN = (
    "INSERT INTO product (store, product_id, thumbnail_id, settled, old_taken, asked) VALUES (?, ?, ?, 0, ?, ?) "
    "ON CONFLICT DO UPDATE SET settled = 0, old_taken = max(old_taken, excluded.old_taken), "
    "asked = CASE WHEN excluded.old_taken THEN excluded.asked ELSE asked END"
)
_PRODUCTS = " UNION ".join(
    f"SELECT product_id FROM {table} WHERE store = ?1"  # noqa: S608 - the names stand right below
    for table in ("picture", "product", "old_picture", "variant")
)
PLANS = "SELECT plan FROM plan WHERE store = ?"
VARIANT = "product_id, url, image_url, image_url_before"
"""The columns of a `VariantRecord`, in its order."""
_INTEND_VARIANT = (
    "INSERT INTO variant (store, variant_id, product_id, url, image_url_before) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET product_id = excluded.product_id, url = excluded.url, image_url = ''"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture's record.

    Attributes:
        image_id: the store's id of the picture, or None while it is not known whether the store took it.
        image_file: the store's name of the file, empty until then.
        description: the alt text that was sent, later the one that the store has for it.
        newest_id: the largest picture id that the product had before the picture was sent; ids only grow
            (BigCommerce docs, productImage: "increments sequentially").
        sort_order: the position that was sent; None where it was not recorded.
        proven: whether an answer of the store named the picture; where none did, it was known by its likeness, and may
            be somebody else's.
        doubted: whether a request for it ended without an answer, so that a second copy may come.
    """

    image_id: int | None
    image_file: str
    description: str
    newest_id: int
    sort_order: int | None = None
    proven: bool = True
    doubted: bool = False


def read_entry(columns: Sequence[Any]) -> Entry:
    """The columns `ENTRY` of a row as an `Entry`."""
    image_id, image_file, description, newest_id, sort_order, proven, doubted = columns
    return Entry(image_id, image_file, description, newest_id, sort_order, bool(proven), bool(doubted))


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """What is known of a product that this import writes to.

    Attributes:
        thumbnail_id: the picture that was its thumbnail before the import's first write; None where it had none,
            or where the journal is from a version that did not record it.
        settled: order and thumbnail were read back after the last write, and are right.
        old_taken: its pictures of before were told apart from new ones, to be deleted; there may have been none.
        asked: the addresses to whose pictures those of before make room, as `addresses_asked` has them.
    """

    thumbnail_id: int | None
    settled: bool
    old_taken: bool
    asked: str = ""


@dataclass(frozen=True, slots=True)
class VariantRecord:
    """One variant's picture.

    Attributes:
        product_id: the product that it belongs to.
        url: the address that was sent.
        image_url: the store's address of the picture, empty while it is not known whether the store took it.
        image_url_before: the store's address of the picture that it had before the import, empty for none.
    """

    product_id: int
    url: str
    image_url: str
    image_url_before: str


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """What another journal knows of a picture that this import asks for.

    Attributes:
        intended_at: when it was about to be sent, in seconds since 1970.
    """

    entry: Entry
    intended_at: float


@dataclass(frozen=True, slots=True)
class OtherJournals:
    """What the journals of other results folders know of the pictures that this import asks for, on the same store.

    Attributes:
        pictures: by product and address.
        variants: by product and variant.
        unsettled: products of which order and thumbnail may not be right yet.
    """

    pictures: dict[int, dict[str, OtherRecord]] = field(default_factory=dict)
    variants: dict[int, dict[int, VariantRecord]] = field(default_factory=dict)
    unsettled: set[int] = field(default_factory=set)


class Journal:
    """The journal of one store, held by one process at a time.

    Reads see everything that was recorded before them. Intentions are on the disk when their call returns; results are
    with the next intention, or with `flush` or `close`. Where one is lost by a crash in between, its intention is left,
    and the next run asks the store. Nothing is bound to an event loop: it is made before one and closed after it.

    Args:
        folder: the results folder, which must exist.
        store: which store the entries belong to.
        elsewhere: see `JournalFile`.
        others: what other journals know of the same pictures. It counts where this one knows nothing better, and is
            not what this import did: an undo leaves it alone.

    Attributes:
        opened: when it was opened, by `time.monotonic()`, in seconds.

    Raises:
        ResultsError: another import holds it, it is from a newer version, or it cannot be read or written.
    """

    def __init__(
        self, folder: Path, store: str, elsewhere: str = ELSEWHERE, others: OtherJournals | None = None
    ) -> None:
        self.opened = time.monotonic()
        self._store = store
        self._file = JournalFile(folder / JOURNAL_NAME, elsewhere)
        self._commits = GroupCommit(self._file.commit, self._file.sync)
        self._closed = False
        self._known = set(self.products())
        self._others = others or OtherJournals()

    def entries(self, product_id: int) -> dict[str, Entry]:
        """The pictures of one product, by address."""
        others = self._others.pictures.get(product_id, {})
        found = {url: other.entry for url, other in others.items()}
        if product_id not in self._known:
            return found
        for url, *rest in self._read(_ENTRIES, self._store, product_id):
            entry = read_entry(rest)
            if entry.image_id is not None or not self._answered_elsewhere(product_id, url):
                found[url] = entry
        return found

    def _answered_elsewhere(self, product_id: int, url: str) -> bool:
        """Whether another journal says what became of a picture after this one was left with the question."""
        other = self._others.pictures.get(product_id, {}).get(url)
        if other is None or other.entry.image_id is None:
            return False
        own = self._read(
            "SELECT intended_at FROM picture WHERE store = ? AND product_id = ? AND url = ?",
            self._store,
            product_id,
            url,
        )
        return float(own[0][0]) < other.intended_at

    def product(self, product_id: int) -> ProductRecord | None:
        """What is known of a product, or None before the first `begin`."""
        elsewhere = product_id in self._others.unsettled
        unsettled = ProductRecord(None, settled=False, old_taken=False) if elsewhere else None
        if product_id not in self._known:
            return unsettled
        found = self._read(
            "SELECT thumbnail_id, settled, old_taken, asked FROM product WHERE store = ? AND product_id = ?",
            self._store,
            product_id,
        )
        return ProductRecord(found[0][0], bool(found[0][1]), bool(found[0][2]), found[0][3]) if found else unsettled

    def variants(self, product_id: int) -> dict[int, VariantRecord]:
        """The variants of one product whose pictures were sent, by variant id."""
        found = self._read(
            f"SELECT variant_id, {VARIANT} FROM variant WHERE store = ? AND product_id = ?",  # noqa: S608 - see above
            self._store,
            product_id,
        )
        own = {variant_id: VariantRecord(*rest) for variant_id, *rest in found}
        return self._others.variants.get(product_id, {}) | own

    def old_pictures(self, product_id: int) -> frozenset[int]:
        """Ids of the pictures of one product that are to be deleted once the new ones are in."""
        found = self._read(
            "SELECT image_id FROM old_picture WHERE store = ? AND product_id = ?", self._store, product_id
        )
        return frozenset(image_id for (image_id,) in found)

    def products(self) -> list[int]:
        """The ids of all products with a record of any kind, ascending."""
        return [product_id for (product_id,) in self._read(f"{_PRODUCTS} ORDER BY 1", self._store)]

    def plans(self) -> frozenset[str]:
        """The fingerprints of all imports that were run with this journal."""
        return frozenset(plan for (plan,) in self._read(PLANS, self._store))

    async def begin(
        self,
        product_id: int,
        thumbnail_id: int | None,
        old: Collection[int] | None = None,
        asked: str = "",
        *,
        wait: bool = True,
    ) -> None:
        """Record, before a run's first write to a product, how it was.

        Args:
            product_id: the product.
            thumbnail_id: the picture that is its thumbnail, None for none; an earlier record of it is kept.
            old: ids of pictures to be deleted once the new ones are in, in place of those on record; None leaves the
                record of them as it is.
            asked: what the new ones are, as `addresses_asked` has it.
            wait: whether to return only when this is on the disk; otherwise it is there with the next intention.

        Raises:
            JournalLostError: the journal cannot be written.
        """
        self._write(_BEGIN, self._store, product_id, thumbnail_id, old is not None, asked)
        if old is not None:
            # What an import with other addresses wanted to delete may be what this one asks for.
            self._write("DELETE FROM old_picture WHERE store = ? AND product_id = ?", self._store, product_id)
        for image_id in old or ():
            self._write("INSERT OR IGNORE INTO old_picture VALUES (?, ?, ?)", self._store, product_id, image_id)
        self._known.add(product_id)
        if wait:
            await self.flush()

    async def intend(self, product_id: int, urls: Sequence[str], newest_id: int, sent: Sequence[ImageRow] = ()) -> None:
        """Record that pictures are about to be sent: all of them or, where it is killed here, none.

        Args:
            product_id: the product.
            urls: the addresses of the pictures.
            newest_id: the largest picture id that the product has; where a request for a picture is in doubt already,
                the one from before that request is kept.
            sent: the rows as they leave, by which their pictures may have to be known again.

        Raises:
            JournalLostError: the journal cannot be written.
        """
        now = time.time()
        self._known.add(product_id)
        shown = {row.sent_url: (row.description, row.sort_order) for row in sent}
        for url in urls:
            self._write(_INTEND, self._store, product_id, url, newest_id, now, *shown.get(url, ("", None)))
        await self.flush()

    async def intend_variant(self, product_id: int, variant_id: int, url: str, image_url_before: str) -> None:
        """Record that a variant's picture is about to be sent; an earlier `image_url_before` is kept.

        Raises:
            JournalLostError: the journal cannot be written.
        """
        self._known.add(product_id)
        self._write(_INTEND_VARIANT, self._store, variant_id, product_id, url, image_url_before)
        await self.flush()

    def stored(self, product_id: int, url: str, image: StoreImage, *, proven: bool = True) -> None:
        """Record that the store has the picture; `proven` is as in `Entry`."""
        other = self._others.pictures.get(product_id, {}).pop(url, None)
        if other is not None:
            # Another import was left with the question; the answer, and what it is good for, belong to this one.
            self._known.add(product_id)
            self._write(_ANSWERED, self._store, product_id, url, other.entry.newest_id, other.intended_at)
        self._write(_STORED, image.id, image.image_file, image.description, proven, self._store, product_id, url)

    def doubt(self, product_id: int, url: str, *, doubted: bool = True) -> None:
        """Record that a second copy of a picture may come or, without `doubted`, that none will come any more."""
        self._write(
            "UPDATE picture SET doubted = ? WHERE store = ? AND product_id = ? AND url = ?",
            doubted,
            self._store,
            product_id,
            url,
        )

    def proves(self, product_id: int, image_id: int) -> bool:
        """Whether an answer of the store to this very journal's import named the picture."""
        return bool(
            self._read(
                "SELECT 1 FROM picture WHERE store = ? AND product_id = ? AND image_id = ? AND proven",
                self._store,
                product_id,
                image_id,
            )
        )

    def forget(self, product_id: int, url: str) -> None:
        """Record that the store certainly does not have the picture."""
        self._others.pictures.get(product_id, {}).pop(url, None)
        self._write("DELETE FROM picture WHERE store = ? AND product_id = ? AND url = ?", self._store, product_id, url)

    def settle(self, product_id: int) -> None:
        """Record that order and thumbnail were read back and are right."""
        self._write("UPDATE product SET settled = 1 WHERE store = ? AND product_id = ?", self._store, product_id)

    def old_deleted(self, product_id: int, image_id: int) -> None:
        """Record that the store does not have an old picture any more."""
        self._write(
            "DELETE FROM old_picture WHERE store = ? AND product_id = ? AND image_id = ?",
            self._store,
            product_id,
            image_id,
        )

    def variant_stored(self, variant_id: int, image_url: str) -> None:
        """Record the store's address of a variant's new picture."""
        self._write(
            "UPDATE variant SET image_url = ? WHERE store = ? AND variant_id = ?", image_url, self._store, variant_id
        )

    def restore_variant(self, variant_id: int, record: VariantRecord) -> None:
        """Record that the store refused a variant's new picture: it has the one of an earlier record.

        Args:
            variant_id: the variant.
            record: what was known of it before the refused picture was about to be sent.
        """
        self._write(
            "UPDATE variant SET url = ?, image_url = ? WHERE store = ? AND variant_id = ?",
            record.url,
            record.image_url,
            self._store,
            variant_id,
        )

    def forget_variant(self, variant_id: int) -> None:
        """Record that a variant has the picture again that it had before."""
        self._write("DELETE FROM variant WHERE store = ? AND variant_id = ?", self._store, variant_id)

    def forget_product(self, product_id: int) -> None:
        """Record that a product is as it was: nothing is to be restored, and no old picture to be deleted."""
        for statement in (
            "DELETE FROM product WHERE store = ? AND product_id = ?",
            "DELETE FROM old_picture WHERE store = ? AND product_id = ?",
        ):
            self._write(statement, self._store, product_id)

    def add_plan(self, plan: str) -> None:
        """Record that the import with this fingerprint is run with this journal."""
        self._write("INSERT OR IGNORE INTO plan VALUES (?, ?)", self._store, plan)

    async def flush(self) -> None:
        """Wait until everything recorded so far is on the disk.

        Raises:
            JournalLostError: it cannot be written, now or earlier.
        """
        self._file.check()
        await self._commits.on_disk()
        self._file.check()

    def close(self) -> None:
        """Bring everything to the disk and let another process have the journal; a second call does nothing.

        Raises:
            JournalLostError: something that was recorded could not be written, now or earlier.
        """
        if self._closed:
            return
        self._closed = True
        self._commits.close()
        self._file.commit()
        self._file.sync()
        self._file.close()
        self._file.check()

    def _read(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        return self._file.read(statement, values)

    def _write(self, statement: str, *values: Value) -> None:
        self._file.write(statement, values)
