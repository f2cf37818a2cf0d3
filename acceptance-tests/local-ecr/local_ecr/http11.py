"""The little HTTP/1.1 server under everything: keep-alive connections, one thread each, CONNECT
with TLS, chunked bodies, and full control of the socket, so that a fault can cut, reset or slow an
answer. It knows nothing of AWS: handle(request) is given a Request and returns a Response."""

import http
import itertools
import select
import socket
import ssl
import struct
import threading
import time
import traceback
from email.utils import formatdate
from urllib.parse import unquote

MAX_HEAD = 65_536
MAX_BODY = 1 << 30
IDLE_SECONDS = 300
# Long, because a client under valgrind is slow.
HANDSHAKE_SECONDS = 60
MAX_CONNECTIONS = 1024


class BadRequest(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Closed(Exception):
    """The peer is gone, or a fault wants the connection gone."""


class Request:
    """One request as it came. headers is a list of (name, value) in the order sent."""

    def __init__(self, method, target, headers, connection):
        self.method = method
        self.target = target
        self.headers = headers
        self.connection = connection
        self.tls = connection.tls_host is not None
        self.body = b""
        raw_path, _, self.query = target.partition("?")
        self.path = unquote(raw_path)
        self.host = self.header("host") or ""

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None

    def wants_close(self):
        return (self.header("connection") or "").lower() == "close"


class Response:
    """headers is a list of (name, value). fault, if any, says how the sending goes wrong."""

    def __init__(self, status, headers=(), body=b"", fault=None, close=False):
        self.status = status
        self.headers = list(headers)
        self.body = body.encode() if isinstance(body, str) else body
        self.fault = fault
        self.close = close


class Connection:
    """A client's connection, plain or (after CONNECT) TLS for tls_host."""

    def __init__(self, server, sock, number):
        self.server = server
        self.sock = sock
        self.number = number
        self.tls_host = None
        self._buffer = bytearray()

    # Reading

    def _receive(self):
        data = self.sock.recv(262_144)
        if not data:
            raise Closed()
        self._buffer += data

    def _line(self, limit):
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > limit:
                raise BadRequest(431, "the request's head is too long")
            self._receive()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r").decode("latin-1")

    def _exactly(self, size):
        if size > MAX_BODY:
            raise BadRequest(413, "the request's body is too large")
        while len(self._buffer) < size:
            self._receive()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def read_request(self):
        self.sock.settimeout(IDLE_SECONDS)
        line = self._line(MAX_HEAD)
        while not line:
            line = self._line(MAX_HEAD)
        parts = line.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise BadRequest(400, f"not an HTTP/1.1 request line: {line[:100]!r}")
        headers, size = [], 0
        while line := self._line(MAX_HEAD):
            size += len(line)
            name, colon, value = line.partition(":")
            if size > MAX_HEAD:
                raise BadRequest(431, "the request's head is too long")
            if not colon or not name or name != name.strip():
                raise BadRequest(400, f"not a header: {line[:100]!r}")
            headers.append((name, value.strip()))
        request = Request(parts[0], parts[1], headers, self)
        if request.method != "CONNECT":
            request.body = self._read_body(request)
        return request

    def _read_body(self, request):
        if (request.header("expect") or "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if (request.header("transfer-encoding") or "").lower() == "chunked":
            return self._read_chunks()
        length = request.header("content-length") or "0"
        if not length.isdigit():
            raise BadRequest(400, f"Content-Length is no number: {length!r}")
        return self._exactly(int(length))

    def _read_chunks(self):
        body = bytearray()
        while True:
            try:
                size = int(self._line(MAX_HEAD).partition(";")[0], 16)
            except ValueError:
                raise BadRequest(400, "not a chunk size") from None
            if size == 0:
                break
            body += self._exactly(size)
            if len(body) > MAX_BODY:
                raise BadRequest(413, "the request's body is too large")
            self._line(MAX_HEAD)
        while self._line(MAX_HEAD):
            pass
        return bytes(body)

    # Writing

    def send(self, response, head_only=False):
        reason = http.client.responses.get(response.status, "")
        lines = [f"HTTP/1.1 {response.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.status not in (204, 304) and not any(
            name.lower() == "content-length" for name, _ in response.headers
        ):
            lines.append(f"Content-Length: {len(response.body)}")
        if response.close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        body = b"" if head_only else response.body
        self._send_faulty(head, body, response.fault or {})
        if response.close:
            raise Closed()

    def _send_faulty(self, head, body, fault):
        kind = fault.get("kind")
        if kind == "truncate":
            wanted = fault["bytes"]
            self.sock.sendall(head + body[: len(body) // 2 if wanted is None else wanted])
            raise Closed()
        if kind == "slow":
            self.sock.sendall(head)
            for position in range(len(body)):
                self.sock.sendall(body[position : position + 1])
                if self.server.stopping.wait(fault["seconds"]):
                    raise Closed()
            return
        self.sock.sendall(head + body)

    def drop(self, how):
        """Ends the connection without an answer: "fin" in order, "rst" with a reset."""
        if how == "rst":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Closed()

    def stall(self, seconds):
        """Answers nothing until the client gives up, the time is over, or the server stops."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.server.stopping.wait(0.05):
            readable, _, _ = select.select([self.sock], [], [], 0)
            if readable:
                # The client has nothing more to say on HTTP/1.1 but "closed".
                break
        raise Closed()

    # Life

    def serve(self):
        try:
            while not self.server.stopping.is_set():
                request = self.read_request()
                if request.method == "CONNECT":
                    self._connect(request)
                    continue
                response = self.server.handle(request)
                response.close = response.close or request.wants_close()
                self.send(response, head_only=request.method == "HEAD")
        except BadRequest as error:
            self._try_to_say(error)
        except (Closed, OSError, ssl.SSLError):
            pass
        except Exception:
            traceback.print_exc()
        finally:
            self.sock.close()

    def _try_to_say(self, error):
        try:
            self.send(
                Response(error.status, [("Content-Type", "text/plain")], f"{error}\n", close=True)
            )
        except (Closed, OSError):
            pass

    def _connect(self, request):
        host, _, port = request.target.rpartition(":")
        context, why = self.server.tls_context(host, port)
        if self.tls_host or context is None:
            why = why or "no CONNECT inside a CONNECT"
            self.send(Response(502, [("Content-Type", "text/plain")], why + "\n", close=True))
        self.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.sock.settimeout(HANDSHAKE_SECONDS)
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.tls_host = host.lower()


class Server:
    """Listens on a free port of 127.0.0.1. handle(request) -> Response; tls_context(host, port)
    -> (ssl context or None, why not)."""

    def __init__(self, handle, tls_context, stopping):
        self.handle = handle
        self.tls_context = tls_context
        self.stopping = stopping
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        for number in itertools.count(1):
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._slots.acquire()
            connection = Connection(self, sock, number)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.serve()
        finally:
            self._slots.release()

    def stop(self):
        self.stopping.set()
        self._listener.close()


def http_date(seconds):
    return formatdate(seconds, usegmt=True)
