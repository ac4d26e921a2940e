"""The journal against a model of it in memory, through random sequences of calls and reopenings."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from importer.models import StoreImage
from importer.uploader import Journal
from importer.uploader.journal import ProductRecord

PRODUCTS = st.integers(1, 3)
URLS = st.sampled_from(["https://a.example/1.jpg", "https://a.example/2.jpg"])
IDS = st.integers(1, 4)
CALLS = st.one_of(
    st.tuples(st.just("begin"), PRODUCTS, st.none() | IDS, st.none() | st.frozensets(IDS)),
    st.tuples(st.just("intend"), PRODUCTS, st.lists(URLS, unique=True), IDS),
    st.tuples(st.just("stored"), PRODUCTS, URLS, IDS),
    st.tuples(st.just("forget"), PRODUCTS, URLS),
    st.tuples(st.just("settle"), PRODUCTS),
    st.tuples(st.just("old_deleted"), PRODUCTS, IDS),
    st.tuples(st.just("forget_product"), PRODUCTS),
    st.tuples(st.just("reopen")),
)
Call = tuple[object, ...]


@dataclass
class Model:
    """What a journal shall say, in plain dictionaries."""

    pictures: dict[tuple[int, str], tuple[int | None, int]] = field(default_factory=dict)
    thumbnails: dict[int, int | None] = field(default_factory=dict)
    settled: dict[int, bool] = field(default_factory=dict)
    taken: dict[int, bool] = field(default_factory=dict)
    old: dict[int, frozenset[int]] = field(default_factory=dict)

    def apply(self, call: Call) -> None:
        match call:
            case "begin", int(product), int() | None as thumbnail, frozenset() | None as old:
                self.thumbnails.setdefault(product, thumbnail)
                self.settled[product] = False
                self.taken[product] = self.taken.get(product, False) or old is not None
                self.old[product] = self.old.get(product, frozenset()) if old is None else old
            case "intend", int(product), list() as urls, int(newest):
                self.pictures |= {(product, url): (None, newest) for url in urls}
            case "stored", int(product), str(url), int(image) if (product, url) in self.pictures:
                self.pictures[product, url] = (image, self.pictures[product, url][1])
            case "forget", int(product), str(url):
                self.pictures.pop((product, url), None)
            case "settle", int(product) if product in self.settled:
                self.settled[product] = True
            case "old_deleted", int(product), int(image):
                self.old[product] = self.old.get(product, frozenset()) - {image}
            case "forget_product", int(product):
                for of_product in (self.thumbnails, self.settled, self.taken, self.old):
                    of_product.pop(product, None)


async def apply(journal: Journal, call: Call) -> None:
    match call:
        case "begin", int(product), int() | None as thumbnail, frozenset() | None as old:
            await journal.begin(product, thumbnail, old)
        case "intend", int(product), list() as urls, int(newest):
            await journal.intend(product, urls, newest)
        case "stored", int(product), str(url), int(image):
            journal.stored(product, url, StoreImage(image, product, "f", "", 0, False, "", ""))
        case "forget", int(product), str(url):
            journal.forget(product, url)
        case "settle", int(product):
            journal.settle(product)
        case "old_deleted", int(product), int(image):
            journal.old_deleted(product, image)
        case "forget_product", int(product):
            journal.forget_product(product)


def compare(journal: Journal, model: Model) -> None:
    for product in (1, 2, 3):
        assert {
            (product, url): (entry.image_id, entry.newest_id) for url, entry in journal.entries(product).items()
        } == {key: what for key, what in model.pictures.items() if key[0] == product}
        record = journal.product(product)
        assert (record is not None) == (product in model.settled)
        if record is not None:
            expected = ProductRecord(model.thumbnails[product], model.settled[product], model.taken[product])
            assert record == expected
        assert journal.old_pictures(product) == model.old.get(product, frozenset())
    old = {product for product, images in model.old.items() if images}
    assert journal.products() == sorted({product for product, _ in model.pictures} | {*model.settled} | old)


@settings(max_examples=20, deadline=None)
@given(st.lists(CALLS, max_size=25))
def test_the_journal_says_what_the_model_says_after_every_call(calls: list[Call]) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as name, asyncio.Runner() as runner:
        journal = Journal(Path(name), "s")
        for call in [*calls, ("reopen",)]:
            if call == ("reopen",):
                journal.close()
                journal = Journal(Path(name), "s")
            else:
                runner.run(apply(journal, call))
            model.apply(call)
            compare(journal, model)
        journal.close()
