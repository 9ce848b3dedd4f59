"""Something that answers as an engine would: enough of Docker's interface for what is asked of it here."""

import http.server
import json
import socketserver
import threading
from contextlib import contextmanager

DOCKER = {"Version": "20.10.24", "ApiVersion": "1.41", "Os": "linux", "Components": [{"Name": "Engine"}]}


@contextmanager
def listening(server_class, address, facts=DOCKER, status=200, trust=None, images=(), pull=()):
    """A server of one engine.

    Args:
        server_class: says on what kind of socket.
        address: of it.
        facts: what it answers to /version; bytes are sent as they are.
        status: of that answer.
        trust: context of its TLS.
        images: it has.
        pull: lines it answers where it is to fetch one.
    """

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            path = self.path.removeprefix("/v1.41")
            name = path.removeprefix("/images/").removesuffix("/json")
            if path == "/version":
                self.answer(status, facts)
            elif name in images:
                self.answer(200, {"Id": f"sha256:{name}", "RepoTags": [name]})
            else:
                self.answer(404, {"message": f"no such image: {name}"})

        def do_POST(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Connection", "close")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for line in (*(json.dumps(line).encode() + b"\r\n" for line in pull), b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

        def answer(self, status, content):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Connection", "close")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self):
            return "a unix socket"

        def log_message(self, *_):
            pass

    asked = []
    with server_class(address, Answer) as server:
        if trust:
            server.socket = trust.wrap_socket(server.socket, server_side=True)
        server.asked = asked
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def unix(path, **answer):
    """One on a socket of the file system."""
    return listening(socketserver.UnixStreamServer, str(path), **answer)
