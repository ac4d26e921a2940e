"""Which column says more of which picture: an alt text, a position, a flag; by its name, its number, or its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from importer.loader.columns import Header
from importer.loader.headers import ImageHeader, companion, is_product_sheet, spellings


@dataclass(frozen=True, slots=True)
class _Companion:
    """A column that says more of pictures; `stems` are its names without the word for what it says."""

    at: int
    rank: int
    number: int | None
    stems: frozenset[str]


def companions_of(
    header: Header,
    images: Sequence[tuple[int, ImageHeader]],
    names: Sequence[str],
    loose: Sequence[str],
    *,
    shared: bool,
) -> list[int | None]:
    """For each picture column, in order, the column that says more of it.

    Args:
        header: the header row.
        images: the picture columns with what their headers say.
        names: names of such columns.
        loose: names that mean the pictures in a sheet of pictures only.
        shared: whether one column can speak for all pictures of a row.
    """
    groups = [names] if is_product_sheet(header.texts) else [names, loose]
    found = next((group for group in (_found(header, group) for group in groups) if group), [])
    exact = {at: one for at, _ in images for one in found if header.names[at] in one.stems}
    rest = [one for one in found if one not in exact.values()]
    numbered = [one for one in rest if one.number is not None]
    free = [one for one in rest if one.number is None]
    chosen: list[int | None] = []
    for place, (at, image) in enumerate(images):
        own = [one for one in numbered if one.number == image.number and not image.extra]
        if at in exact:
            chosen.append(exact[at].at)
        elif own:
            chosen.append(own[0].at)
        elif len(free) == 1 and (not place or (shared and not numbered and not exact)):
            chosen.append(free[0].at)
        else:
            chosen.append(_beside(at, images, free) if len(free) > 1 else None)
    return chosen


def _found(header: Header, names: Sequence[str]) -> list[_Companion]:
    """The columns with such names; of several without a number that differ in their names, the most telling ones."""
    found = []
    for at, text in enumerate(header.texts):
        fits, number = companion(text, names) if text else (False, None)
        if fits:
            name = header.names[at]
            stems = {spelling.replace(one, "", 1) for spelling in spellings(text) for one in names if one in spelling}
            found.append(_Companion(at, names.index(name) if name in names else len(names), number, frozenset(stems)))
    best = {one.number: min(other.rank for other in found if other.number == one.number) for one in found}
    return [one for one in found if one.rank == best[one.number]]


def _beside(at: int, images: Sequence[tuple[int, ImageHeader]], free: Sequence[_Companion]) -> int | None:
    """The column that follows a picture column before the next one."""
    after = min((other for other, _ in images if other > at), default=None)
    return next((one.at for one in free if one.at > at and (after is None or one.at < after)), None)
