"""The options of `importer run` that say how pictures are sent."""

from typing import Any

import click

from importer.cli.options import together
from importer.cli.spelling import one_of
from importer.settings import Reserve, UploadSettings

_SANDBOX_PATIENCE = {"first_backoff": 0.05, "longest_backoff": 1.0, "settle": 0.25, "outage": 10.0}
"""Seconds. The sandbox recovers at once, so there is no need for a real store's patience."""

upload_options = together(
    click.option(
        "--concurrency",
        default=8,
        show_default=True,
        help="Requests to the store at once, at most; fewer while the store is slow or failing.",
    ),
    click.option("--no-check", is_flag=True, help="Upload without checking the URLs first."),
    click.option(
        "--existing",
        type=one_of("skip", "add", "replace"),
        default="skip",
        show_default=True,
        help="A picture with the same file name is on the product already: skip it, or add it again. Or replace: the "
        "file's pictures take the place of all that its products have; old ones are deleted once every new one is in.",
    ),
    click.option(
        "--variants",
        type=one_of("product", "image"),
        default="product",
        show_default=True,
        help="A row's SKU is that of a variant: add the picture to its product, or set it as the variant's own image. "
        "What an export shows in the product's gallery and names for a variant as well is then both.",
    ),
    click.option(
        "--route",
        type=one_of("single", "batch"),
        default="single",
        show_default=True,
        help="One request for each picture, or (experimental) one for all pictures of up to 10 products. What a batch "
        "does not get across goes singly.",
    ),
    click.option(
        "--reserve",
        default="0",
        show_default=True,
        metavar="N|PERCENT",
        help="Requests of each quota window to leave to the store's other apps, such as 15 or 10%.",
    ),
    click.option(
        "--stop-after",
        default=50,
        show_default=True,
        metavar="N",
        help="Stop where the store refuses so many pictures in a row; 0 never does.",
    ),
    click.option("--attempts", default=5, show_default=True, help="Tries for one picture before its row fails."),
    click.option(
        "--retry-wait",
        type=float,
        metavar="SECONDS",
        show_default="1",
        help="Before the second try; doubles with each further one, up to a minute.",
    ),
    click.option(
        "--settle",
        type=float,
        metavar="SECONDS",
        show_default="30",
        help="A request ended without an answer: how long its picture may still arrive before it is sent again. At the "
        "end, copies that come later still are waited for, up to three times as long.",
    ),
    click.option("--plan", "plan_only", is_flag=True, help="Say what would be done; send nothing."),
    click.option("--yes", is_flag=True, help="Do not ask before the first picture is sent."),
)


def upload_settings(options: dict[str, Any]) -> UploadSettings:
    """How to send, by the options; less patient with the sandbox.

    Raises:
        UsageError: an option holds something that cannot be meant.
    """
    patience: dict[str, Any] = {**_SANDBOX_PATIENCE} if options["sandbox"] else {}
    if "existing" not in options:
        return UploadSettings(**patience)
    asked = {"first_backoff": options["retry_wait"], "settle": options["settle"]}
    patience |= {name: seconds for name, seconds in asked.items() if seconds is not None}
    return UploadSettings(
        concurrency=options["concurrency"],
        attempts=options["attempts"],
        existing=options["existing"],
        variants=options["variants"],
        route=options["route"],
        reserve=Reserve.parse(options["reserve"]),
        stop_after=options["stop_after"],
        **patience,
    )
