"""From what a request says to a picture that can be stored: its fields, the download, and whether it is a picture."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web

from importer.sandbox.answers import RefusedError, invalid_field
from importer.sandbox.fetching import Fetcher, NotDownloadedError, NotThereError, TooLargeError
from importer.sandbox.judging import KNOWN_ENDINGS, MAX_BYTES, NotAPictureError, file_ending
from importer.sandbox.pictures import INT32, NewPicture, stored_stem

_MAX_TEXT = 255
"""BigCommerce docs: `image_url` has at most 255 characters; the same is known of `description`."""
_URL = re.compile(r"https?://[^\s/?#]+[!-~]*", re.ASCII | re.IGNORECASE)
_DOWNLOAD_FAILED = "could not be downloaded and may be invalid."
_DECODE_FAILED = "could not be processed and may not be valid image."
_UNSEEN_ENDING = "jpg"
_FIELDS: tuple[tuple[str, type, str], ...] = (
    ("image_url", str, "jsstring"),
    ("description", str, "jsstring"),
    ("is_thumbnail", bool, "jsboolean"),
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request says of a picture; None where it says nothing."""

    image_url: str | None
    description: str | None
    sort_order: int | None
    is_thumbnail: bool | None


class Intake:
    """Takes pictures in.

    Args:
        fetcher: downloads them; None takes every well-formed address unseen.
    """

    def __init__(self, fetcher: Fetcher | None) -> None:
        self._fetcher = fetcher

    async def by_address(self, wishes: Wishes, endings: frozenset[str] = KNOWN_ENDINGS) -> NewPicture:
        """The picture at an address, if it has one of these usual file endings.

        Raises:
            RefusedError: the address is malformed (422), nothing is there (422), it is too large (422), or it cannot
                be downloaded or is no picture of such a kind (400).
        """
        url = _required_url(wishes)
        name = unquote(urlsplit(url).path).rpartition("/")[2]
        if self._fetcher is None:
            return _new(name, _UNSEEN_ENDING, wishes)
        try:
            data = await self._fetcher.fetch(url)
        except NotThereError as error:
            raise invalid_field("image_url", "image_url is invalid") from error
        except TooLargeError as error:
            raise _too_large() from error
        except NotDownloadedError as error:
            raise _unusable(url, _DOWNLOAD_FAILED) from error
        ending = await _judge(data, url)
        if ending not in endings:
            raise _unusable(url, _DECODE_FAILED)
        return _new(name, ending, wishes)

    async def from_form(self, request: web.BaseRequest) -> NewPicture:
        """The rescue path: the file itself comes in a form. BigCommerce docs: `image_file`, multipart/form-data.

        Raises:
            RefusedError: there is no file (422), it is too large (422), or no picture (400).
        """
        form = await request.post()
        file = form.get("image_file")
        if not isinstance(file, web.FileField):
            raise _no_address()
        fields: dict[str, Any] = {key: value for key, value in form.items() if isinstance(value, str)}
        if re.fullmatch(r"-?\d{1,10}", fields.get("sort_order", "")):
            fields["sort_order"] = int(fields["sort_order"])
        if fields.get("is_thumbnail") in {"true", "false", "1", "0"}:
            fields["is_thumbnail"] = fields["is_thumbnail"] in {"true", "1"}
        fields.pop("image_url", None)
        with file.file:
            data = file.file.read()
        return _new(file.filename.rpartition("/")[2], await _judge(data, "image_file"), wishes_of(fields))


async def json_body(request: web.BaseRequest) -> Any:
    """The body as JSON.

    Raises:
        RefusedError: it is none (422).
    """
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise RefusedError(422, "JSON data is missing or invalid", {"errors": {}}) from error


async def json_object(request: web.BaseRequest) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        RefusedError: it is something else (422).
    """
    body = await json_body(request)
    if not isinstance(body, dict):
        raise RefusedError(422, "JSON data is missing or invalid", {"errors": {"": "error.expected.jsobject"}})
    return body


def wishes_of(body: Mapping[str, Any]) -> Wishes:
    """The fields, each with the right type.

    Raises:
        RefusedError: a field has another type, is too long or out of range (422).
    """
    for field, kind, word in _FIELDS:
        if body.get(field) is not None and not isinstance(body[field], kind):
            raise invalid_field(field, f"error.expected.{word}")
    order = body.get("sort_order")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int) or order not in INT32):
        raise invalid_field("sort_order", "error.expected.integer")
    for field in ("image_url", "description"):
        if len(body.get(field) or "") > _MAX_TEXT:
            raise invalid_field(field, f"{field} must not be longer than {_MAX_TEXT} characters")
    return Wishes(body.get("image_url"), body.get("description"), order, body.get("is_thumbnail"))


def _new(name: str, ending: str, wishes: Wishes) -> NewPicture:
    """The file keeps its own ending where the store knows it, and gets the usual one of its format otherwise."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix:
        stem, dot, suffix = name, "", ""
    own = suffix.lower()
    return NewPicture(
        stem=stored_stem(stem),
        ending=own if dot and own in KNOWN_ENDINGS else ending,
        description=wishes.description or "",
        sort_order=wishes.sort_order or 0,
        is_thumbnail=bool(wishes.is_thumbnail),
    )


def _required_url(wishes: Wishes) -> str:
    """The address, complete and percent-encoded.

    Raises:
        RefusedError: it is missing, relative, or has raw spaces or letters that a URL cannot hold (422).
    """
    if not wishes.image_url:
        raise _no_address()
    if not _URL.fullmatch(wishes.image_url):
        raise invalid_field("image_url", "image_url is invalid")
    try:
        urlsplit(wishes.image_url).port  # noqa: B018 - raises where the port is no number
    except ValueError as error:
        raise invalid_field("image_url", "image_url is invalid") from error
    return wishes.image_url


async def _judge(data: bytes, url: str) -> str:
    """The picture's usual file ending; a busy loop would hold up the other requests, so a thread decodes."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    try:
        return await asyncio.to_thread(file_ending, data)
    except NotAPictureError as error:
        raise _unusable(url, _DECODE_FAILED) from error


def _no_address() -> RefusedError:
    """The one 422 body that the official OpenAPI file gives as an example."""
    words = "image_url must be present if uploading by url"
    return RefusedError(422, words, {"type": "/api-docs/getting-started/api-status-codes"})


def _too_large() -> RefusedError:
    """As recorded by merchmonk/bigcommerce-vendors, test/lib/etl/bigcommerceCatalog.spec.ts."""
    return RefusedError(422, "The maximum of 8 MB size limit for upload image is exceeded", {"code": 10001})


def _unusable(url: str, words: str) -> RefusedError:
    """As tested by BigCommerce's staff in api-specs pull request 398: the title speaks of `image_file` all the same."""
    more = {"code": 400, "errors": {"invalid_reason": f"The resource at '{url}' {words}"}}
    return RefusedError(400, "The field 'image_file' is invalid.", more)
