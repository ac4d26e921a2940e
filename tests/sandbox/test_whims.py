"""A store that does to pictures what nobody asked for."""

from importer.sandbox import Sandbox, SandboxSettings
from tests.sandbox.conftest import GOOD, StoreClient


def thumbnails(sandbox: Sandbox) -> list[int]:
    return [image["id"] for image in sandbox.images(1101) if image["is_thumbnail"]]


def test_a_store_that_shuffles_never_keeps_the_order_asked_for_until_a_put_mends_it() -> None:
    with Sandbox(SandboxSettings(shuffle=True)) as sandbox:
        store = StoreClient(sandbox)
        ids = [store.added(1101, f"{at}.jpg", sort_order=at)["id"] for at in range(4)]
        shown = [image["id"] for image in sandbox.images(1101)]
        assert shown != ids
        assert shown[-1] != ids[-1]
        for at, key in enumerate(ids):
            store.call("PUT", f"/products/1101/images/{key}", {"sort_order": 2_000 + at})
        assert [image["id"] for image in sandbox.images(1101)] == ids


def test_a_batch_is_shuffled_as_well() -> None:
    with Sandbox(SandboxSettings(shuffle=True)) as sandbox:
        images = [{"image_url": f"{GOOD}/{name}.jpg", "sort_order": at} for at, name in enumerate("ab")]
        assert StoreClient(sandbox).call("PUT", "/products", [{"id": 1101, "images": images}]).status == 200
        first, second = sandbox.images(1101)
        assert first["id"] > second["id"]


def test_a_lost_thumbnail_comes_back_by_a_put_that_names_it() -> None:
    with Sandbox(SandboxSettings(lose_thumbnail=True)) as sandbox:
        store = StoreClient(sandbox)
        first, second = store.added(1101, is_thumbnail=True)["id"], store.added(1101)["id"]
        assert thumbnails(sandbox) == []
        store.call("PUT", f"/products/1101/images/{first}", {"sort_order": 3})
        assert thumbnails(sandbox) == []
        store.call("PUT", f"/products/1101/images/{second}", {"is_thumbnail": True})
        assert thumbnails(sandbox) == [second]


def test_two_thumbnails_become_one_by_a_put_that_names_it() -> None:
    with Sandbox(SandboxSettings(two_thumbnails=True)) as sandbox:
        store = StoreClient(sandbox)
        ids = [store.added(1101)["id"] for _ in range(3)]
        assert thumbnails(sandbox) == [ids[0], ids[2]]
        store.call("PUT", f"/products/1101/images/{ids[0]}", {"is_thumbnail": True})
        assert thumbnails(sandbox) == [ids[0]]


def test_the_built_in_galleries_are_as_ever() -> None:
    for settings in (SandboxSettings(shuffle=True), SandboxSettings(lose_thumbnail=True)):
        images = Sandbox(settings).images(1108)
        assert [(image["sort_order"], image["is_thumbnail"]) for image in images] == [(0, True), (1, False)]
