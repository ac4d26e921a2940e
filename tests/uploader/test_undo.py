"""Undo against the pretend store: the import's pictures go, everything else is as it was before it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from importer.models import ImageRow, Problem, StoreImage, Variant
from importer.sandbox import Fault, RequestRecord, Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import (
    Answer,
    StoreClient,
    add_image,
    delete_image,
    find_products,
    open_store,
    parse_image,
    restore_variant_image,
    set_variant_image,
)
from importer.uploader import Journal, Undo, UndoLine, UndoStatus, UndoSurvey, survey_undo

Result = TypeVar("Result")
PATIENCE: dict[str, Any] = {"first_backoff": 0.02, "longest_backoff": 0.1, "settle": 0.1, "timeout": 10.0}


@dataclass
class Shop:
    """A store, the journal of one import into it, and the people who change it by hand."""

    sandbox: Sandbox
    folder: Path
    pictures: str
    undone: Undo = field(init=False)
    variants: list[Variant] = field(default_factory=list)
    earlier: int = field(init=False)

    def __post_init__(self) -> None:
        self.earlier = len(self.sandbox.requests())

    def do(self, work: Callable[[StoreClient], Awaitable[Result]]) -> Result:
        async def connected() -> Result:
            async with open_store(self.store, NetworkSettings(self.sandbox.ca_file)) as client:
                return await work(client)

        return asyncio.run(connected())

    @property
    def store(self) -> StoreSettings:
        return StoreSettings(self.sandbox.store_hash, AccessToken(self.sandbox.access_token), self.sandbox.api_url)

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        journal = Journal(self.folder, self.store.identity)
        try:
            yield journal
        finally:
            journal.close()

    async def send(self, client: StoreClient, product: int, name: str, **values: Any) -> StoreImage:
        async def leaving() -> None:
            """Nothing to record."""

        url = f"{self.pictures}/{name}"
        answer = await add_image(client, product, ImageRow("", 2, product, "", url, url, **values), leaving)
        assert isinstance(answer, Answer)
        image = parse_image(answer.data)
        assert image is not None
        return image

    def by_hand(self, product: int, *names: str, **values: Any) -> list[int]:
        """Pictures that somebody else adds, in order; their ids."""

        async def work(client: StoreClient) -> list[int]:
            return [(await self.send(client, product, name, **values)).id for name in names]

        return self.do(work)

    def imported(self, product: int, *names: str, thumbnail: str = "", old: Sequence[int] = ()) -> list[int]:
        """Pictures that the import adds, with its records; their ids."""

        async def work(client: StoreClient) -> list[int]:
            before = next((one["id"] for one in self.sandbox.images(product) if one["is_thumbnail"]), None)
            with self.journal() as journal:
                await journal.begin(product, before, old)
                ids = []
                for name in names:
                    newest = max((one["id"] for one in self.sandbox.images(product)), default=0)
                    await journal.intend(product, [f"{self.pictures}/{name}"], newest)
                    image = await self.send(client, product, name, is_thumbnail=name == thumbnail, description="Mug")
                    journal.stored(product, f"{self.pictures}/{name}", image)
                    ids.append(image.id)
                return ids

        return self.do(work)

    def change(self, product: int, image_id: int, **values: Any) -> None:
        async def work(client: StoreClient) -> Answer | Problem:
            path = f"/catalog/products/{product}/images/{image_id}"
            return await client.change("PUT", path, values)

        assert isinstance(self.do(work), Answer)

    def delete(self, product: int, image_id: int) -> None:
        async def work(client: StoreClient) -> Answer | Problem:
            return await delete_image(client, product, image_id)

        assert isinstance(self.do(work), Answer)

    def undo(self, stop_after: int = 0, **settings: Any) -> list[UndoLine]:
        """One undo from its survey to its end; `stop_after` so many lines it is told to stop, as by Ctrl-C."""
        chosen = UploadSettings(**(PATIENCE | settings))

        async def work(journal: Journal) -> Undo:
            stop = asyncio.Event()

            def watch(_: UndoLine) -> None:
                if len(undo.lines) == stop_after:
                    stop.set()

            network = NetworkSettings(self.sandbox.ca_file)
            async with open_store(self.store, network, chosen, stop=stop) as client:
                undo = Undo(client, journal, chosen, stop, watch)
                await undo.run()
            return undo

        with self.journal() as journal:
            self.undone = asyncio.run(work(journal))
            return [*self.undone.lines, *self.undone.unreached()]

    def survey(self) -> UndoSurvey:
        with self.journal() as journal:
            return self.do(lambda client: survey_undo(client, journal))

    def ids(self, product: int) -> list[int]:
        return [image["id"] for image in self.sandbox.images(product)]

    def thumbnails(self, product: int) -> list[int]:
        return [image["id"] for image in self.sandbox.images(product) if image["is_thumbnail"]]

    def recorded(self) -> list[int]:
        with self.journal() as journal:
            return journal.products()

    def requests(self) -> list[RequestRecord]:
        """What the store was asked since this shop was opened."""
        return self.sandbox.requests()[self.earlier :]

    async def clear_out(self, client: StoreClient) -> None:
        """Take the pictures away that the next test must not find."""
        for product in (1, 2, 3):
            for image_id in self.ids(product):
                await delete_image(client, product, image_id)
        for variant in self.variants:
            await restore_variant_image(client, variant.product_id, variant.id, "")

    def asked(self, method: str) -> int:
        return sum(request.method == method for request in self.requests())


def ends(lines: list[UndoLine]) -> list[tuple[int | None, str]]:
    return sorted(((line.image_id, str(line.status)) for line in lines), key=str)


@contextmanager
def shop_with(pictures: str, folder: Path, **settings: Any) -> Iterator[Shop]:
    products = tuple((number, f"SKU-{number}") for number in range(1, 41))
    chosen: dict[str, Any] = {"products": products, "allow_private": True, "quota": 100_000}
    with Sandbox(SandboxSettings(**(chosen | settings))) as sandbox:
        yield Shop(sandbox, folder, pictures)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One store for all tests that want nothing special of it; most of a test's time would go into starting one."""
    with shop_with("", Path()) as made:
        yield made.sandbox


@pytest.fixture
def shop(sandbox: Sandbox, pictures: str, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(sandbox, tmp_path, pictures)
    yield made
    made.do(made.clear_out)


def test_exactly_the_imports_pictures_go_and_the_thumbnail_of_before_is_back(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    shop.change(1, side, is_thumbnail=True)
    ours = shop.imported(1, "a.jpg", "b.jpg", "c.jpg", thumbnail="b.jpg")
    (later,) = shop.by_hand(1, "later.jpg", sort_order=9)
    assert shop.thumbnails(1) == [ours[1]]
    assert ends(shop.undo()) == [(number, "deleted") for number in ours]
    assert shop.ids(1) == [front, side, later]
    assert shop.thumbnails(1) == [side]
    assert shop.recorded() == []


def test_the_thumbnail_is_handed_over_before_the_first_picture_is_deleted(shop: Shop) -> None:
    shop.by_hand(1, "front.jpg")
    shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.undo()
    writes = [request.method for request in shop.requests() if request.method in {"PUT", "DELETE"}]
    assert writes == ["PUT", "DELETE", "DELETE"]


def test_a_thumbnail_that_the_import_did_not_displace_costs_no_request(shop: Shop) -> None:
    (front,) = shop.by_hand(1, "front.jpg")
    shop.imported(1, "a.jpg")
    shop.undo()
    assert (shop.asked("PUT"), shop.thumbnails(1)) == (0, [front])


def test_a_product_that_was_empty_is_empty_again(shop: Shop) -> None:
    ours = shop.imported(1, "a.jpg", "b.jpg")
    assert ends(shop.undo()) == [(number, "deleted") for number in ours]
    assert shop.ids(1) == []
    assert shop.asked("PUT") == 0


def test_a_second_undo_has_nothing_to_do(shop: Shop) -> None:
    shop.imported(1, "a.jpg")
    shop.undo()
    seen = len(shop.requests())
    assert shop.undo() == []
    assert len(shop.requests()) == seen


def test_what_is_gone_already_is_reported_and_forgotten(shop: Shop) -> None:
    first, second = shop.imported(1, "a.jpg", "b.jpg")
    shop.delete(1, first)
    assert ends(shop.undo()) == [(first, "gone"), (second, "deleted")]
    assert shop.recorded() == []
    # The product's own list was asked before a record was forgotten.
    assert any(request.method == "GET" and "/products/1/images" in request.path for request in shop.requests())


def test_a_picture_that_someone_has_edited_is_left_and_reported_each_time(shop: Shop) -> None:
    first, second = shop.imported(1, "a.jpg", "b.jpg")
    shop.change(1, second, description="Written by hand")
    for expected in ([(first, "deleted"), (second, "changed")], [(second, "changed")]):
        lines = shop.undo()
        assert ends(lines) == expected
    assert "description" in lines[0].detail
    assert shop.ids(1) == [second]
    assert shop.recorded() == [1]


def test_a_new_place_in_the_gallery_is_no_edit(shop: Shop) -> None:
    (first,) = shop.imported(1, "a.jpg")
    shop.change(1, first, sort_order=7)
    assert ends(shop.undo()) == [(first, "deleted")]


def test_a_product_that_is_gone_takes_its_records_with_it(shop: Shop) -> None:
    async def record() -> None:
        with shop.journal() as journal:
            await journal.begin(987_654, 5)
            await journal.intend(987_654, ["https://a.example/x.jpg", "https://a.example/y.jpg"], 5)

    asyncio.run(record())
    lines = shop.undo()
    assert [line.status for line in lines] == [UndoStatus.GONE] * 2
    assert "product itself" in lines[0].detail
    assert shop.recorded() == []


def interrupted(shop: Shop, product: int, name: str) -> None:
    async def record() -> None:
        newest = max(shop.ids(product), default=0)
        with shop.journal() as journal:
            await journal.begin(product, None)
            await journal.intend(product, [f"{shop.pictures}/{name}"], newest)

    asyncio.run(record())


def test_an_interrupted_picture_that_may_have_arrived_is_left_with_advice(shop: Shop) -> None:
    interrupted(shop, 1, "a.jpg")
    (arrived,) = shop.by_hand(1, "a.jpg")
    (line,) = shop.undo()
    assert (line.image_id, line.status) == (None, UndoStatus.UNKNOWN)
    assert "Run the import once more, then undo it." in line.detail
    assert shop.ids(1) == [arrived]


def test_an_interrupted_picture_that_never_arrived_is_waited_for_and_then_forgotten(shop: Shop) -> None:
    (front,) = shop.by_hand(1, "front.jpg")
    interrupted(shop, 1, "a.jpg")
    began = time.monotonic()
    (line,) = shop.undo(settle=0.3)
    assert time.monotonic() - began >= 0.3
    assert line.status == UndoStatus.GONE
    assert (shop.ids(1), shop.recorded()) == ([front], [])


def test_a_thumbnail_that_someone_has_chosen_since_is_left_and_told(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    shop.imported(1, "a.jpg", thumbnail="a.jpg")
    shop.change(1, side, is_thumbnail=True)
    (line,) = shop.undo()
    assert (line.status, shop.thumbnails(1)) == (UndoStatus.DELETED, [side])
    assert "thumbnail" in line.detail
    assert shop.asked("PUT") == 1  # the one by hand
    assert shop.ids(1) == [front, side]


def test_where_the_thumbnail_of_before_is_gone_the_first_of_the_others_is_made_it(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    ours = shop.imported(1, "a.jpg", "b.jpg", thumbnail="b.jpg")
    shop.delete(1, front)
    lines = shop.undo()
    assert (shop.ids(1), shop.thumbnails(1)) == ([side], [side])
    assert ends(lines) == [(number, "deleted") for number in ours]
    assert any("gone" in line.detail for line in lines)


def test_our_edited_thumbnail_stays_the_thumbnail(shop: Shop) -> None:
    shop.by_hand(1, "front.jpg")
    first, second = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.change(1, first, description="Better words")
    assert ends(shop.undo()) == [(first, "changed"), (second, "deleted")]
    assert shop.thumbnails(1) == [first]


def test_pictures_that_were_still_to_be_replaced_stay_for_good(shop: Shop) -> None:
    old = shop.by_hand(1, "front.jpg", "side.jpg")
    first, _ = shop.imported(1, "a.jpg", "b.jpg", old=old)
    shop.change(1, first, description="By hand")  # so that the product is not done with
    with shop.journal() as journal:
        assert journal.old_pictures(1) == frozenset(old)
    shop.undo()
    with shop.journal() as journal:
        assert journal.old_pictures(1) == frozenset()
    assert sorted(shop.ids(1)) == [*old, first]


def test_products_go_side_by_side_but_never_two_writes_on_one(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, latency_ms=30) as shop:
        for product in range(1, 5):
            shop.by_hand(product, "front.jpg")
            shop.imported(product, "a.jpg", "b.jpg", thumbnail="b.jpg")
        seen = len(shop.requests())
        assert len(shop.undo(concurrency=3)) == 8
        requests = shop.requests()[seen:]
        writes = [request for request in requests if request.method != "GET"]
        assert {request.in_flight_same_product for request in writes} == {1}
        assert max(request.peak for request in writes) == 3
        # One request reads all products before, one after.
        assert len(requests) - len(writes) == 2
        assert all(len(shop.ids(product)) == len(shop.thumbnails(product)) == 1 for product in range(1, 5))


@pytest.mark.parametrize("kind", ["500", "502_html", "429_bare", "reset_before", "reset_after"])
def test_a_failing_store_ends_with_the_gallery_of_before(pictures: str, tmp_path: Path, kind: str) -> None:
    faults = (Fault(1, kind, "PUT"), Fault(2, kind, "DELETE"))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        before = shop.by_hand(1, "front.jpg", "side.jpg")
        shop.imported(1, "a.jpg", "b.jpg", thumbnail="b.jpg")
        lines = shop.undo(concurrency=1)
        assert {str(line.status) for line in lines} <= {"deleted", "gone"}
        assert len(lines) == 2
        assert (shop.asked("PUT"), shop.asked("DELETE")) == (2, 3)  # both faults struck
        assert (shop.ids(1), shop.thumbnails(1)) == (before, before[:1])
        assert shop.recorded() == []


def test_while_the_thumbnail_cannot_be_handed_over_ours_stays(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "503", "PUT") for number in (1, 2))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        (front,) = shop.by_hand(1, "front.jpg")
        first, second = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
        lines = shop.undo(attempts=2)
        assert ends(lines) == [(first, "failed"), (second, "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front, first], [first])
        assert ends(shop.undo()) == [(first, "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front], [front])


def test_a_product_that_is_left_with_two_thumbnails_is_mended(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, two_thumbnails=True) as shop:
        front, side = shop.by_hand(1, "front.jpg", "side.jpg")
        ours = shop.imported(1, "a.jpg")
        assert len(shop.thumbnails(1)) == 2
        assert ends(shop.undo()) == [(ours[0], "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front, side], [front])
        shop.imported(1)
        shop.by_hand(1, "later.jpg")
        assert len(shop.thumbnails(1)) == 2
        assert shop.undo() == []
        assert shop.thumbnails(1) == [front]
        assert shop.recorded() == []


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_token_stops_the_undo_and_the_rest_is_not_reached(pictures: str, tmp_path: Path, kind: str) -> None:
    with shop_with(pictures, tmp_path, faults=(Fault(2, kind, "DELETE"),)) as shop:
        for product in (1, 2, 3):
            shop.imported(product, "a.jpg")
        lines = shop.undo(concurrency=1)
        assert [str(line.status) for line in lines] == ["deleted", "not_reached", "not_reached"]
        assert shop.asked("DELETE") == 2
        assert shop.undone.stopped is not None
        assert shop.sandbox.access_token not in repr((lines, str(shop.undone.stopped)))
        assert shop.recorded() == [1, 2, 3]


def test_a_store_that_fails_every_time_stops_the_undo(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "503", "DELETE") for number in range(1, 60))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        for product in range(1, 13):
            shop.imported(product, "a.jpg")
        lines = shop.undo(concurrency=1, attempts=2)
        assert "in a row" in str(shop.undone.stopped)
        counts = [str(line.status) for line in lines]
        assert (counts.count("failed"), counts.count("not_reached")) == (10, 2)


def test_a_stop_finishes_what_is_under_way_and_the_next_undo_carries_on(shop: Shop) -> None:
    for product in (1, 2, 3):
        shop.by_hand(product, "front.jpg")
        shop.imported(product, "a.jpg", "b.jpg", thumbnail="a.jpg")
    lines = shop.undo(stop_after=3, concurrency=1)
    assert [str(line.status) for line in lines].count("not_reached") == 3
    assert shop.asked("DELETE") == 3
    assert all(len(shop.thumbnails(product)) == 1 for product in (1, 2, 3))
    assert {str(line.status) for line in shop.undo()} == {"deleted"}
    assert shop.asked("DELETE") == 6
    assert all(len(shop.ids(product)) == len(shop.thumbnails(product)) == 1 for product in (1, 2, 3))
    assert shop.recorded() == []


def test_a_small_quota_is_waited_for_and_never_tripped(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, quota=8, window_ms=500) as shop:
        for product in range(1, 6):
            shop.imported(product, "a.jpg")
        assert [str(line.status) for line in shop.undo()] == ["deleted"] * 5
        assert all(request.status != 429 for request in shop.requests())


def test_the_survey_counts_and_writes_nothing(shop: Shop) -> None:
    old = shop.by_hand(1, "front.jpg")
    first, _ = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.change(1, first, description="By hand")
    shop.imported(2, "a.jpg")
    interrupted(shop, 3, "a.jpg")
    shop.delete(1, old[0])
    seen = len(shop.requests())
    found = shop.survey()
    assert found == UndoSurvey(records=4, products=2, pictures=2, changed=1, doubtful=1, pictures_lost=1)
    assert [request.method for request in shop.requests()[seen:]] == ["GET"]


def give_variant(shop: Shop, sku: str, name: str, *, recorded: bool) -> Variant:
    """A variant's picture, set by the import or, where nothing is recorded, by hand; the variant as it was."""

    async def work(client: StoreClient) -> Variant:
        variant = (await find_products(client, [], [sku], lambda _: None)).variants[sku]
        url = f"{shop.pictures}/{name}"

        async def leaving() -> None:
            if recorded:
                await journal.begin(variant.product_id, None)
                await journal.intend_variant(variant.product_id, variant.id, url, variant.image_url)

        with shop.journal() as journal:
            answer = await set_variant_image(client, variant, url, leaving)
            assert isinstance(answer, Answer)
            if recorded:
                journal.variant_stored(variant.id, answer.data["image_url"])
        shop.variants.append(variant)
        return variant

    return shop.do(work)


def test_variants_get_back_the_picture_of_before_or_none(shop: Shop) -> None:
    give_variant(shop, "BTL-1L-BLU", "old.jpg", recorded=False)
    blue = give_variant(shop, "BTL-1L-BLU", "new.jpg", recorded=True)
    steel = give_variant(shop, "BTL-1L-STL", "new.jpg", recorded=True)
    assert blue.image_url
    assert not steel.image_url
    assert shop.survey().variants == 2
    lines = shop.undo()
    assert [(line.variant_id, str(line.status)) for line in lines] == [(blue.id, "restored"), (steel.id, "restored")]
    assert str(blue.id) in lines[0].detail
    assert [shop.sandbox.variant_image(one.id) for one in (blue, steel)] == [blue.image_url, ""]
    assert shop.recorded() == []
    assert shop.undo() == []


def test_a_variant_whose_picture_someone_has_changed_is_left(shop: Shop) -> None:
    variant = give_variant(shop, "BTL-1L-BLU", "new.jpg", recorded=True)
    give_variant(shop, "BTL-1L-BLU", "newer.jpg", recorded=False)
    now = shop.sandbox.variant_image(variant.id)
    (line,) = shop.undo()
    assert line.status == UndoStatus.CHANGED
    assert shop.sandbox.variant_image(variant.id) == now
    assert shop.recorded() == [variant.product_id]


def test_a_variant_that_someone_has_set_back_needs_no_request(shop: Shop) -> None:
    variant = give_variant(shop, "BTL-1L-BLU", "new.jpg", recorded=True)
    shop.do(lambda client: restore_variant_image(client, variant.product_id, variant.id, ""))
    (line,) = shop.undo()
    assert (line.status, shop.asked("PUT")) == (UndoStatus.GONE, 1)


def test_a_variant_whose_picture_was_interrupted_is_left_with_advice(shop: Shop) -> None:
    variant = give_variant(shop, "BTL-1L-BLU", "new.jpg", recorded=True)

    async def interrupt() -> None:
        with shop.journal() as journal:
            await journal.intend_variant(variant.product_id, variant.id, "https://a.example/x.jpg", variant.image_url)

    asyncio.run(interrupt())
    began = time.monotonic()
    (line,) = shop.undo(settle=0.3)
    assert time.monotonic() - began >= 0.3
    assert line.status == UndoStatus.UNKNOWN
    assert "Run the import once more" in line.detail
    assert shop.sandbox.variant_image(variant.id) != ""
