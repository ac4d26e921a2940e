"""Packed files: a .gz, or a .zip that holds one spreadsheet, is unpacked into a passing folder, within bounds."""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from importer.errors import FileError
from importer.loader.bombs import is_bomb
from importer.loader.hyperlinks.archive import Archive

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
_PIECE = 1 << 20
_LONGEST_NAME = 60
_WORKBOOK_PARTS = ("[content_types].xml", "mimetype", "content.xml", "xl/workbook.xml", "xl/workbook.bin")


class _Packed(Protocol):
    def read(self, size: int, /) -> bytes: ...


@contextmanager
def unpacked(path: Path, head: bytes) -> Iterator[tuple[Path, str]]:
    """The spreadsheet itself, and the name of the file inside the archive; the path itself where it is no archive.

    Args:
        path: the file.
        head: its first bytes.

    Raises:
        FileError: the archive is damaged, locked, holds no file or several, or unpacks to far too much.
    """
    if head.startswith(GZIP_MAGIC):
        with gzip.open(path) as stream, _unpacked(path, stream, path.stat().st_size) as inner:
            yield inner, ""
    elif head.startswith(ZIP_MAGIC) and (member := _only_member(path)):
        inside = _path_of(member).name
        with _opened(path, member) as packed, _unpacked(path, packed, member.compress_size) as inner:
            yield inner, inside
    else:
        yield path, ""


@contextmanager
def with_slashes(path: Path, head: bytes) -> Iterator[Path]:
    """The file itself, or a copy of a workbook whose parts have odd names: with backslashes, as from old .NET programs.

    Raises:
        FileError: such a workbook is damaged or unpacks to far too much.
    """
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(path)) if head.startswith(ZIP_MAGIC) else None
        if archive is None or all(str(_path_of(one)) == one.orig_filename.rstrip("/") for one in archive.members):
            yield path
            return
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="importer-"))) / "workbook"
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain:
            for member in archive.members:
                if not member.orig_filename.endswith(("/", "\\")):
                    with plain.open(str(_path_of(member)), "w", force_zip64=True) as part:
                        part.writelines(archive.pieces(member))
        yield copy


def _only_member(path: Path) -> zipfile.ZipInfo | None:
    """The one file of a zip archive, or None where the archive is a workbook itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and not _hidden(_path_of(one))]
    except (zipfile.BadZipFile, OSError, ValueError, IndexError, NotImplementedError) as error:
        raise FileError(
            f"{path} cannot be opened as a workbook or archive ({error}). It may be damaged: export it once more."
        ) from None
    if any(str(_path_of(one)).lower() in _WORKBOOK_PARTS for one in members):
        return None
    if len(members) != 1:
        names = ", ".join(one.filename[:_LONGEST_NAME] for one in members[:5]) or "nothing"
        raise FileError(f"{path} holds {names}. Unpack it and name the one spreadsheet that is meant.")
    if members[0].flag_bits & 1:
        raise FileError(f"{path} is locked with a password. Unpack it and name the file in it.")
    return members[0]


@contextmanager
def _opened(path: Path, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            packed = stack.enter_context(archive.open(member))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            raise FileError(f"{path} is a damaged archive ({error}). Copy or export it once more.") from None
        yield packed


def _path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path as it should be: some programs put backslashes between the folders, or `/` or `./` in front."""
    return PurePosixPath(member.orig_filename.replace("\\", "/").lstrip("/"))


def _hidden(path: PurePosixPath) -> bool:
    """What macOS and Windows add to an archive unasked."""
    return (
        path.parts[:1] == ("__MACOSX",)
        or path.name.startswith(".")
        or path.name.lower() in {"thumbs.db", "desktop.ini"}
    )


@contextmanager
def _unpacked(path: Path, packed: _Packed, packed_size: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="importer-") as folder:
        inner = Path(folder) / "unpacked"
        try:
            with inner.open("wb") as file:
                _copy(path, packed, file, packed_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise FileError(f"{path} is a damaged archive ({error}). Copy or export it once more.") from None
        except OSError as error:
            raise FileError(f"{path} cannot be unpacked: {error.strerror or error}.") from None
        yield inner


def _copy(path: Path, packed: _Packed, file: IO[bytes], packed_size: int) -> None:
    size = 0
    while piece := packed.read(_PIECE):
        size += len(piece)
        if is_bomb(size, packed_size):
            raise FileError(f"{path} unpacks to more than any spreadsheet holds, so it was not opened.")
        file.write(piece)
