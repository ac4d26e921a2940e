"""A store for all tests of undo that want nothing special of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.uploader.undo_shop import Shop, shop_with


@pytest.fixture(scope="session")
def undo_store() -> Iterator[Sandbox]:
    """One store, because most of a test's time would go into starting one."""
    with shop_with("", Path()) as made:
        yield made.sandbox


@pytest.fixture
def shop(undo_store: Sandbox, pictures: str, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(undo_store, tmp_path, pictures)
    yield made
    made.do(made.clear_out)
