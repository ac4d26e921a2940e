"""What tests of undo share: a pretend store, the journal of one import into it, and people who change it by hand."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from importer.models import ImageRow, Problem, StoreImage, Variant
from importer.sandbox import RequestRecord, Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import Answer, StoreClient, add_image, delete_image, open_store, parse_image, restore_variant_image
from importer.uploader import Journal, Undo, UndoLine, UndoSurvey, survey_undo

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


def interrupted(shop: Shop, product: int, name: str) -> None:
    """As if the import had died between its request for this picture and the answer."""

    async def record() -> None:
        newest = max(shop.ids(product), default=0)
        with shop.journal() as journal:
            await journal.begin(product, None)
            await journal.intend(product, [f"{shop.pictures}/{name}"], newest)

    asyncio.run(record())
