"""The deep check of a PNG: its chunks and its compressed pixels, read as libpng and so the browsers read them.

Pillow is not asked: it refuses files over metadata that no browser minds.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

_SIGNATURE = 8
_LONGEST_CHUNK = 2**31 - 1
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""By colour type (PNG specification, 11.2.1)."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, and steps (PNG specification, 8.1)."""
_KNOWN_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_AT_ONCE = 1 << 20
_MOST_INFLATED = 1 << 30
"""Bytes, two or three seconds; what comes behind so much is not looked at."""


class DamagedError(Exception):
    """A PNG that no decoder opens."""


class EndsEarlyError(DamagedError):
    """A PNG whose end is missing."""


class _Chunk(NamedTuple):
    kind: bytes
    data: memoryview
    sound: bool


def examine_png(data: bytes) -> None:
    """Read a whole PNG as a decoder does; only what makes it fail there is damage.

    A wrong checksum or nonsense in an ancillary chunk is no damage, nor what stands behind the end (PNG specification,
    13.2 and 13.3).

    Raises:
        EndsEarlyError: the file ends before the picture.
        DamagedError: the picture cannot be decoded.
    """
    pixels: _Pixels | None = None
    palette = reading = passed = ended = False
    for chunk in _chunks(data):
        critical = not chunk.kind[0] & 0x20
        if critical and (not chunk.sound or chunk.kind not in _KNOWN_CRITICAL):
            raise DamagedError
        if pixels is None:
            pixels = _Pixels(chunk)
        elif chunk.kind == b"IDAT":
            if pixels.indexed and not palette:
                raise DamagedError
            # Decoders stop at the first chunk of another kind.
            reading = True
            if not passed:
                pixels.read(chunk.data)
        else:
            passed = passed or reading
            palette = palette or chunk.kind == b"PLTE"
            ended = chunk.kind == b"IEND"
            if ended:
                break
    if pixels is None or not ended or not pixels.complete:
        raise EndsEarlyError


def _chunks(data: bytes) -> Iterator[_Chunk]:
    view, at = memoryview(data), _SIGNATURE
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length > _LONGEST_CHUNK or not kind.isalpha():
            raise DamagedError
        end = at + 8 + length
        if end + 4 > len(data):
            if kind == b"IDAT":
                yield _Chunk(kind, view[at + 8 : end], sound=True)
            return
        (checksum,) = struct.unpack_from(">I", data, end)
        yield _Chunk(kind, view[at + 8 : end], sound=zlib.crc32(view[at + 4 : end]) == checksum)
        at = end + 4


class _Pixels:
    """The compressed pixels as the header announces them."""

    def __init__(self, header: _Chunk) -> None:
        if header.kind != b"IHDR" or len(header.data) != 13:
            raise DamagedError
        width, height, depth, colour, *methods, interlaced = struct.unpack(">IIBBBBB", header.data)
        if not (width and height) or depth not in _DEPTHS.get(colour, set()) or any(methods) or interlaced > 1:
            raise DamagedError
        bits = depth * _CHANNELS[colour]
        self.indexed = colour == 3
        self._missing = min(_MOST_INFLATED, _size(width, height, bits, interlaced=bool(interlaced)))
        self._inflate = zlib.decompressobj()

    @property
    def complete(self) -> bool:
        """Whether there are as many as the header says."""
        return self._missing <= 0

    def read(self, data: memoryview) -> None:
        """The next part of the compressed pixels; more than the picture needs is ignored, as decoders do."""
        rest: bytes | memoryview = data
        while self._missing > 0 and not self._inflate.eof:
            try:
                came = len(self._inflate.decompress(rest, _AT_ONCE))
            except zlib.error:
                raise DamagedError from None
            self._missing -= came
            rest = self._inflate.unconsumed_tail
            if not rest and came < _AT_ONCE:
                return


def _size(width: int, height: int, bits: int, *, interlaced: bool) -> int:
    """The bytes of all rows, each with its filter's number before it."""
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = max(0, -(-(width - left) // across)), max(0, -(-(height - top) // down))
        total += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    return total
