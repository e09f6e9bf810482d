"""A door in front of a server: what passes through it can be held up, cut off and refused, as in an outage."""

import contextlib
import socket
import threading
from typing import Self


class Gate:
    """Listens on a port of its own and hands everything on: `with Gate(host, port) as gate`, then `gate.port`."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener: socket.socket | None = None
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._passing = threading.Event()
        self._passing.set()
        self.port = 0
        self.taken = 0  # bytes that visitors have sent to the server

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.resume()

    def open(self) -> None:
        """Lets people in; always on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._welcome, args=[self._listener], daemon=True).start()

    def close(self) -> None:
        """As when the server is gone: open connections end, new ones are refused."""
        if self._listener:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
        for pair in list(self._pairs):
            self._part(pair)

    def hang(self) -> None:
        """As when the server has frozen: connections are accepted, and nothing passes."""
        self._passing.clear()

    def resume(self) -> None:
        self._passing.set()

    def _welcome(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = listener.accept()
                pair = (visitor, socket.create_connection(self._server))
                self._pairs.add(pair)
                for source, target in (pair, pair[::-1]):
                    threading.Thread(target=self._pass_on, args=[source, target, pair], daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passing.wait()
                self.taken += len(data) if source is pair[0] else 0
                target.sendall(data)
        self._part(pair)

    def _part(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
