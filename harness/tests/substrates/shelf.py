"""A server of a kind that the harness knows nothing of: `HOST PORT`. It keeps lines, but `get` and `clear`."""

import socketserver
import sys


class Shelf(socketserver.ThreadingTCPServer):
    """Keeps lines until it ends."""

    allow_reuse_address = True
    daemon_threads = True
    lines: list[str] = []  # noqa: RUF012 - of the one there is


class Handler(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self):
        for line in self.rfile:
            word = line.decode().strip()
            if word == "clear":
                Shelf.lines.clear()
            elif word != "get":
                Shelf.lines.append(word)
            self.wfile.write(" ".join(Shelf.lines).encode() + b"\n")


if __name__ == "__main__":
    sys.stdout.write("there are shelves\n")
    sys.stdout.flush()
    with Shelf((sys.argv[1], int(sys.argv[2])), Handler) as server:
        server.serve_forever()
