"""Options that several commands share, and what they come to: the store, the network, the sandbox."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from importer.cli import mention
from importer.cli.completing import codes, delimiters, fields, layouts
from importer.cli.log_option import log_option
from importer.cli.spelling import did_you_mean
from importer.credentials import environment, network_settings, store_settings
from importer.errors import UsageError
from importer.models import ProblemCode
from importer.settings import (
    DELIMITERS,
    LAYOUT_NAMES,
    MAX_URL_LENGTH,
    USER_AGENT,
    AccessToken,
    CheckSettings,
    ColumnMap,
    ConnectTo,
    LoaderSettings,
    NetworkSettings,
    StoreSettings,
)
from importer.stop_rule import DOUBTFUL_SHARE

Command = TypeVar("Command", bound=Callable[..., Any])


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """One decorator for several options, shown in their order."""
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


account_options = together(
    click.option("--store-hash", metavar="HASH", help="The store's code. [env: BIGCOMMERCE_STORE_HASH]"),
    click.option("--api-url", metavar="URL", help="The API's address. [env: BIGCOMMERCE_API_URL]"),
    click.option(
        "--credentials",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The text file that BigCommerce offers for download when an API account is made.",
    ),
    click.option(
        "--connect-to",
        multiple=True,
        metavar="HOST:PORT:ADDRESS:PORT",
        help="Connect to another address for a host, as with curl. Repeatable. [env: IMPORTER_CONNECT_TO]",
    ),
)
store_options = together(
    account_options,
    click.option("--sandbox", is_flag=True, help="Use a pretend store and image hosts on this computer; no account."),
)
check_options = together(
    click.option("--allow-private", is_flag=True, help="Accept URLs that lead to loopback or private addresses."),
    click.option("--check-concurrency", default=32, show_default=True, help="URLs checked at once."),
    click.option("--per-host", default=8, show_default=True, help="URLs checked at once on one host."),
    click.option("--timeout", default=10.0, show_default=True, metavar="SECONDS", help="Patience with image hosts."),
    click.option(
        "--user-agent",
        default=USER_AGENT,
        show_default=True,
        metavar="TEXT",
        help="The name that image hosts are told. For a host that lets only certain names in, try --user-agent Ruby: "
        "BigCommerce's own downloads have been seen under it.",
    ),
    click.option(
        "--deep",
        is_flag=True,
        help="Download every picture whole, to find those that are cut off or damaged inside; slower.",
    ),
    click.option(
        "--fail-over",
        metavar="PERCENT",
        help="Send nothing and end with exit code 2 where more than this share of the rows is rejected, such as 20%. "
        "Rows that only repeat an earlier one or ask for nothing do not count. Without it, `check` has no such rule, "
        f"and `run` on a terminal says how many are rejected when it asks before the first picture; above "
        f"{DOUBTFUL_SHARE:.0%}, Enter then means no. Elsewhere, and with --yes or --sandbox, `run` sends what passed.",
    ),
)
report_options = together(
    click.option(
        "--results",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder for the report and the journal.  [default: <file stem>-results beside the file]",
    ),
    click.option("--quiet", is_flag=True, help="No progress and no summary; the report is written all the same."),
    click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print the summary as JSON on standard output; nothing where the command or the file cannot be used.",
    ),
    log_option,
)
loader_options = together(
    click.option("--sheet", metavar="NAME", help="Read this worksheet alone, even a hidden one."),
    click.option(
        "--layout",
        metavar="NAME",
        shell_complete=layouts,
        help="How the file is laid out, where its headers do not tell: " + ", ".join(LAYOUT_NAMES) + ".",
    ),
    click.option(
        "--map",
        "maps",
        multiple=True,
        metavar="FIELD=COLUMN",
        shell_complete=fields,
        help="Which column is which, by header or letter: product_id, sku, image_url, description, sort_order or "
        "is_thumbnail. Repeatable.",
    ),
    click.option("--no-header", is_flag=True, help="The first row is data; name the columns with --map sku=B."),
    click.option("--base-url", metavar="URL", help="What stands before addresses that are only a path."),
    click.option("--encoding", metavar="NAME", help="Of a text file, such as cp1252; otherwise it is detected."),
    click.option(
        "--delimiter",
        metavar="CHAR",
        shell_complete=delimiters,
        help="Of a text file, such as ; or tab; otherwise it is detected.",
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="CODE",
        shell_complete=codes,
        help="Of an earlier run's results, take only rows with this problem code. Repeatable.",
    ),
    click.option(
        "--max-url-length",
        default=MAX_URL_LENGTH,
        show_default=True,
        metavar="N",
        help="The longest address to accept, in characters as it is sent. BigCommerce's pages say 255 for the API, "
        "which this program uses, and 1,024 for the import in the control panel.",
    ),
)
spreadsheet = click.argument("file", type=click.Path(path_type=Path), metavar="FILE")


def loader_settings(options: dict[str, Any]) -> LoaderSettings:
    """How to read the spreadsheet, by the loader's options.

    Raises:
        UsageError: an option holds something that cannot be meant.
    """
    known_codes = {code.value: code for code in ProblemCode}
    for name in options["only"]:
        if name not in known_codes:
            raise UsageError(f"--only takes a problem code, and {name!r} is none.{did_you_mean(name, known_codes)}")
    if options["layout"] and options["layout"].lower() not in LAYOUT_NAMES:
        known, guess = ", ".join(LAYOUT_NAMES), did_you_mean(options["layout"], LAYOUT_NAMES)
        raise UsageError(f"There is no layout {options['layout']!r}.{guess} The layouts: {known}.")
    delimiter = (options["delimiter"] or "").replace("\\t", "\t")
    return LoaderSettings(
        max_url_length=options["max_url_length"],
        layout=options["layout"] or "",
        sheet=options["sheet"] or "",
        encoding=options["encoding"] or "",
        delimiter=DELIMITERS.get(delimiter.lower(), delimiter),
        columns=tuple(ColumnMap.parse(text) for text in options["maps"]),
        header=not options["no_header"],
        base_url=options["base_url"] or "",
        only=tuple(known_codes[name] for name in options["only"]),
        variant_images=options.get("variants") == "image",
    )


def check_settings(options: dict[str, Any]) -> CheckSettings:
    """How to check the URLs, by the check's options.

    Raises:
        UsageError: a number is out of range, or the user agent cannot be sent.
    """
    return CheckSettings(
        urls=not options.get("no_check"),
        concurrency=options["check_concurrency"],
        per_host=options["per_host"],
        timeout=options["timeout"],
        allow_private=options["allow_private"],
        user_agent=options["user_agent"],
        deep=options["deep"],
    )


@dataclass(frozen=True, slots=True)
class Target:
    """Where a command works: the store, if any, and how to connect; `journal` is set for a passing store alone."""

    store: StoreSettings | None
    network: NetworkSettings
    sandbox: bool = False
    journal: Path | None = None


def real_target(options: dict[str, Any]) -> Target:
    """The store that the store's options, files and the environment name.

    Raises:
        UsageError: half of it is missing, or something is malformed.
    """
    found = environment(Path.cwd(), os.environ, options["credentials"])
    if found.remark:
        mention(found.remark)
    store = store_settings(
        found.settings, store_hash=options["store_hash"], api_url=options["api_url"], credentials=options["credentials"]
    )
    return Target(store, network_settings(found.settings, options["connect_to"]))


@contextmanager
def sandbox_target(
    products: tuple[tuple[int | None, str], ...],
    families: tuple[tuple[int | None, str, tuple[str, ...]], ...] = (),
    *,
    allow_private: bool,
) -> Iterator[Target]:
    """A pretend store that lives as long as the block and holds the given products besides its own.

    Args:
        products: as (id or None, SKU or empty).
        families: products with variants, as (id or None, own SKU or empty, SKUs of the variants).
        allow_private: whether it fetches pictures from private addresses.
    """
    from importer.sandbox import Sandbox, SandboxSettings

    settings = SandboxSettings(products=products, families=families, allow_private=allow_private)
    with Sandbox(settings) as sandbox, tempfile.TemporaryDirectory(prefix="importer-sandbox-") as folder:
        yield Target(
            StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url),
            NetworkSettings(sandbox.ca_file, tuple(ConnectTo(*entry) for entry in sandbox.connect_to)),
            sandbox=True,
            journal=Path(folder),
        )
