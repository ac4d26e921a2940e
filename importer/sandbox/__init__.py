"""A pretend BigCommerce store and pretend image hosts on loopback, to try an import without touching a real shop.

Written from BigCommerce's documents and from what others recorded of the real store; it shares no line with the
client, so that it cannot agree with the client's mistakes. Open `server.py` first.
"""

from importer.sandbox.records import HostRequest, RequestRecord, WindowRecord
from importer.sandbox.server import Sandbox
from importer.sandbox.settings import Fault, SandboxSettings

__all__ = ["Fault", "HostRequest", "RequestRecord", "Sandbox", "SandboxSettings", "WindowRecord"]
