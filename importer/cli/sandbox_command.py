"""`importer sandbox`: the pretend store on its own."""

import signal
import time
from pathlib import Path
from typing import Any

import click

from importer.cli import ExitCode, mention, show
from importer.errors import UsageError

_STOPPED = "The sandbox has stopped. If you made a file .env of its settings, delete it now: it leads nowhere any more."


@click.command(epilog="Example:  importer sandbox products.csv --quota 450")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--port", default=0, show_default=True, help="The store's port; 0 lets the system choose.")
@click.option("--quota", default=150, show_default=True, help="Requests in a window.")
@click.option("--window", default=30.0, show_default=True, metavar="SECONDS", help="Length of the quota's window.")
@click.option("--latency", default=0.0, show_default=True, metavar="SECONDS", help="Added to each answer of the store.")
@click.option(
    "--other-share",
    type=click.FloatRange(0, 90),
    default=0.0,
    show_default=True,
    metavar="PERCENT",
    help="Part of the quota that another app of the store takes at moments of its own.",
)
@click.option(
    "--faults", type=int, metavar="SEED", help="Let requests fail at random; the same SEED draws the same failures."
)
@click.option(
    "--fault-share",
    type=click.FloatRange(0, 100),
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    help="How many of the requests fail with --faults.",
)
@click.option("--no-fetch", is_flag=True, help="Take every picture's address unseen, to measure an import's speed.")
@click.option("--allow-private", is_flag=True, help="Let the store fetch pictures from loopback and private addresses.")
def sandbox(files: tuple[Path, ...], **options: Any) -> int:
    """Run the pretend store until Ctrl-C and print its settings.

    It holds the products of sample_data and those that the given spreadsheets name. Put the printed lines into a file
    called .env in an empty folder, and every command there uses the pretend store; delete that file afterwards.
    """
    from importer.sandbox import Sandbox, SandboxSettings

    products, families = _stock(files) if files else ((), ())
    try:
        settings = SandboxSettings(
            products=products,
            families=families,
            quota=options["quota"],
            window_ms=round(options["window"] * 1000),
            latency_ms=round(options["latency"] * 1000),
            other_share=options["other_share"] / 100,
            fault_seed=options["faults"],
            fault_share=0.0 if options["faults"] is None else options["fault_share"] / 100,
            fetch=not options["no_fetch"],
            allow_private=options["allow_private"],
            port=options["port"],
        )
        store = Sandbox(settings)
        store.start()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"The sandbox cannot be set up so: {error}") from None
    except OSError as error:
        raise UsageError(f"The sandbox cannot use port {options['port']}: {error.strerror or error}.") from None
    # A shell that starts it with & has it ignore Ctrl-C, and this with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        mapped = " ".join(":".join(map(str, entry)) for entry in store.connect_to)
        lines = (
            f"BIGCOMMERCE_API_URL={store.api_url}",
            f"BIGCOMMERCE_STORE_HASH={store.store_hash}",
            f"BIGCOMMERCE_ACCESS_TOKEN={store.access_token}",
            f"SSL_CERT_FILE={store.ca_file}",
            f'IMPORTER_CONNECT_TO="{mapped}"',
        )
        show("\n".join(lines))
        mention("The sandbox is running. Press Ctrl-C to stop it.")
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        mention(_STOPPED)
    finally:
        store.stop()
    return ExitCode.FINE


def _stock(
    files: tuple[Path, ...],
) -> tuple[tuple[tuple[int | None, str], ...], tuple[tuple[int | None, str, tuple[str, ...]], ...]]:
    """The products that spreadsheets name, each once: those without variants and those with them."""
    from importer import pipeline

    stock = pipeline.rehearsal_stock(pipeline.load_file(file) for file in files)
    return stock.products, stock.families
