"""A store that answers as it is told, over real sockets, and can be away for a while."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"data": {}}'


class ScriptedStore:
    """Gives one answer after the other, and the last one ever after; an empty one cuts the connection.

    Attributes:
        port: where it listens, the same one after it was away.
        heard: the first line of each request.
    """

    def __init__(self, *answers: bytes, keep: bool = False) -> None:
        self._answers = list(answers)
        self._keep = keep
        self.heard: list[str] = []
        self._over = Event()
        self._listener = self._listening(0)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def go_away(self) -> None:
        """Refuse connections from now on."""
        self._over.set()
        self._thread.join()
        self._listener.close()

    def come_back(self) -> None:
        self._over.clear()
        self._listener = self._listening(self.port)
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _listening(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(50)
        listener.settimeout(0.02)
        return listener

    def _serve(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(1)
                    while self._answer(connection) and self._keep:
                        pass

    def _answer(self, connection: socket.socket) -> bool:
        request = connection.recv(65_536)
        if not request:
            return False
        head, _, body = request.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65_536)
        self.heard.append(head.split(b"\r\n")[0].decode())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer and not self._keep:
            answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        connection.sendall(answer)
        return bool(answer)


@contextmanager
def scripted_store(*answers: bytes, keep: bool = False) -> Iterator[ScriptedStore]:
    """Such a store for the length of a block."""
    store = ScriptedStore(*answers, keep=keep)
    try:
        yield store
    finally:
        if not store._over.is_set():
            store.go_away()


def reply(status: str, body: bytes = b"{}", headers: str = "") -> bytes:
    """An answer, as `reply("503 Service Unavailable")`; each of `headers` ends with CRLF."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
