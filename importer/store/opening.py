"""Opening a client: its session, its TLS and how names are resolved."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from importer.net import Resolver, modern_context, open_session
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store.client import StoreClient
from importer.store.request import answer_in


@asynccontextmanager
async def open_store(
    settings: StoreSettings,
    network: NetworkSettings | None = None,
    upload: UploadSettings | None = None,
    *,
    stop: asyncio.Event | None = None,
    say: Callable[[str], None] = lambda _: None,
    waits: Callable[[float, str], None] = lambda *_: None,
) -> AsyncIterator[StoreClient]:
    """A client for one store; its connections are closed at the end of the block.

    Args:
        settings: which store.
        network: trusted authorities and redirected connections.
        upload: how patient to be, how many requests at once, and what of the quota to leave to others.
        stop: once set, nothing waits for its turn or for another try any more.
        say: told in a sentence for the person when a store that has gone is waited for, and when it is back.
        waits: told of each wait of a second or more that holds every request up: its seconds and what it is for.

    Raises:
        UsageError: the token would travel unencrypted to another computer.
    """
    network, upload = network or NetworkSettings(), upload or UploadSettings()
    resolver = Resolver(network, allow_private=True, loopback_only=not settings.encrypted)
    session = open_session(
        modern_context(network),
        resolver=resolver,
        connections=upload.concurrency,
        timeout=answer_in(upload.timeout),
        headers={"Accept": "application/json"},
    )
    # aiohttp sends a PUT a second time where a kept connection breaks; one that adds pictures would add them twice.
    session._retry_connection = False  # noqa: SLF001 - aiohttp has no setting for it
    try:
        async with session:
            client = StoreClient(session, settings, upload, stop or asyncio.Event(), say, waits)
            client.open()
            try:
                yield client
            finally:
                await client.close()
    finally:
        await resolver.close()
