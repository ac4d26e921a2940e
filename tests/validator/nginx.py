"""A real nginx on free ports of this computer: one process, one server block and port for each site."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from importer.settings import ConnectTo

PROGRAM = shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
"""Where nginx is, or None; Debian puts it where an ordinary user's PATH does not lead."""

# Started by root, nginx would hand its work to a user who may not read the folder; for others "user" means nothing.
_CONFIGURATION = """
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
error_log error.log info;
events {{ worker_connections 512; }}
http {{
    log_format seen escape=json '{{"host":"$server_name","connection":"$connection","method":"$request_method",'
        '"path":"$request_uri","status":"$status","at":"$msec","range":"$http_range","agent":"$http_user_agent"}}';
    access_log access.log seen;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    limit_req_zone $server_name zone=busy:1m rate=60r/m;
    types {{ }}
    default_type text/plain;
    absolute_redirect off;
    root www;
{}
}}
"""
_SERVER = """
    server {{
        server_name {name};
        listen 127.0.0.1:{port}{tls};
        {lines}
    }}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """One host: its directives, the port of its addresses, and whether it speaks TLS with a certificate in `lines`."""

    lines: str = ""
    port: int = 80
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the access log; `connection` is nginx's number of the connection, `at` in seconds."""

    host: str
    method: str
    path: str
    range: str
    agent: str
    connection: int
    status: int
    at: float


class Nginx:
    """A running nginx: where connections to its hosts must go, and what it was asked."""

    def __init__(self, folder: Path, connect_to: tuple[ConnectTo, ...]) -> None:
        self.folder = folder
        self.connect_to = connect_to

    def requests(self, host: str, enough: Callable[[list[Request]], bool] = bool) -> list[Request]:
        """What a host was asked so far; a line is written just after its answer, so up to 2 seconds until `enough`."""
        deadline = time.monotonic() + 2
        while True:
            lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
            found = [request for line in lines if (request := _request(json.loads(line))).host == host]
            if enough(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.01)


def _request(line: dict[str, str]) -> Request:
    numbers = int(line["connection"]), int(line["status"]), float(line["at"])
    return Request(line["host"], line["method"], line["path"], line["range"], line["agent"], *numbers)


@contextmanager
def serving(folder: Path, sites: Mapping[str, Site]) -> Iterator[Nginx]:
    """A running nginx with these sites by host name, whose files are in `folder`/www.

    Raises:
        RuntimeError: nginx does not start; the message is its own.
    """
    assert PROGRAM is not None
    connect_to, blocks = [], []
    with ExitStack() as ours:
        doors = [ours.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512)) for _ in sites]
        for (name, site), door in zip(sites.items(), doors, strict=True):
            port = door.getsockname()[1]
            connect_to.append(ConnectTo(name, site.port, "127.0.0.1", port))
            blocks.append(_SERVER.format(name=name, port=port, tls=" ssl" if site.tls else "", lines=site.lines))
        (folder / "nginx.conf").write_text(_CONFIGURATION.format("".join(blocks)), encoding="utf-8")
        # nginx takes open sockets over as from an older nginx that it replaces, so nobody can snatch a free port.
        handed = [door.fileno() for door in doors]
        process = subprocess.Popen(
            [PROGRAM, "-p", str(folder), "-c", "nginx.conf"],
            env=os.environ | {"NGINX": "".join(f"{number};" for number in handed)},
            pass_fds=handed,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    with process:
        try:
            _wait_for(folder / "nginx.pid", process)
            yield Nginx(folder, tuple(connect_to))
        finally:
            process.terminate()


def _wait_for(pid_file: Path, process: "subprocess.Popen[bytes]") -> None:
    while not pid_file.exists():
        if process.poll() is not None:
            assert process.stderr is not None
            raise RuntimeError(process.stderr.read().decode())
        time.sleep(0.01)
