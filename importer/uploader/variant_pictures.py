"""Pictures of variants (`--variants image`).

A variant has one picture, and a new one takes its place, so that a request may be repeated.
"""

import random
from dataclasses import replace

from importer.errors import StoreStoppedError
from importer.models import Checked, Outcome, Status, Variant
from importer.net import NetFailure
from importer.settings import UploadSettings
from importer.store import (
    Accepted,
    Answer,
    NotSent,
    RetryAfter,
    RowFails,
    RunStops,
    Tries,
    find_variant,
    judge,
    set_variant_image,
    stored_name,
)
from importer.uploader.ends import both_sides, ended, unsent
from importer.uploader.journal import VariantRecord
from importer.uploader.sending import Sender, Trial
from importer.uploader.wishes import RECORDED


async def send_variant_picture(item: Checked, variant: Variant, sender: Sender) -> Outcome:
    """Give a variant its picture, unless it has it already.

    Raises:
        StoreStoppedError: the store refuses everything or cannot be reached.
        JournalLostError: the journal cannot be written; nothing was sent without a record.
    """
    earlier = sender.journal.variants(variant.product_id).get(variant.id)
    there = variant_has(item, variant, earlier, sender.settings)
    if there is not None:
        return there
    url, trial = item.row.sent_url, Trial(newest_id=0)

    async def record() -> None:
        await sender.journal.intend_variant(variant.product_id, variant.id, url, variant.image_url)

    while True:
        trial.attempts += 1
        result = await set_variant_image(sender.client, variant, url, record)
        tries = Tries(trial.attempts - trial.throttled, trial.throttled)
        verdict = judge(result, tries, sender.client.policy, random.random())  # noqa: S311 - spreads retries
        trial.request_id = result.request_id if isinstance(result, Answer) else ""
        if isinstance(verdict, Accepted):
            image_url = await _image_url(result, variant, sender)
            sender.journal.variant_stored(variant.id, image_url)
            receipt = replace(trial.receipt(None, "variant"), image_url=image_url, thumbnail_url=image_url)
            note = f"Set as the picture of the variant with the SKU {item.row.sku}."
            return ended(item, Status.UPLOADED, receipt=receipt, note=note)
        if isinstance(verdict, RetryAfter):
            trial.throttled += verdict.throttled
            await sender.client.pause(verdict.seconds)
            if not sender.stop.is_set() and not isinstance(result, NotSent):
                continue
        if not isinstance(verdict, RetryAfter) and not verdict.ambiguous:
            _take_back(variant, earlier, sender)
        if isinstance(verdict, RunStops):
            raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
        if isinstance(verdict, RowFails):
            trouble = both_sides(verdict.problem, item)
            return ended(item, Status.FAILED, trouble, trial.receipt(None, "variant"))
        return unsent(item)


def variant_has(
    item: Checked, variant: Variant, record: VariantRecord | None, settings: UploadSettings
) -> Outcome | None:
    """The outcome of a row whose variant needs nothing; None where its picture must be set."""
    if variant_is_recorded(item, variant, record):
        return ended(item, Status.ALREADY_THERE, note=RECORDED)
    name = item.file_name
    if settings.existing == "skip" and record is None and name and name == stored_name(variant.image_url):
        note = (
            f"The variant with the SKU {variant.sku} has a picture with this file name already, most likely the same "
            "one. To set it all the same, add --existing add."
        )
        return ended(item, Status.PROBABLY_THERE, note=note)
    return None


def variant_is_recorded(item: Checked, variant: Variant, record: VariantRecord | None) -> bool:
    """Whether an earlier run made the row's picture that of its variant, which still has it."""
    return record is not None and record.url == item.row.sent_url and record.image_url == variant.image_url != ""


async def _image_url(result: Answer | NetFailure | NotSent, variant: Variant, sender: Sender) -> str:
    """The picture's address at the store: as the answer tells it, or, where it tells nothing, as the variant does."""
    data = result.data if isinstance(result, Answer) else None
    if isinstance(data, dict) and data.get("image_url"):
        return str(data["image_url"])
    now = await find_variant(sender.client, variant.product_id, variant.id)
    return now.image_url if now else ""


def _take_back(variant: Variant, earlier: VariantRecord | None, sender: Sender) -> None:
    """The store has certainly not taken the picture: what is on record of an earlier one holds again."""
    if earlier is None:
        sender.journal.forget_variant(variant.id)
    else:
        sender.journal.restore_variant(variant.id, earlier)
