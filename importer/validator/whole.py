"""The deep check: a whole file is opened as a picture, frame by frame, to find what is cut off or damaged inside."""

import struct
import zlib
from typing import BinaryIO

from PIL import Image

from importer.models import Problem, ProblemCode
from importer.problems import problem

_MOST_PIXELS = 400_000_000
"""Pixels of all frames together that are looked at: an animation of thousands of frames would take minutes."""


def examine(file: BinaryIO, name: str) -> Problem | None:
    """The damage inside a picture, or None. Slow: 10 to 100 ms for each million pixels.

    Args:
        file: the whole file.
        name: its format as `identify` tells it.
    """
    if name == "WBMP":
        # Its size fits its width and height exactly, or it would not have been taken for one; there is no more to it.
        return None
    try:
        if name == "PNG":
            # The checksums of all chunks, which decoding skips.
            with Image.open(file, formats=[name]) as image:
                image.verify()
        file.seek(0)
        with Image.open(file, formats=[name]) as image:
            _decode(image)
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error) as error:
        ended = "truncated" in str(error) or isinstance(error, EOFError)
        words = "ends in the middle of the picture" if ended else "is damaged inside"
        return problem(ProblemCode.IMAGE_TRUNCATED, f"The {name} file {words}.")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return problem(ProblemCode.IMAGE_TOO_LARGE, "The picture has more pixels than can be opened safely.")
    return None


def _decode(image: Image.Image) -> None:
    if image.format == "JPEG":
        # All of the file is still decoded, but only an eighth of the width and height takes up memory.
        image.draft(None, (image.width // 8, image.height // 8))
    pixels = image.width * image.height
    for frame in range(max(1, min(getattr(image, "n_frames", 1), _MOST_PIXELS // max(1, pixels)))):
        image.seek(frame)
        image.load()
