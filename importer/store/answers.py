"""What the store said, as inert values."""

import math
from dataclasses import dataclass, field
from typing import Any

from importer.models import StoreImage

_MOST_ERRORS = 100
"""So many texts of an answer's `errors` are read."""


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
        patience: where it turns the request away for the store's quota, the seconds for which it is still worth asking
            again; infinite for any other answer.
    """

    status: int
    body: Any = None
    text: str = ""
    headers: Any = field(default_factory=dict)
    request_id: str = ""
    patience: float = math.inf

    @property
    def data(self) -> Any:
        """The `data` member of a v3 answer, or None."""
        return self.body.get("data") if isinstance(self.body, dict) else None


def store_words(answer: Answer) -> str:
    """The store's own explanation: its title and every text in `errors`, on one line of at most 1,000 characters."""
    if not isinstance(answer.body, dict):
        return ""
    texts = [answer.body.get("title"), *(text for _, text in _errors(answer.body)), answer.body.get("detail")]
    return " ".join(" ".join(text.split()) for text in texts if isinstance(text, str) and text.strip())[:1000]


def searchable_words(answer: Answer) -> str:
    """What `store_words` says, and after it every text in `errors` with the field that it is about."""
    if not isinstance(answer.body, dict):
        return ""
    return " ".join([store_words(answer), *(f"{field} {text}" for field, text in _errors(answer.body))])[:4000]


def _errors(body: dict[str, Any]) -> list[tuple[str, str]]:
    """(Field, text) of each text in `errors`; bulk requests nest them in lists and in further answers."""
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, Any]] = [("", body.get("errors"))]
    while waiting and len(found) < _MOST_ERRORS:
        field, value = waiting.pop()
        if isinstance(value, str):
            found.append((field, value))
        elif isinstance(value, dict):
            waiting += [(str(name), inner) for name, inner in value.items()][::-1]
        elif isinstance(value, list):
            waiting += [(field, inner) for inner in value][::-1]
    return found


def parse_image(data: Any) -> StoreImage | None:
    """One `productImage_Full` of the OpenAPI file, or None where it has no usable id."""
    image_id = whole_number(data.get("id")) if isinstance(data, dict) else 0
    if image_id < 1:
        return None
    return StoreImage(
        id=image_id,
        product_id=whole_number(data.get("product_id")),
        image_file=_text(data.get("image_file")),
        description=_text(data.get("description")),
        sort_order=whole_number(data.get("sort_order")),
        is_thumbnail=data.get("is_thumbnail") is True,
        url_standard=_text(data.get("url_standard")),
        date_modified=_text(data.get("date_modified")),
        url_thumbnail=_text(data.get("url_thumbnail")),
    )


def parse_images(items: Any) -> tuple[StoreImage, ...]:
    """Every usable picture of a list; anything else gives none."""
    return tuple(
        image for item in (items if isinstance(items, list) else []) if (image := parse_image(item)) is not None
    )


def whole_number(value: Any) -> int:
    """A whole number that SQLite can hold as well (64 bits), else 0: JSON may have 1e999 or a text in its place."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else 0


def _text(value: Any) -> str:
    """A text that can be written anywhere: JSON may name half of a surrogate pair, which no file can hold."""
    text = str(value or "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
