"""The container of an .xls file: a small file system of sectors in chains ([MS-CFB])."""

import struct

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_ENTRY = 128
_MINI_SECTOR = 64


class LoopError(ValueError):
    """A chain of sectors leads back into itself: a reader that follows it never ends."""


def stream(data: bytes, *names: str) -> bytes:
    """The contents of the first stream that has one of the names; empty if there is none.

    Raises:
        LoopError: a chain of sectors is endless.
    """
    if len(data) < 512 or not data.startswith(_SIGNATURE):
        return b""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        return b""
    container = _Container(data, 1 << shift)
    for name in names:
        found = container.find(name)
        if found is not None:
            return container.read(*found)
    return b""


class _Container:
    def __init__(self, data: bytes, sector: int) -> None:
        self._data = data
        self._sector = sector
        directory, cutoff, minis = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60))
        self._cutoff = cutoff
        self._fat = _numbers(b"".join(self._at(number) for number in self._fat_sectors() if number < _LAST_SECTOR))
        self._directory = self._chain(directory)
        self._mini_fat = _numbers(self._chain(minis))
        first = struct.unpack_from("<I", self._directory, 116)[0] if len(self._directory) >= _ENTRY else _LAST_SECTOR
        self._minis = self._chain(first)

    def find(self, name: str) -> tuple[int, int] | None:
        """Where the stream of this name begins, and its size."""
        wanted = name.encode("utf-16-le") + b"\0\0"
        for at in range(0, len(self._directory) - _ENTRY + 1, _ENTRY):
            if self._directory.startswith(wanted, at):
                start, size = struct.unpack_from("<II", self._directory, at + 116)
                return start, size
        return None

    def read(self, start: int, size: int) -> bytes:
        """The contents of a stream; small ones lie in the mini stream, which belongs to the first entry."""
        if size >= self._cutoff:
            return self._chain(start)[:size]
        places = _follow(start, self._mini_fat)
        return b"".join(self._minis[place * _MINI_SECTOR : (place + 1) * _MINI_SECTOR] for place in places)[:size]

    def _fat_sectors(self) -> list[int]:
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        (following,) = struct.unpack_from("<I", self._data, 68)
        seen: set[int] = set()
        while following < _LAST_SECTOR and (more := _numbers(self._at(following))):
            if following in seen:
                raise LoopError
            seen.add(following)
            numbers += more[:-1]
            following = more[-1]
        # A file has at most one table entry for each of its sectors; more is damage.
        return numbers[: len(self._data) // self._sector + 1]

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start : start + self._sector]

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._at, _follow(start, self._fat)))


def _follow(start: int, table: tuple[int, ...]) -> list[int]:
    """The sectors of a chain, as far as the table knows them."""
    places: list[int] = []
    while start < len(table):
        places.append(start)
        if len(places) > len(table):
            raise LoopError
        start = table[start]
    return places


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
