"""What the kill tests import: products, rows and pictures of before, drawn from a seed, and how the store must end."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from importer.sandbox import Sandbox, SandboxSettings
from importer.sandbox.pictures import NewPicture

HEADER = "product_id,sku,image_url,description,sort_order,is_thumbnail"
_FAR_BACK = 10_000
"""A position behind all that the store's pictures of before can have, so that rows without one come first."""


@dataclass(frozen=True)
class Wanted:
    """A picture that the file asks for; `key` tells it from all others of its product when the store shows it."""

    key: str
    path: str
    description: str
    sort_order: int | None
    is_thumbnail: bool
    there_before: bool


@dataclass(frozen=True)
class Catalogued:
    """A product: the names of its pictures of before, and what the file asks for, in its order."""

    number: int
    before: tuple[str, ...]
    wanted: tuple[Wanted, ...]

    def shop_order(self) -> list[str]:
        """The keys of the new pictures in the order that the file asks for."""
        placed: list[tuple[int, int, str]] = []
        order = len(self.before)
        for at, wish in enumerate(self.wanted):
            order = order + 1 if wish.sort_order is None else wish.sort_order
            if not wish.there_before:
                placed.append((order, at, wish.key))
        return [key for _, _, key in sorted(placed)]

    def thumbnail(self) -> str:
        """The key of the picture that the file wants as the thumbnail; empty for none."""
        return next((wish.key for wish in self.wanted if wish.is_thumbnail and not wish.there_before), "")


@dataclass(frozen=True)
class Import:
    """One import, everything about it drawn from its seed."""

    seed: int
    route: Literal["single", "batch"]
    existing: Literal["skip", "replace"]
    shuffle: bool
    products: tuple[Catalogued, ...]

    def sandbox(self) -> SandboxSettings:
        """A store that fails now and then, has a quota that is met, and stores some pictures slowly."""
        return SandboxSettings(
            products=tuple((product.number, f"SKU-{product.number}") for product in self.products),
            quota=60,
            window_ms=400,
            latency_ms=6,
            allow_private=True,
            fault_share=0.1,
            fault_seed=self.seed,
            late_seconds=0.2,
            shuffle=self.shuffle,
        )

    def stock(self, sandbox: Sandbox) -> dict[int, list[dict[str, Any]]]:
        """Give the products their pictures of before; what the store then shows of each."""
        for product in self.products:
            kept = sandbox._catalog.product(product.number)
            assert kept is not None
            for at, name in enumerate(product.before):
                sandbox._catalog.add_picture(kept, NewPicture(name, "jpg", "", at))
        return {product.number: sandbox.images(product.number) for product in self.products}

    def rows(self, pictures: str) -> list[list[object]]:
        """The file: products are named by id or by SKU, their rows stand among those of others."""
        draw = random.Random(self.seed + 1)
        turns = [product for product in self.products for _ in product.wanted]
        draw.shuffle(turns)
        left = {product.number: iter(product.wanted) for product in self.products}
        file: list[list[object]] = []
        for product in turns:
            wish = next(left[product.number])
            name = (product.number, "") if draw.random() < 0.5 else ("", f"SKU-{product.number}")
            order = "" if wish.sort_order is None else wish.sort_order
            shown = "yes" if wish.is_thumbnail else ""
            file.append([*name, f"{pictures}/{wish.path}", wish.description, order, shown])
        return file


def drawn(seed: int, products: int, route: Literal["single", "batch"], *, replaces: bool) -> Import:
    """An import of so many products with about five and a half pictures each."""
    draw = random.Random(seed)
    existing: Literal["skip", "replace"] = "replace" if replaces else "skip"
    chosen = tuple(_product(draw, number, slow=route == "single", skips=not replaces) for number in range(1, products))
    return Import(seed, route, existing, draw.random() < 0.4, chosen)


def _product(draw: random.Random, number: int, *, slow: bool, skips: bool) -> Catalogued:
    many = draw.randint(4, 7)
    before = tuple(f"old-{number}-{at}" for at in range(draw.choice([0, 0, 1, 3])))
    matched = bool(before) and skips and draw.random() < 0.3
    described = draw.random() < 0.5
    namesakes = described and draw.random() < 0.5
    style = draw.choice(["follow", "follow", "forwards", "backwards", "mixed"])
    thumbnail = draw.choice([None, draw.randrange(many)])
    wanted: list[Wanted] = []
    for at in range(many):
        there = matched and at == 0
        name = before[0] if there else "main" if namesakes else f"p{number}-{at}"
        words = f"Picture {at} of {number}" if described else ""
        places = {"forwards": 10 * at, "backwards": 100 - 10 * at, "mixed": 0 if at == 2 else None}
        order = None if (place := places.get(style)) is None else _FAR_BACK + place
        query = f"?delay={draw.choice([0.1, 0.2, 0.3])}" if draw.random() < (0.12 if slow else 0.03) else ""
        # A query could name the picture, so that the file's name would prove nothing.
        query = "" if there else query
        key = f"{name} / {'' if there else words}"
        wanted.append(Wanted(key, f"{number}/{at}/{name}.jpg{query}", words, order, at == thumbnail, there))
    return Catalogued(number, before, tuple(wanted))


def key(image: dict[str, Any]) -> str:
    """What tells a picture of the store from its siblings: the name of its file and its alt text."""
    stem: str = image["image_file"].rpartition("/")[2].rpartition("__")[0]
    return f"{stem} / {image['description']}"


def check_midway(work: Import, sandbox: Sandbox, before: dict[int, list[dict[str, Any]]]) -> None:
    """What must hold whenever the import dies: a product has its old pictures until it has all the new ones."""
    for product in work.products:
        shown = [key(image) for image in sandbox.images(product.number)]
        old = [key(image) for image in before[product.number]]
        if work.existing == "skip" or not set(product.shop_order()) <= set(shown):
            assert set(old) <= set(shown), f"seed {work.seed}, product {product.number}: {old} was to stay, is {shown}"


def check_end(work: Import, sandbox: Sandbox, before: dict[int, list[dict[str, Any]]]) -> None:
    """Each picture once, in the file's order, one thumbnail and the right one, nothing of before gone."""
    for product in work.products:
        images, old = sandbox.images(product.number), before[product.number]
        where = f"seed {work.seed}, product {product.number}, {work.route}, {work.existing}, shuffle {work.shuffle}"
        kept = [] if work.existing == "replace" else [key(image) for image in old]
        wanted = product.shop_order()
        assert Counter(map(key, images)) == Counter([*kept, *wanted]), where
        order = [key(image) for image in images if key(image) in wanted]
        assert order == wanted, (
            f"{where}: {[(image['id'], image['sort_order'], key(image)) for image in images]} not {wanted}"
        )
        shown = [key(image) for image in images if image["is_thumbnail"]]
        assert len(shown) == 1, where
        right = product.thumbnail()
        if not right and old and work.existing == "skip":
            right = next(key(image) for image in old if image["is_thumbnail"])
        assert shown[0] == right or not right, where
