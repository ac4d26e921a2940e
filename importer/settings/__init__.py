"""Frozen settings, one object per stage, checked when they are built. Nothing here reads a file or the environment."""

from importer.settings.checking import BROWSER_AGENT, USER_AGENT, CheckSettings
from importer.settings.limits import (
    LARGEST_PRODUCT_ID,
    LONGEST_URL,
    MAX_DESCRIPTION_LENGTH,
    MAX_IMAGE_BYTES,
    MAX_IMAGES_PER_PRODUCT,
    MAX_URL_LENGTH,
    RETRY_DELAY,
)
from importer.settings.loading import DELIMITERS, FIELDS, LAYOUT_NAMES, ColumnMap, LoaderSettings
from importer.settings.network import ConnectTo, NetworkSettings
from importer.settings.store import DEFAULT_API_URL, AccessToken, StoreSettings
from importer.settings.uploading import Reserve, UploadSettings

__all__ = [
    "BROWSER_AGENT",
    "DEFAULT_API_URL",
    "DELIMITERS",
    "FIELDS",
    "LARGEST_PRODUCT_ID",
    "LAYOUT_NAMES",
    "LONGEST_URL",
    "MAX_DESCRIPTION_LENGTH",
    "MAX_IMAGES_PER_PRODUCT",
    "MAX_IMAGE_BYTES",
    "MAX_URL_LENGTH",
    "RETRY_DELAY",
    "USER_AGENT",
    "AccessToken",
    "CheckSettings",
    "ColumnMap",
    "ConnectTo",
    "LoaderSettings",
    "NetworkSettings",
    "Reserve",
    "StoreSettings",
    "UploadSettings",
]
