"""Undo of the pictures that an import gave to variants."""

import asyncio
import time

from importer.models import Variant
from importer.store import Answer, StoreClient, find_products, restore_variant_image, set_variant_image
from importer.uploader import UndoStatus
from tests.uploader.undo_shop import Shop


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
