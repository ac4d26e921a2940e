"""`importer images`: what products have, and which products of a file have nothing."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import ExitCode, mention, printable, show
from importer.cli.options import (
    Target,
    loader_options,
    loader_settings,
    real_target,
    sandbox_target,
    store_options,
)
from importer.errors import UsageError
from importer.settings import LoaderSettings, NetworkSettings, StoreSettings

if TYPE_CHECKING:
    from importer.cli.image_printing import Line


_EXAMPLES = "Example:  importer images 111 MUG-BLK --csv images.csv\nExample:  importer images --missing products.xlsx"


@click.command(epilog=f"\b\n{_EXAMPLES}")
@click.argument("asked", nargs=-1, metavar="[ID_OR_SKU]...")
@click.option(
    "--missing",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="List the products of this spreadsheet that have no picture in the store yet, and those that the store does "
    "not have, each with the first row that names it.",
)
@store_options
@loader_options
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the list to a CSV file.",
)
def images(asked: tuple[str, ...], *, missing: Path | None, **options: Any) -> int:
    """Show the images that products have, or with --missing which products of a file have none.

    Digits that do not start with 0 are a product id and, where no product has it, a SKU; anything else is a SKU.

    Exit codes: 0 every product was found (with --missing: has a picture), 2 wrong usage, settings or file, 3 a product
    was not found, or its SKU is several products' (with --missing: some products have no picture), 4 the store refuses
    or does not answer.
    """
    reading = loader_settings(options)
    if missing is not None and asked:
        raise UsageError("Give either ids and SKUs or --missing FILE, not both.")
    if missing is not None:
        return _missing(missing, reading, options)
    if not [text for text in asked if text.strip()]:
        raise UsageError(
            "Give the ids or SKUs of the products, or --missing FILE.  Example:  importer images 111 MUG-BLK"
        )
    if reading != LoaderSettings():
        raise UsageError("--sheet, --layout, --map and the like tell how to read a file, so they need --missing FILE.")
    return _images([text.strip() for text in asked if text.strip()], options)


def _images(asked: Sequence[str], options: dict[str, Any]) -> int:
    import asyncio

    from importer.cli import image_printing
    from importer.pipeline import product_images
    from importer.progress import watcher

    with ExitStack() as stack:
        store, network = _pretend_store(stack, ()) if options["sandbox"] else _real_store(options)
        found = asyncio.run(product_images(store, network, asked, watcher(quiet=False)))
    products = list({one.products[0].id: one.products[0] for one in found if len(one.products) == 1}.values())
    lines = image_printing.image_lines(products)
    _put_out(lines, image_printing.IMAGE_COLUMNS, image_printing.images_text(products), options)
    troubles = [words for one in found if (words := image_printing.not_one_product(one))]
    for words in troubles:
        mention(words)
    return ExitCode.INCOMPLETE if troubles else ExitCode.FINE


def _missing(file: Path, reading: LoaderSettings, options: dict[str, Any]) -> int:
    import asyncio

    from importer.cli import image_printing
    from importer.pipeline import load_file, named_products, pictureless_products
    from importer.progress import watcher

    watch = watcher(quiet=False)
    with ExitStack() as stack:
        real = None if options["sandbox"] else _real_store(options)
        loaded = load_file(file, reading, watch)
        named = named_products(loaded)
        store, network = real or _pretend_store(stack, tuple(named))
        found = asyncio.run(pictureless_products(store, network, loaded, watch))
    lines = image_printing.missing_lines(found)
    _put_out(lines, image_printing.MISSING_COLUMNS, image_printing.missing_text(found), options)
    for sentence in image_printing.missing_sentences(found, loaded.name):
        mention(sentence)
    return ExitCode.INCOMPLETE if lines else ExitCode.FINE


def _real_store(options: dict[str, Any]) -> tuple[StoreSettings, NetworkSettings]:
    return _store_of(real_target(options))


def _pretend_store(
    stack: ExitStack, products: tuple[tuple[int | None, str], ...]
) -> tuple[StoreSettings, NetworkSettings]:
    """A store that holds the given products besides its own, until the end of the block."""
    return _store_of(stack.enter_context(sandbox_target(products, allow_private=False)))


def _store_of(target: Target) -> tuple[StoreSettings, NetworkSettings]:
    from importer.credentials import NO_CREDENTIALS

    if target.store is None:
        raise UsageError(NO_CREDENTIALS)
    return target.store, target.network


def _put_out(lines: Sequence["Line"], columns: Sequence[str], text: str, options: dict[str, Any]) -> None:
    """Write the list to the CSV file, print it as JSON, or show it as a table."""
    from importer.cli.image_printing import as_json
    from importer.report import write_list

    if options["csv_file"] is not None:
        write_list(options["csv_file"], columns, lines)
        mention(f"Wrote {options['csv_file']}.")
    if options["as_json"]:
        show(as_json(lines))
    elif options["csv_file"] is None and text:
        show(printable(text))
