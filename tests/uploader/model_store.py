"""A store in memory for random tests: it answers well, badly, late or never, and knows what is really in it.

Time is virtual, so that nobody waits, and everything is drawn from a seed. Where a process dies, nothing of it has any
further effect, but what the store has taken by then it may still carry out, up to `SETTLE` seconds after the request.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from importer.net import FailureKind, NetFailure
from importer.store import Answer, NotSent, RetryPolicy, StoreClient

SETTLE = 30.0
_WRITES = {"POST", "PUT", "DELETE"}
_BAD_ANSWERS = (
    *("refused", "throttled", "throttled bare", "busy", "failed before", "cut before", "failed after", "cut after"),
    *("empty", "partial", "late", "unreachable"),
)


@dataclass(frozen=True)
class Shown:
    """A picture as the store has it; `url` is where it came from, which no answer tells."""

    id: int
    url: str
    name: str
    description: str
    sort_order: int
    is_thumbnail: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "image_file": f"a/123/{self.name}__12345.jpg",
            "description": self.description,
            "sort_order": self.sort_order,
            "is_thumbnail": self.is_thumbnail,
        }


@dataclass
class ModelStore:
    """The truth: pictures by product and id, and everything that was done wrong.

    Attributes:
        now: seconds of the virtual clock.
        shuffle: whether new pictures land anywhere.
        replaces: whether a batch drops the pictures that it does not name.
        wanted: the addresses that the file asks for, by product.
        deletes_old: whether the import may delete what it did not add.
        breaches: what no import may do, each as a sentence.
        writes: how many requests have changed something.
    """

    draw: random.Random
    shuffle: bool
    replaces: bool
    wanted: Mapping[int, frozenset[str]]
    deletes_old: bool
    now: float = 1_000.0
    products: dict[int, dict[int, Shown]] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)
    writes: int = 0
    _next: int = 100
    _late: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def catch_up(self) -> None:
        """Carry out what was taken earlier and is due by now."""
        due = sorted((one for one in self._late if one[0] <= self.now), key=lambda one: one[0])
        self._late = [one for one in self._late if one[0] > self.now]
        for _, action in due:
            action()

    def postpone(self, action: Callable[[], object]) -> None:
        """Carry it out within `SETTLE` seconds, often in the last moment."""
        after = self.draw.choice([self.draw.uniform(0.0, SETTLE), SETTLE - self.draw.uniform(0.0, 0.5)])
        self._late.append((self.now + after, action))

    def in_order(self, product: int) -> list[Shown]:
        """A product's pictures as the shop shows them."""
        return sorted(self.products[product].values(), key=lambda image: (image.sort_order, image.id))

    def add(self, product: int, url: str, asked: Mapping[str, Any]) -> None:
        """Store a picture; the first of a product is its thumbnail, and there is one at most."""
        gallery = self.products[product]
        order = self.draw.randrange(50) if self.shuffle else asked.get("sort_order", 0)
        shown = bool(asked.get("is_thumbnail")) or not gallery
        if shown:
            self._hide(gallery)
        stem = url.partition("?")[0].rpartition("/")[2].partition(".")[0] or "image"
        image = Shown(self._next, url, stem, asked.get("description", ""), order, shown)
        self._next += 1
        gallery[image.id] = image

    def change(self, product: int, image_id: int, asked: Mapping[str, Any]) -> None:
        """Change order and thumbnail; a picture that moves back pushes those behind it further."""
        gallery = self.products[product]
        order = asked.get("sort_order")
        if order is not None and order > gallery[image_id].sort_order:
            for other in list(gallery.values()):
                if other.id != image_id and other.sort_order >= order:
                    gallery[other.id] = replace(other, sort_order=other.sort_order + 1)
        if asked.get("is_thumbnail"):
            self._hide(gallery)
        told = {name: asked[name] for name in ("sort_order", "is_thumbnail") if name in asked}
        gallery[image_id] = replace(gallery[image_id], **told)
        self._show_one(product)

    def delete(self, product: int, image_id: int) -> None:
        del self.products[product][image_id]
        self._show_one(product)

    def check_deletion(self, product: int, image_id: int) -> None:
        """An import may delete a second copy, and an old picture once all new ones are there."""
        image, others = self.products[product][image_id], {*self.products[product]} - {image_id}
        left = {self.products[product][other].url for other in others}
        if image.url in self.wanted[product]:
            if image.url not in left:
                self.breaches.append(f"the only copy of {image.url} was deleted")
        elif not self.deletes_old or not self.wanted[product] <= left:
            self.breaches.append(f"{image.url} was deleted, which this import did not add, while there were {left}")

    def check_sending(self, product: int, url: str) -> None:
        """What is in the store must not be sent again."""
        self.catch_up()
        if any(image.url == url for image in self.products.get(product, {}).values()):
            self.breaches.append(f"{url} was sent while the product {product} had it")

    def _hide(self, gallery: dict[int, Shown]) -> None:
        gallery.update({key: replace(image, is_thumbnail=False) for key, image in gallery.items()})

    def _show_one(self, product: int) -> None:
        gallery = self.products[product]
        if gallery and not any(image.is_thumbnail for image in gallery.values()):
            first = self.in_order(product)[0]
            gallery[first.id] = replace(first, is_thumbnail=True)


class ModelClient(StoreClient):
    """Asks the model instead of a server; verdicts and retries of what may be repeated are the real ones.

    Args:
        store: the truth.
        stop: as `open_store` takes it.
        step: called, and awaited, wherever the process may die.
        faults: the part (0 to 1) of the requests that meet a failure.
    """

    def __init__(
        self, store: ModelStore, stop: asyncio.Event, step: Callable[[], Awaitable[None]], faults: float
    ) -> None:
        self.policy = RetryPolicy(attempts=4, first_backoff=1.0, longest_backoff=10.0)
        self._stop = stop
        self._waits = lambda *_: None
        self._store = store
        self._step = step
        self._faults = faults
        self.uploads = 0

    def arrived(self) -> None:
        """Count it, as the store's own client does."""
        self.uploads += 1

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        leaving: Callable[[], Awaitable[None]] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as the real one
    ) -> Answer | NetFailure | NotSent:
        """One request and whatever becomes of it."""
        draw = self._store.draw
        await self._passes(0.05)
        if self._stop.is_set():
            return NotSent()
        await self._step()
        if leaving is not None:
            await leaving()
        await self._step()
        end = draw.choice(_BAD_ANSWERS) if draw.random() < self._faults else "done"
        if end == "unreachable":
            return NetFailure(FailureKind.REFUSED, "nobody took the connection")
        self._leaves(method, path, body)
        # A change that a dead process asked for and that comes late could undo what the next one has put right: that
        # nobody can know, so only what adds or deletes pictures comes late.
        adds = method == "POST" or path == "/catalog/products"
        if end == "late" and method in _WRITES and (adds or method == "DELETE"):
            self._store.postpone(lambda: self._done(method, path, params, body))
            await self._passes(draw.choice([1.0, SETTLE]))
            await self._step()
            return _spoilt(draw.choice(["failed", "cut"]), draw)
        await self._passes(0.4)
        good = end in {"done", "failed after", "cut after", "empty", "partial"}
        answer = self._done(method, path, params, body) if good else Answer(200)
        await self._step()
        await self._passes(0.4)
        return answer if end == "done" or answer.status >= 400 else _spoilt(end, draw)

    async def _passes(self, seconds: float) -> None:
        await asyncio.sleep(self._store.draw.uniform(0.0, seconds))

    def _leaves(self, method: str, path: str, body: Any) -> None:
        """Look at what leaves."""
        self._store.catch_up()
        self._store.writes += method in _WRITES
        number = [int(found) for found in re.findall(r"\d+", path)]
        if method == "POST":
            self._store.check_sending(number[0], body["image_url"])
        elif path == "/catalog/products" and method == "PUT":
            for update in body:
                for image in update["images"]:
                    if "id" not in image:
                        self._store.check_sending(update["id"], image["image_url"])

    def _done(self, method: str, path: str, params: Mapping[str, str] | None, body: Any) -> Answer:
        """The answer of a store that does what it is asked."""
        store = self._store
        store.catch_up()
        number = [int(found) for found in re.findall(r"\d+", path)]
        if not number:
            return self._batch(body) if method == "PUT" else self._listed((params or {})["id:in"])
        if number[0] not in store.products or (len(number) == 2 and number[1] not in store.products[number[0]]):
            return Answer(404, {"status": 404, "title": "There is no such product or picture."})
        match method, number:
            case "POST", [product]:
                store.add(product, body["image_url"], body)
                return _data(max(store.products[product].values(), key=lambda image: image.id).as_json())
            case "PUT", [product, image]:
                store.change(product, image, body)
            case "DELETE", [product, image]:
                store.check_deletion(product, image)
                store.delete(product, image)
                return Answer(204)
            case "GET", [product]:
                return _data([image.as_json() for image in store.in_order(product)])
        return _data(store.products[number[0]][number[1]].as_json())

    def _listed(self, ids: str) -> Answer:
        found = [number for number in map(int, ids.split(",")) if number in self._store.products]
        images = {number: [image.as_json() for image in self._store.in_order(number)] for number in found}
        return _data([{"id": number, "sku": f"SKU-{number}", "images": images[number]} for number in found])

    def _batch(self, body: list[dict[str, Any]]) -> Answer:
        """All products or, where one cannot be changed as asked, none."""
        store = self._store
        named = {update["id"]: {image["id"] for image in update["images"] if "id" in image} for update in body}
        if any(not ids <= store.products.get(number, {}).keys() for number, ids in named.items()):
            return Answer(422, {"status": 422, "title": "There is no such product or picture."})
        for update in body:
            number = update["id"]
            for image_id in set(store.products[number]) - named[number] if store.replaces else ():
                store.delete(number, image_id)
            for image in update["images"]:
                if "id" not in image:
                    store.add(number, image["image_url"], image)
        return _data([])


def _data(value: Any) -> Answer:
    return Answer(200, {"data": value, "meta": {"pagination": {"total_pages": 1}}})


def _spoilt(end: str, draw: random.Random) -> Answer | NetFailure:
    """What comes instead of the answer."""
    if end.startswith("cut"):
        return NetFailure(draw.choice([FailureKind.LOST, FailureKind.READ_TIMEOUT]), "the connection was lost")
    return _SPOILT.get(end) or Answer(draw.choice([500, 502, 503, 504]))


_SPOILT = {
    "refused": Answer(422, {"status": 422, "title": "image_url is invalid"}),
    "throttled": Answer(429, headers={"X-Rate-Limit-Time-Reset-Ms": "700", "X-Retry-After": "1"}),
    "throttled bare": Answer(429),
    "busy": Answer(423, {"status": 423, "title": "The resource is currently locked."}),
    "empty": Answer(200),
    "partial": Answer(200, None, '{"data": {"id": 1'),
}
