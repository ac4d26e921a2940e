"""Requests that change pictures of products and variants, against the pretend store: what they do and give back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Literal

import pytest

from importer.errors import StoreStoppedError
from importer.models import ImageRow, Problem, StoreImage, Variant
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import (
    MAX_PRODUCTS_PER_UPDATE,
    Answer,
    ProductUpdate,
    StoreClient,
    add_image,
    change_image,
    delete_image,
    find_image,
    find_products,
    find_variant,
    list_images,
    open_store,
    read_products,
    restore_variant_image,
    set_variant_image,
    update_products,
)

QUICK = UploadSettings(attempts=3, first_backoff=0.01, longest_backoff=0.02, timeout=10.0)
LAMP = 1108
Work = Callable[[StoreClient], Awaitable[Any]]


def asked(sandbox: Sandbox, work: Work) -> Any:
    async def run() -> Any:
        settings = StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)
        async with open_store(settings, NetworkSettings(sandbox.ca_file), QUICK) as client:
            return await work(client)

    return asyncio.run(run())


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """A store that takes every address unseen."""
    with Sandbox(SandboxSettings(quota=10_000, fetch=False)) as sandbox:
        yield sandbox


def row(name: str, **more: Any) -> ImageRow:
    url = f"https://images.example/{name}.jpg"
    return ImageRow("", 2, LAMP, "", url, url, **more)


async def no_record() -> None:
    """Nothing to write down."""


def stems(sandbox: Sandbox, product_id: int) -> list[str]:
    return [image["image_file"].rpartition("/")[2].rpartition("__")[0] for image in sandbox.images(product_id)]


def test_a_picture_is_added_with_everything_its_row_says_once_the_record_is_written(shop: Sandbox) -> None:
    told: list[int] = []

    async def record() -> None:
        told.append(len(shop.images(1101)))

    wanted = row("mug", description="A mug", sort_order=4, is_thumbnail=True)
    answer: Answer = asked(shop, lambda client: add_image(client, 1101, wanted, record))
    assert (answer.status, told) == (200, [0])
    (image,) = shop.images(1101)
    assert (image["description"], image["sort_order"], image["is_thumbnail"]) == ("A mug", 4, True)


def test_what_the_record_raises_comes_out_and_nothing_was_sent(shop: Sandbox) -> None:
    async def record() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asked(shop, lambda client: add_image(client, 1101, row("mug"), record))
    assert shop.requests() == []


def test_a_change_touches_what_was_named_and_a_picture_can_be_deleted(shop: Sandbox) -> None:
    first, second = (image["id"] for image in shop.images(LAMP))

    async def work(client: StoreClient) -> None:
        moved = await change_image(client, LAMP, first, sort_order=9)
        assert isinstance(moved, Answer)
        shown = await change_image(client, LAMP, second, is_thumbnail=True)
        assert isinstance(shown, Answer)

    asked(shop, work)
    assert [(image["id"], image["is_thumbnail"]) for image in shop.images(LAMP)] == [(second, True), (first, False)]
    assert shop.images(LAMP)[1]["sort_order"] == 9
    deleted: Answer = asked(shop, lambda client: delete_image(client, LAMP, second))
    assert deleted.status == 204
    assert [image["id"] for image in shop.images(LAMP)] == [first]


def test_a_picture_that_is_gone_is_a_404_and_no_error(shop: Sandbox) -> None:
    async def work(client: StoreClient) -> list[Any]:
        return [
            await change_image(client, LAMP, 7, sort_order=1),
            await delete_image(client, LAMP, 7),
            await find_image(client, LAMP, 7),
            await list_images(client, 424_242),
        ]

    changed, deleted, found, listed = asked(shop, work)
    assert (changed.status, deleted.status, found, listed) == (404, 404, None, None)


def test_a_refused_change_is_the_rows_trouble_and_a_passing_failure_is_tried_again() -> None:
    faults = (Fault(1, "503", "PUT"), Fault(1, "reset_after", "DELETE"))
    with Sandbox(SandboxSettings(quota=10_000, fetch=False, faults=faults)) as sandbox:
        first, second = (image["id"] for image in sandbox.images(LAMP))

        async def work(client: StoreClient) -> list[Any]:
            return [
                await change_image(client, LAMP, first, sort_order=3),
                await delete_image(client, LAMP, second),
                await change_image(client, LAMP, first, sort_order=2**40),
            ]

        changed, deleted, refused = asked(sandbox, work)
        assert [image["sort_order"] for image in sandbox.images(LAMP)] == [3]
    assert changed.status == 200
    assert deleted.status == 204, "the first try had deleted it, before its answer was lost"
    assert isinstance(refused, Problem)


def test_a_refused_token_stops_the_run() -> None:
    with (
        Sandbox(SandboxSettings(quota=10_000, faults=(Fault(1, "401", "DELETE"),))) as sandbox,
        pytest.raises(StoreStoppedError),
    ):
        asked(sandbox, lambda client: delete_image(client, LAMP, 401))


@pytest.mark.parametrize("batch_images", ["append", "replace"])
def test_a_batch_adds_to_several_products_and_loses_no_picture(batch_images: Literal["append", "replace"]) -> None:
    with Sandbox(SandboxSettings(quota=10_000, fetch=False, batch_images=batch_images)) as sandbox:

        async def work(client: StoreClient) -> Any:
            known = await read_products(client, [LAMP, 1101])
            updates = [
                ProductUpdate(LAMP, known[LAMP].images, (row("lit", sort_order=7, description="Lit"),)),
                ProductUpdate(1101, known[1101].images, (row("a", is_thumbnail=True), row("b", sort_order=1))),
            ]
            return await update_products(client, updates, no_record, 60.0)

        answer = asked(sandbox, work)
        assert answer.status == 200
        assert [request.method for request in sandbox.requests()] == ["GET", "PUT"]
        assert stems(sandbox, LAMP) == ["solar-lantern-front", "solar-lantern-packed", "lit"]
        lit = sandbox.images(LAMP)[2]
        assert (lit["sort_order"], lit["description"]) == (7, "Lit")
        assert (stems(sandbox, 1101), sandbox.images(1101)[0]["is_thumbnail"]) == (["a", "b"], True)


def test_a_batch_of_more_than_the_store_takes_is_not_sent(shop: Sandbox) -> None:
    updates = [ProductUpdate(number, (), ()) for number in range(MAX_PRODUCTS_PER_UPDATE + 1)]
    with pytest.raises(ValueError, match="10 products"):
        asked(shop, lambda client: update_products(client, updates, no_record, 60.0))
    assert shop.requests() == []


def test_a_batch_waits_as_long_as_it_is_told() -> None:
    faults = (Fault(1, "late", "PUT"),)
    with Sandbox(SandboxSettings(quota=10_000, fetch=False, faults=faults, late_seconds=1.0)) as sandbox:
        update = ProductUpdate(1101, (), (row("a"),))
        ended = asked(sandbox, lambda client: update_products(client, [update], no_record, 0.3))
        assert not isinstance(ended, Answer)
        assert stems(sandbox, 1101) == ["a"]


def test_a_variants_picture_is_set_and_put_back(shop: Sandbox) -> None:
    async def work(client: StoreClient) -> tuple[Variant, str, str, Any, Any]:
        variant = (await find_products(client, [], ["PACK-45-GRN"])).variants["PACK-45-GRN"]
        addresses = []
        for name in ("green", "greener"):
            answer = await set_variant_image(client, variant, f"https://images.example/{name}.jpg", no_record)
            assert isinstance(answer, Answer)
            addresses.append(answer.data["image_url"])
        after = await find_variant(client, 1106, variant.id)
        assert after is not None
        assert (after.sku, after.image_url) == ("PACK-45-GRN", addresses[1])
        first, second = addresses
        back = await restore_variant_image(client, 1106, variant.id, first)
        restored = await find_variant(client, 1106, variant.id)
        return variant, first, second, back, restored

    before, first, second, back, restored = asked(shop, work)
    assert before.image_url == ""
    assert first != second
    assert back.status == 200
    assert restored.image_url == first == shop.variant_image(before.id)
    assert stems(shop, 1106) == [], "a variant's picture is none of the gallery's"


def test_a_variants_picture_is_taken_away_again_and_a_variant_that_is_gone_is_a_404(shop: Sandbox) -> None:
    async def work(client: StoreClient) -> list[Any]:
        variant = (await find_products(client, [], ["PACK-45-GRN"])).variants["PACK-45-GRN"]
        await set_variant_image(client, variant, "https://images.example/green.jpg", no_record)
        await restore_variant_image(client, 1106, variant.id, "")
        return [
            await find_variant(client, 1106, variant.id),
            await find_variant(client, 1106, 9),
            await restore_variant_image(client, 1106, 9, ""),
        ]

    bare, unknown, gone = asked(shop, work)
    assert (bare.image_url, unknown, gone.status) == ("", None, 404)


def test_a_batch_body_names_kept_pictures_by_id_alone(shop: Sandbox) -> None:
    """A kept picture's other fields stay out, so that a batch cannot undo what somebody changes meanwhile."""
    kept = StoreImage(shop.images(LAMP)[0]["id"], LAMP, "old/name", "old text", 99, False, "", "")
    update = ProductUpdate(LAMP, (kept,), ())
    answer: Answer = asked(shop, lambda client: update_products(client, [update], no_record, 60.0))
    assert answer.status == 200
    image = shop.images(LAMP)[0]
    assert (image["description"], image["sort_order"]) == ("Solar lantern from the front", 0)
