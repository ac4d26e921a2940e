"""Zip files from strangers: every part is unpacked in pieces and checked before anybody else opens the file.

`zipfile` reads the table of contents. The unpacking is done here because `zipfile` stops at the size that the file
declares, and a lying size would hide a bomb from the check but not from the next reader.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from importer.errors import FileError
from importer.loader.bombs import is_bomb

_READ = 1 << 16
_PIECE = 1 << 20
_PROLOG = 1 << 16
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_TABLE_TROUBLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error, EOFError)
_DECLARES = re.compile(
    rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s++|<\?(?>.*?(?:\?>|\Z))|<!--(?>.*?(?:-->|\Z)))*+(<!DOCTYPE|<!ENTITY)?",
    re.DOTALL,
)
_OLD_MANIFEST = "meta-inf/manifest.xml"


class Archive:
    """An open zip file whose parts are read in pieces, with their checksums, true sizes and XML prologs checked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unpacked = 0
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}.") from None
        try:
            with zipfile.ZipFile(self._file) as table:
                self.members = table.infolist()
        except (*_TABLE_TROUBLE, OSError):
            self._file.close()
            raise self.damaged("its table of contents cannot be read") from None
        self._by_name = {part_name(member.filename): member for member in self.members}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def part(self, name: str) -> Iterator[bytes]:
        """The pieces of a part by its name; none where there is no such part."""
        member = self._by_name.get(part_name(name))
        return iter(()) if member is None else self.pieces(member)

    def pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpack a part in pieces of at most 1 MB.

        Raises:
            FileError: the part is damaged, locked, a bomb, or declares XML entities.
        """
        if member.flag_bits & 1:
            raise self.locked()
        checksum = size = 0
        head = b""
        try:
            for piece in self._unpack(member):
                if len(head) < _PROLOG:
                    head += piece[: _PROLOG - len(head)]
                    self._refuse_declarations(member, head)
                checksum = zlib.crc32(piece, checksum)
                size += len(piece)
                self._refuse_bomb(member, size, len(piece))
                yield piece
        except (zlib.error, EOFError, OSError, struct.error, ValueError, OverflowError):
            raise self.damaged(f"the part {member.filename!r} cannot be unpacked") from None
        if size != member.file_size or checksum != member.CRC:
            raise self.damaged(f"the part {member.filename!r} has changed since it was saved")

    def _unpack(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        self._file.seek(member.header_offset)
        signature, name_size, extra_size = _LOCAL_HEADER.unpack(self._file.read(_LOCAL_HEADER.size))
        if signature != b"PK\x03\x04":
            raise EOFError
        at = member.header_offset + _LOCAL_HEADER.size + name_size + extra_size
        packed = self._raw(at, member.compress_size)
        if member.compress_type == zipfile.ZIP_STORED:
            yield from packed
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            yield from _inflated(packed)
        else:
            raise EOFError  # workbooks are only ever stored or deflated

    def _raw(self, at: int, left: int) -> Iterator[bytes]:
        while left > 0:
            # Two parts may be read in turns, so each finds its own place again.
            self._file.seek(at)
            block = self._file.read(min(_READ, left))
            if not block:
                raise EOFError
            at += len(block)
            left -= len(block)
            yield block

    def _refuse_bomb(self, member: zipfile.ZipInfo, size: int, added: int) -> None:
        self._unpacked += added
        if is_bomb(size, member.compress_size, together=self._unpacked):
            raise self.absurd()

    def _refuse_declarations(self, member: zipfile.ZipInfo, head: bytes) -> None:
        """Entities can unpack to gigabytes or name other files; no spreadsheet program writes any."""
        name = part_name(member.filename)
        # OpenOffice 2 wrote a harmless DOCTYPE into this one part, and only passwords are read from it.
        if not name.endswith((".xml", ".rels")) or name == _OLD_MANIFEST:
            return
        prolog = head.replace(b"\0", b"")  # UTF-16 becomes readable without its zero bytes
        found = _DECLARES.match(prolog)
        endless = found is not None and len(head) == _PROLOG and found.end() == len(prolog)
        if endless or (found is not None and found[1] is not None):
            raise FileError(
                f"{self._path} holds XML declarations that no spreadsheet program writes (in {member.filename!r}) and "
                "was left unread. Open it in your spreadsheet program and save it anew."
            )

    def locked(self) -> FileError:
        """The refusal of a file that cannot be read without its password."""
        return FileError(f"{self._path} is locked with a password. Save a copy without the password.")

    def absurd(self) -> FileError:
        """The refusal of a file that would fill the memory."""
        return FileError(
            f"{self._path} would unpack to an absurd size and was left unread. Copy the sheet with the pictures into a "
            "new file and use that."
        )

    def damaged(self, what: str) -> FileError:
        """The refusal of a damaged file, in one sentence and with what to do."""
        return FileError(
            f"{self._path} is damaged: {what}. Copy or download the file again, or open it in your spreadsheet "
            "program and save it anew."
        )


def part_name(name: str) -> str:
    """Part names are compared without case; some writers put backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for block in packed:
        data, piece = block, b"more"
        while data or piece:
            piece = stream.decompress(data, _PIECE)
            data = stream.unconsumed_tail
            if piece:
                yield piece
        if stream.eof:
            return
    raise EOFError
