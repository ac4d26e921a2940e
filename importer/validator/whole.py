"""The deep check: a whole file is opened as a picture, frame by frame, to find what is cut off or damaged inside."""

import itertools
import threading
import time
import warnings
from collections.abc import Callable
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    WebPImagePlugin,
    XbmImagePlugin,
)

from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.validator.png import EndsEarlyError, examine_png

_OPENERS: dict[str, Callable[[BinaryIO], Image.Image]] = {
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "XBM": XbmImagePlugin.XbmImageFile,
}
"""The classes themselves: `Image.open` looks for further pictures behind a JPEG, as phones hide them there."""
_ONE_AT_A_TIME = threading.Lock()
"""Python's warning filters belong to all threads."""
_MOST_PIXELS = 89_478_485
"""Pillow's own bound (`Image.MAX_IMAGE_PIXELS`): to decode more may take more memory than a small computer has."""
_SECONDS_FOR_FRAMES = 3.0
"""An animation of many thousands of frames would take minutes."""


def examine(file: BinaryIO, name: str) -> Problem | None:
    """The damage inside a picture, or None. Slow: 10 to 100 ms for each million pixels.

    Of a picture with more pixels than can be decoded safely, the header alone is looked at, unless it is a PNG.

    Args:
        file: the whole file.
        name: its format as `identify` tells it.
    """
    if name == "WBMP":
        # Its size fits its width and height exactly, or it would not have been taken for one; there is no more to it.
        return None
    try:
        if name == "PNG":
            file.seek(0)
            examine_png(file.read())
            return None
        image = _opened(file, name)
        if image.width * image.height <= _MOST_PIXELS:
            _decode(image)
    except Exception as error:  # noqa: BLE001 - on a broken file Pillow's decoders raise whatever comes to them
        ended = "truncated" in str(error) or isinstance(error, EOFError | EndsEarlyError)
        words = "ends in the middle of the picture" if ended else "is damaged inside"
        return problem(ProblemCode.IMAGE_TRUNCATED, f"The {name} file {words}.")
    return None


def _opened(file: BinaryIO, name: str) -> Image.Image:
    """The picture with its header read, and without Pillow's warnings of large pictures and odd metadata."""
    file.seek(0)
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _OPENERS[name](file)


def _decode(image: Image.Image) -> None:
    if image.format == "JPEG":
        # All of the file is still decoded, but only an eighth of the width and height takes up memory.
        image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
    image.load()
    started = time.monotonic()
    for frame in itertools.count(1):
        if not getattr(image, "is_animated", False) or time.monotonic() - started > _SECONDS_FOR_FRAMES:
            return
        try:
            image.seek(frame)
        except EOFError:
            return
        image.load()
