"""Variants get back the picture that they had before the import."""

from collections.abc import Iterator, Mapping

from importer.models import Problem
from importer.store import Answer, StoreClient, find_variant, restore_variant_image
from importer.uploader.journal import Journal, VariantRecord
from importer.uploader.undo_plan import UndoLine, UndoStatus

_GONE = "The variant itself is gone."


async def restore_variant(client: StoreClient, journal: Journal, variant_id: int, record: VariantRecord) -> UndoLine:
    """Undo one record of a variant's picture; what someone has set since is left.

    Args:
        client: the store.
        journal: where the record is forgotten, once it is undone.
        variant_id: the variant.
        record: what the import did to it.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while a request waited for its turn.
    """
    status, why = await _restored(client, variant_id, record)
    if status in {UndoStatus.RESTORED, UndoStatus.GONE}:
        journal.forget_variant(variant_id)
    detail = f"Picture of the variant with the id {variant_id}. {why}".strip()
    return UndoLine(record.product_id, None, record.url, status, detail, variant_id)


async def _restored(client: StoreClient, variant_id: int, record: VariantRecord) -> tuple[UndoStatus, str]:
    variant = await find_variant(client, record.product_id, variant_id)
    if variant is None:
        return UndoStatus.GONE, _GONE
    if variant.image_url == record.image_url_before:
        return UndoStatus.GONE, "It has its picture of before already."
    if not record.image_url:
        return UndoStatus.UNKNOWN, (
            "The import was interrupted while setting it, so it is not certain whose picture it has. "
            "Run the import once more, then undo it."
        )
    if variant.image_url != record.image_url:
        return UndoStatus.CHANGED, "It has another picture than the import gave it, so it was left."
    answer = await restore_variant_image(client, record.product_id, variant_id, record.image_url_before)
    return _read(answer, "" if record.image_url_before else "It had none before.")


def _read(answer: Answer | Problem, words: str) -> tuple[UndoStatus, str]:
    if isinstance(answer, Problem):
        return UndoStatus.FAILED, answer.detail
    return (UndoStatus.GONE, _GONE) if answer.status == 404 else (UndoStatus.RESTORED, words)


def unreached_variants(product_id: int, variants: Mapping[int, VariantRecord], words: str) -> Iterator[UndoLine]:
    """A line for each record of a product's variants."""
    for variant_id, record in variants.items():
        detail = f"Picture of the variant with the id {variant_id}. {words}"
        yield UndoLine(product_id, None, record.url, UndoStatus.NOT_REACHED, detail, variant_id)
