"""`importer images`: what products have."""

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from importer.cli import ExitCode, printable, show
from importer.cli.options import real_target, sandbox_target, store_options
from importer.errors import UsageError


@click.command(epilog="Example:  importer images 111 112 --csv images.csv")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(min=1), metavar="ID...")
@store_options
@click.option("--json", "as_json", is_flag=True, help="Print the pictures as JSON.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write them to a CSV file.",
)
def images(ids: tuple[int, ...], *, as_json: bool, csv_file: Path | None, **options: Any) -> int:
    """Show the images that products have.

    Exit codes: 0 all products were found, 2 wrong usage or settings, 3 a product does not exist, 4 the store refuses
    or does not answer.
    """
    import asyncio

    from importer import pipeline
    from importer.cli import printing
    from importer.credentials import NO_CREDENTIALS

    with ExitStack() as stack:
        pretend = sandbox_target((), allow_private=False)
        target = stack.enter_context(pretend) if options["sandbox"] else real_target(options)
        if target.store is None:
            raise UsageError(NO_CREDENTIALS)
        found = asyncio.run(pipeline.product_images(target.store, target.network, list(dict.fromkeys(ids))))
    if csv_file is not None:
        _write_images(csv_file, printing.image_lines(found), printing.IMAGE_COLUMNS)
        click.echo(f"Wrote {csv_file}.", err=True)
    if as_json:
        show(printing.images_json(found))
    elif csv_file is None:
        show(printable(printing.images_text(found)))
    missing = [number for number, pictures in found if pictures is None]
    for number in missing:
        click.echo(f"The store has no product with the id {number}.", err=True)
    return ExitCode.INCOMPLETE if missing else ExitCode.FINE


def _write_images(path: Path, lines: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    from importer.report import csv_cell

    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([csv_cell(line[name]) for name in columns] for line in lines)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None
