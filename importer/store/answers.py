"""What the store said, as inert values."""

from dataclasses import dataclass, field
from typing import Any

from importer.models import StoreImage


@dataclass(frozen=True, slots=True)
class NotSent:
    """The run was stopped while a request waited for its turn; it never left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer of the store.

    Attributes:
        status: the HTTP status code.
        body: the parsed JSON, or None where there was none or it was not JSON.
        text: the start of the body as text, for quoting; the access token is never in it.
        headers: header names (in any case, as aiohttp gives them) and values.
        request_id: the X-Request-ID, which BigCommerce's support asks for.
    """

    status: int
    body: Any = None
    text: str = ""
    headers: Any = field(default_factory=dict)
    request_id: str = ""

    @property
    def data(self) -> Any:
        """The `data` member of a v3 answer, or None."""
        return self.body.get("data") if isinstance(self.body, dict) else None


def store_words(answer: Answer) -> str:
    """The store's own explanation: its title and every entry of `errors`, on one line."""
    if not isinstance(answer.body, dict):
        return ""
    errors = answer.body.get("errors")
    words = [
        answer.body.get("title"),
        *(errors.values() if isinstance(errors, dict) else ()),
        answer.body.get("detail"),
    ]
    return " ".join(" ".join(str(word).split()) for word in words if isinstance(word, str) and word.strip())[:1000]


def parse_image(data: Any) -> StoreImage | None:
    """One `productImage_Full` of the OpenAPI file, or None where it has no usable id."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), int) or isinstance(data["id"], bool):
        return None
    order = data.get("sort_order")
    product = data.get("product_id")
    return StoreImage(
        id=data["id"],
        product_id=product if isinstance(product, int) else 0,
        image_file=str(data.get("image_file") or ""),
        description=str(data.get("description") or ""),
        sort_order=order if isinstance(order, int) else 0,
        is_thumbnail=data.get("is_thumbnail") is True,
        url_standard=str(data.get("url_standard") or ""),
        date_modified=str(data.get("date_modified") or ""),
    )


def parse_images(items: Any) -> tuple[StoreImage, ...]:
    """Every usable picture of a list; anything else gives none."""
    return tuple(
        image for item in (items if isinstance(items, list) else []) if (image := parse_image(item)) is not None
    )
