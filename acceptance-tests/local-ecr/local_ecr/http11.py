"""The little HTTP/1.1 server under everything: keep-alive connections, one thread each, CONNECT
with TLS, requests to a proxy in absolute form, chunked bodies, and full control of the socket, so
that a fault can cut, reset or slow an answer. It knows nothing of AWS: handle(request) is given a
Request and returns a Response."""

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
    """One request as it came. headers is a list of (name, value) in the order sent; proxy tells
    how a proxy was asked for it: "connect", "absolute" (GET http://…) or None."""

    def __init__(self, method, target, headers, connection):
        self.method = method
        self.target = target
        self.headers = headers
        self.connection = connection
        self.tls = connection.tls_host is not None
        self.body = b""
        self.proxy = "connect" if connection.tunnel else None
        self.host = self.header("host") or ""
        if target.startswith("http://"):
            self.proxy = "absolute"
            self.host, _, rest = target.removeprefix("http://").partition("/")
            self.target = "/" + rest
        raw_path, _, self.query = self.target.partition("?")
        self.path = unquote(raw_path)

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
    """A client's connection: plain, or TLS for tls_host, which CONNECT (tunnel) or the client's
    SNI has named."""

    def __init__(self, server, sock, number):
        self.server = server
        self.sock = sock
        self.number = number
        self.tls_host = None
        self.tunnel = False
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

    def refuse(self, seconds):
        """Resets the connection, and for so long nobody gets another one."""
        self.server.refuse(seconds)
        self.drop("rst")

    def stall(self, seconds):
        """Answers nothing until the client gives up, the time is over, or the server stops."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.sock], [], [], 0.05)
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
            self.send(_plain(error.status, str(error)))
        except (Closed, OSError):
            pass

    def _connect(self, request):
        if self.tls_host:
            self.send(_plain(502, "no CONNECT inside a CONNECT"))
        host = request.target.rpartition(":")[0].lower()
        context, refusal = self.server.connect(request)
        if refusal:
            refusal.close = True
            self.send(refusal)
        self.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._start_tls(context)
        self.tls_host = host
        self.tunnel = True

    def _start_tls(self, context):
        self.sock.settimeout(HANDSHAKE_SECONDS)
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def serve_tls(self, context):
        """For a port that speaks TLS at once: serve(), after the handshake."""
        try:
            self._start_tls(context)
            self.tls_host = (self.sock.context.host or "").lower()
        except (OSError, ssl.SSLError):
            self.sock.close()
            return
        self.serve()


def _plain(status, text):
    return Response(status, [("Content-Type", "text/plain")], text + "\n", close=True)


class Server:
    """Listens on a free port of 127.0.0.1, and where listen() says. handle(request) -> Response;
    connect(request) -> (ssl context, None) or (None, Response that says why not)."""

    def __init__(self, handle, connect, stopping):
        self.handle = handle
        self.connect = connect
        self.stopping = stopping
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._numbers = itertools.count(1)
        self._refusing = threading.Lock()
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=256)]
        self.port = self._listeners[0].getsockname()[1]

    def start(self):
        self._accept_on(self._listeners[0])

    def listen(self, port, context=None):
        """Also listens on that port of every address, IPv6 where there is any; with TLS if there is
        a context."""
        if socket.has_dualstack_ipv6():
            listener = socket.create_server(
                ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256
            )
        else:
            listener = socket.create_server(("", port), backlog=256)
        self._listeners.append(listener)
        self._accept_on(listener, context)

    def _accept_on(self, *arguments):
        threading.Thread(target=self._accept, args=arguments, daemon=True).start()

    def _accept(self, listener, context=None):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._slots.acquire()
            connection = Connection(self, sock, next(self._numbers))
            threading.Thread(target=self._serve, args=(connection, context), daemon=True).start()

    def _serve(self, connection, context):
        try:
            if context:
                connection.serve_tls(context)
            else:
                connection.serve()
        finally:
            self._slots.release()

    def refuse(self, seconds):
        """From now on closes the main port for so long; connections that there are stay."""
        if self._refusing.acquire(blocking=False):
            # close() alone does not wake the thread that waits in accept().
            self._listeners[0].shutdown(socket.SHUT_RDWR)
            self._listeners[0].close()
            threading.Thread(target=self._open_again, args=(seconds,), daemon=True).start()

    def _open_again(self, seconds):
        if not self.stopping.wait(seconds):
            self._listeners[0] = socket.create_server(("127.0.0.1", self.port), backlog=256)
            self._accept_on(self._listeners[0])
        self._refusing.release()

    def stop(self):
        self.stopping.set()
        for listener in self._listeners:
            listener.close()


def http_date(seconds):
    return formatdate(seconds, usegmt=True)
