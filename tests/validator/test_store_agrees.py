"""The pretend store takes every address that the check passes, and refuses every one that it rejects.

The check is as thorough here as it can be: files are downloaded whole, by the agent that hosts saw the store use
(github.com/bigcommerce/api-specs pull request 398). By default two of the sample's addresses pass that the store
refuses: one is damaged past its first 64 kB, and one host turns away the store alone.
"""

import asyncio
import ssl
from collections.abc import Iterator

import aiohttp
import pytest

from importer.loader import load
from importer.models import Checked, ImageRow, ProblemCode, RejectedRow
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.conftest import ROOT

PRODUCT = 7
OF_THE_ADDRESS = {
    ProblemCode.URL_MISSING,
    ProblemCode.URL_INVALID,
    ProblemCode.URL_SCHEME,
    ProblemCode.URL_TOO_LONG,
    ProblemCode.URL_PRIVATE,
}
REFUSED_BY_THE_STORE_ALONE = {
    "https://downloads.studio-berg.example/originals/rope-detail.png",
    "https://images.nordic-textiles.example/products/blanket-fjord.jpg",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    settings = SandboxSettings(products=((PRODUCT, "SEVEN"),), quota=100_000, fetch_timeout=8.0)
    with Sandbox(settings) as running:
        yield running


def sample() -> tuple[list[ImageRow], list[str]]:
    """The rows whose address can be asked for, and the addresses that the loader rejects already."""
    rows = load(ROOT / "sample_data" / "products.csv").rows
    askable = {row.sent_url: row for row in rows if isinstance(row, ImageRow)}
    rejected = [row for row in rows if isinstance(row, RejectedRow)]
    return list(askable.values()), [row.image_url for row in rejected if row.problem.code in OF_THE_ADDRESS]


def verdicts(rows: list[ImageRow], sandbox: Sandbox, settings: CheckSettings) -> dict[str, Checked]:
    network = NetworkSettings(sandbox.ca_file, tuple(ConnectTo(*entry) for entry in sandbox.connect_to))
    return {item.row.sent_url: item for item in asyncio.run(check(rows, settings, network))}


def taken(urls: list[str], sandbox: Sandbox) -> dict[str, bool]:
    """Whether the store takes each address, asked without any of our own code."""
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    path = f"{sandbox.api_url}/stores/{sandbox.store_hash}/v3/catalog/products/{PRODUCT}/images"

    async def work() -> dict[str, bool]:
        async with aiohttp.ClientSession(headers={"X-Auth-Token": sandbox.access_token}) as session:

            async def post(url: str) -> bool:
                async with session.post(path, json={"image_url": url}, ssl=context) as answer:
                    return answer.status == 200

            return dict(zip(urls, await asyncio.gather(*map(post, urls)), strict=True))

    return asyncio.run(work())


@pytest.mark.long
def test_the_store_and_the_check_agree_on_every_address_of_the_sample(sandbox: Sandbox) -> None:
    rows, rejected = sample()
    found = verdicts(rows, sandbox, CheckSettings(timeout=1.5, deep=True, user_agent="Ruby"))
    passed = {url: item.problem is None for url, item in found.items()} | dict.fromkeys(rejected, False)
    assert len(passed) > 50
    assert set(passed.values()) == {True, False}
    assert passed == taken(list(passed), sandbox)


@pytest.mark.long
def test_by_default_the_check_lets_through_what_the_store_alone_refuses(sandbox: Sandbox) -> None:
    rows, _ = sample()
    found = verdicts(rows, sandbox, CheckSettings(timeout=1.5))
    passed = {url for url, item in found.items() if item.problem is None}
    assert passed - {url for url, took in taken(list(found), sandbox).items() if took} == REFUSED_BY_THE_STORE_ALONE
