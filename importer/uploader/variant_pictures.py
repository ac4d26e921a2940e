"""Pictures of variants (`--variants image`).

A variant has one picture, and a new one takes its place, so that a request may be repeated.
"""

import random

from importer.errors import StoreStoppedError
from importer.models import Checked, Outcome, Receipt, Status, Variant
from importer.store import (
    Accepted,
    Answer,
    NotSent,
    RetryAfter,
    RowFails,
    RunStops,
    Tries,
    expected_name,
    judge,
    set_variant_image,
    stored_name,
)
from importer.uploader.ends import both_sides, ended, unsent
from importer.uploader.sending import Sender, Trial
from importer.uploader.wishes import RECORDED

_NOTE = "Set as the picture of the variant with the SKU {sku}."


async def send_variant_picture(item: Checked, variant: Variant, sender: Sender) -> Outcome:
    """Give a variant its picture, unless it has it already.

    Raises:
        StoreStoppedError: the store refuses everything or cannot be reached.
        JournalLostError: the journal cannot be written; nothing was sent without a record.
    """
    there = _there(item, variant, sender)
    if there:
        return ended(item, Status.ALREADY_THERE, note=there)
    url, trial = item.row.sent_url, Trial(newest_id=0)

    async def record() -> None:
        await sender.journal.intend_variant(variant.product_id, variant.id, url, variant.image_url)

    while True:
        trial.attempts += 1
        result = await set_variant_image(sender.client, variant, url, record)
        tries = Tries(trial.attempts - trial.throttled, trial.throttled)
        verdict = judge(result, tries, sender.client.policy, random.random())  # noqa: S311 - spreads retries
        if isinstance(result, Answer):
            trial.request_id = result.request_id
        match verdict:
            case Accepted():
                image_url = result.data.get("image_url") if isinstance(result, Answer) and _is_object(result) else None
                sender.journal.variant_stored(variant.id, str(image_url or url))
                return ended(item, Status.UPLOADED, receipt=_receipt(trial), note=_NOTE.format(sku=item.row.sku))
            case RetryAfter():
                trial.throttled += verdict.throttled
                await sender.client.pause(verdict.seconds)
                if sender.stop.is_set() or isinstance(result, NotSent):
                    return unsent(item)
            case RowFails():
                if not verdict.ambiguous:
                    sender.journal.forget_variant(variant.id)
                return ended(item, Status.FAILED, both_sides(verdict.problem, item), _receipt(trial))
            case RunStops():
                raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)


def _there(item: Checked, variant: Variant, sender: Sender) -> str:
    """Why nothing need be sent, as a note; empty where something must be."""
    record = sender.journal.variants(variant.product_id).get(variant.id)
    if record is not None and record.url == item.row.sent_url and record.image_url == variant.image_url != "":
        return RECORDED
    name = expected_name(item.row.sent_url)
    if sender.settings.existing == "skip" and record is None and name and name == stored_name(variant.image_url):
        return (
            f"The variant with the SKU {item.row.sku} has a picture with this file name already, most likely the same "
            "one. To set it all the same, add --existing add."
        )
    return ""


def _is_object(answer: Answer) -> bool:
    return isinstance(answer.data, dict)


def _receipt(trial: Trial) -> Receipt:
    return trial.receipt(None, "variant")
