"""The check as a whole: products first, then every distinct URL once, however many rows share it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import aiohttp

from importer.models import Checked, ImageRow, UrlFinding
from importer.net import Resolver, affordable, open_session, waited
from importer.settings import CheckSettings, NetworkSettings
from importer.store import StoreClient
from importer.validator.chains import RedirectChain
from importer.validator.hosts import Hosts
from importer.validator.offline import offline, without_blame
from importer.validator.products import keep_to_limit, match_products
from importer.validator.schedule import Schedule
from importer.validator.urls import UrlChecker


async def check(
    rows: Sequence[ImageRow],
    settings: CheckSettings | None = None,
    network: NetworkSettings | None = None,
    *,
    client: StoreClient | None = None,
    watch: Callable[[Checked], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> list[Checked]:
    """Check every row before anything is sent: first its product, where there is a store to ask, then its URL.

    Args:
        rows: the rows to import.
        settings: how the URLs are checked.
        network: trusted authorities and redirected connections.
        client: the store whose products are looked up, or None to check the URLs alone.
        watch: told of each row as soon as its verdict is known.
        stop: once set, nothing further is begun; rows without a verdict come back as `skipped`.

    Returns:
        one `Checked` for each row, in order.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    stop = stop or asyncio.Event()
    checked = [Checked(row) for row in rows] if client is None else await look_up(rows, client, stop=stop)
    settings, network = settings or CheckSettings(), network or NetworkSettings()
    return keep_to_limit(await check_urls(checked, settings, network, watch=watch, stop=stop))


async def look_up(
    rows: Sequence[ImageRow],
    client: StoreClient,
    *,
    watch: Callable[[int], None] = lambda _: None,
    stop: asyncio.Event,
    variants: Literal["product", "image"] = "product",
) -> list[Checked]:
    """Each row with its product and variant, or with the problem of why there is none.

    Args:
        rows: the rows to import.
        client: the store to ask.
        watch: told with each answer of the store how many more ids and SKUs it settles.
        stop: once set, asking ends at once and all rows come back as `skipped`.
        variants: where the picture of a row goes whose SKU is a variant's (`UploadSettings.variants`).

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    asking = asyncio.create_task(match_products(rows, client, watch, variants))
    await waited(asking, stop)
    return [Checked(row, skipped=True) for row in rows] if stop.is_set() else asking.result()


async def check_urls(
    rows: Sequence[Checked],
    settings: CheckSettings,
    network: NetworkSettings,
    *,
    watch: Callable[[Checked], None],
    stop: asyncio.Event,
    say: Callable[[str], None] = lambda _: None,
) -> list[Checked]:
    """The same rows with a verdict on the URL of each that needs one; each distinct URL is checked once.

    None is needed for a row that has a problem, or whose picture an earlier run has sent. `watch` and `stop` are those
    of `check`, and `say` is told in a sentence what this computer lacks; whether a product has room for its pictures is
    judged afterwards, by `keep_to_limit`.
    """
    checked = list(rows)
    pending: dict[str, list[int]] = defaultdict(list)
    for position, item in enumerate(checked):
        if item.problem is None and not (item.skipped or item.recorded or item.nothing) and settings.urls:
            pending[item.row.sent_url].append(position)
        else:
            watch(item)

    def settle(url: str, finding: UrlFinding) -> None:
        for position in pending.pop(url):
            item = checked[position]
            checked[position] = replace(item, finding=finding, problem=finding.problem)
            watch(checked[position])

    if pending:
        places = affordable(settings.concurrency)
        if places < settings.concurrency:
            few = (
                f"{places} address{'es are' if places > 1 else ' is'} checked at once instead of {settings.concurrency}"
            )
            say(f"This computer allows the program few open files, so {few}.")
        settings = replace(settings, concurrency=places)
        if await _check_urls(list(pending), settings, network, settle, (stop, say)):
            checked = [without_blame(item) for item in checked]
    for positions in pending.values():
        for position in positions:
            checked[position] = replace(checked[position], skipped=True)
    return checked


async def _check_urls(
    urls: Sequence[str],
    settings: CheckSettings,
    network: NetworkSettings,
    settle: Callable[[str, UrlFinding], None],
    run: tuple[asyncio.Event, Callable[[str], None]],
) -> bool:
    """Lead every URL to its finding, over one session; returns whether none was reached because we are offline.

    `run` is when to stop, and who is told what is amiss.
    """
    findings: list[UrlFinding] = []

    def end(url: str, finding: UrlFinding) -> None:
        findings.append(finding)
        settle(url, finding)

    resolver = Resolver(network, allow_private=settings.allow_private, seconds=settings.timeout)
    hosts = Hosts(resolver, network, settings.timeout)
    session = open_session(
        hosts.context,
        resolver=resolver,
        connections=settings.concurrency,
        timeout=aiohttp.ClientTimeout(total=settings.whole_timeout),
        # No word on formats: some hosts would then send us another one than they send the store.
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": "identity"},
        decompress=False,
    )
    checker = UrlChecker(session, resolver, hosts, settings)
    schedule = Schedule(
        settings.concurrency,
        settings.per_host,
        checker.hop,
        lambda chain, finding: end(chain.url, finding),
        *run,
    )
    chains: list[RedirectChain] = []
    for url in urls:
        start = checker.begin(url)
        if isinstance(start, RedirectChain):
            chains.append(start)
        else:
            settle(url, start)
    try:
        async with session:
            await schedule.run(chains)
            return not run[0].is_set() and await offline(findings, resolver)
    finally:
        await hosts.close()
        await resolver.close()
