"""In what a picture that is there already differs from what its row asks for. Nothing is changed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from importer.models import ImageRow, StoreImage

_MOST_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Pair:
    """A row and the picture that the store has for it.

    Attributes:
        row: the row with the position that the file names, and as the thumbnail where it is the product's first such.
        image: the picture.
        sent_text: the alt text that an earlier run gave it; empty where it gave none, or nobody knows.
    """

    row: ImageRow
    image: StoreImage
    sent_text: str = ""


def differences(pairs: Sequence[Pair], *, settled: bool) -> list[str]:
    """What differs of each pair, as a sentence; empty where nothing does.

    Args:
        pairs: those of one product.
        settled: whether order and thumbnail are as an import left them; otherwise this run puts them right itself.
    """
    has_texts = any(pair.row.description for pair in pairs)
    return [_sentence(pair, pairs, has_texts=has_texts, settled=settled) for pair in pairs]


def _sentence(pair: Pair, pairs: Sequence[Pair], *, has_texts: bool, settled: bool) -> str:
    row, image = pair.row, pair.image
    parts: list[str] = []
    emptied = has_texts and not row.description and _alike(pair.sent_text, image.description)
    if not _alike(row.description, image.description) and (row.description or emptied):
        parts.append(f"the alt text is {_quoted(image.description)} in the store and {_quoted(row.description)} here")
    if settled and _misplaced(pair, pairs):
        parts.append(f"its position is {image.sort_order} in the store and {row.sort_order} here")
    if settled and row.is_thumbnail and not image.is_thumbnail:
        parts.append("it is to be the thumbnail here, and the store shows another picture as it")
    if not parts:
        return ""
    return f"It differs: {'; '.join(parts)}. Nothing was changed."


def _alike(one: str, other: str) -> bool:
    """Whether two alt texts are the same but for what a store may do to white space and `&`."""
    return unescape(one).split() == unescape(other).split()


def _quoted(text: str) -> str:
    if not text:
        return "empty"
    return f"“{text if len(text) <= _MOST_QUOTED else f'{text[:_MOST_QUOTED]}…'}”"


def _misplaced(pair: Pair, pairs: Sequence[Pair]) -> bool:
    """Whether the file gives the picture another place among its pictures than the store.

    The number alone tells little: a store pushes pictures back to make room (BigCommerce docs, productImage_Base), but
    it does not bring one forward, so that a lower number is a difference where it has kept all the others.
    """
    wanted, place = pair.row.sort_order, _place(pair)
    if wanted is None or wanted == pair.image.sort_order:
        return False
    others = [
        (other.row.sort_order, other) for other in pairs if other is not pair and other.row.sort_order is not None
    ]
    if any(
        (wanted < order and place > _place(other)) or (wanted > order and place < _place(other))
        for order, other in others
    ):
        return True
    kept = bool(others) and all(order == other.image.sort_order for order, other in others)
    return kept and pair.image.sort_order < wanted


def _place(pair: Pair) -> tuple[int, int]:
    return pair.image.sort_order, pair.image.id
