"""Whether a picture moves, and how many frames a GIF has: told by its blocks, without decoding any of them."""

from dataclasses import dataclass

MOST_GIF_FRAMES = 150
LARGEST_GIF_SIDE = 5_120
"""Pixels. BigCommerce's support article "Platform Limits": GIFs of at most 150 frames and 5,120 by 5,120 pixels."""
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF


@dataclass(frozen=True, slots=True)
class GifFrames:
    """The frames of a GIF, as far as they were seen.

    Attributes:
        count: the frames that begin in what was seen of the file.
        moves: whether anything says that there are several, such as a number of repetitions or a delay.
        ended: whether there are no more, because the file's last block was seen, or what follows is no block.
    """

    count: int
    moves: bool
    ended: bool


def gif_frames(data: bytes) -> GifFrames:
    """Count the frames in a GIF or its first part (GIF89a, sections 17 to 27)."""
    count, moves = 0, False
    try:
        at = 13 + _table(data[10])
        while data[at] in {_IMAGE, _EXTENSION}:
            if data[at] == _IMAGE:
                count += 1
                at = _behind_blocks(data, at + 11 + _table(data[at + 9]))
                continue
            label, first = data[at + 1], data[at + 3 : at + 3 + data[at + 2]]
            looping = label == _APPLICATION and first in _LOOPS
            moves = moves or looping or (label == _CONTROL and len(first) >= 3 and first[1:3] != b"\0\0")
            at = _behind_blocks(data, at + 2)
    except IndexError:
        return GifFrames(count, moves or count > 1, ended=False)
    return GifFrames(count, moves or count > 1, ended=True)


def _table(flags: int) -> int:
    """The bytes of a colour table that a packed field announces."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    """The place behind a row of data sub-blocks, each of which begins with its length (GIF89a, 15)."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def moves(name: str, start: bytes) -> bool:
    """Whether the first bytes of a picture say that it is an animation.

    Args:
        name: the format as `identify` tells it.
        start: the first bytes of the file.
    """
    if name == "GIF":
        return gif_frames(start).moves
    if name == "WEBP":
        # RFC 9649, 2.7.1: the flag A of the extended header.
        return start[12:16] == b"VP8X" and len(start) > 20 and bool(start[20] & 2)
    if name == "PNG":
        # PNG specification (third edition), 11.3.6.1: acTL stands before the first IDAT.
        head = start.partition(b"IDAT")[0]
        return b"\0\0\0\x08acTL" in head
    return False
