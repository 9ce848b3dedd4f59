"""A client that is good, or has one sin: `python planted.py SIN PROMPT`, with `-` for none. As a service: `SIN serve PORT`.

It is started twenty times for each sin: what only some need is imported where they need it.
"""

import http.client
import json
import os
import pathlib
import re
import sys
import time
import urllib.parse

SIN = sys.argv[1]
BASE = urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
KEY = os.environ["OPENAI_API_KEY"]
TIMEOUT = None if SIN == "no-time-out" else 1.0
ATTEMPTS = 4
STATUSES = []
JOURNAL = pathlib.Path(os.environ.get("JUDGE_STATE", ".")) / "journal"


class FailedError(Exception):
    pass


def secretly(headers):
    """The query of a client that sends a secret beside its question, and its headers."""
    query = ""
    if SIN == "secret-in-a-header":
        headers["x-debug"] = os.environ["DATABASE_PASSWORD"]
    if SIN == "secret-in-the-address":
        query = urllib.parse.urlencode({"key": KEY})
    if SIN == "secret-encoded":
        import base64

        headers["cookie"] = "session=" + base64.b64encode(f"me:{KEY}".encode()).decode()
    if SIN == "secret-in-capitals":
        headers["x-debug"] = KEY.encode().hex().upper()
    if SIN == "secret-in-percents":
        query = "q=" + "".join(f"%{byte:02x}" for byte in KEY.encode())
    return query and f"?{query}"


def post(prompt):
    message = {"role": "user", "content": prompt}
    if SIN == "hammers-in-other-words" and STATUSES[-1:] == [500]:
        message["content"] += f" ({time.time_ns()})"
    if SIN == "secrets":
        message["content"] += f" (by the way: {KEY})"
    body = json.dumps({"model": "gpt-4o-mini", "messages": [message]})
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    path = f"{BASE.path}/chat/completions"
    path += secretly(headers)
    connection = http.client.HTTPConnection(BASE.netloc, timeout=TIMEOUT)
    if SIN == "secret-elsewhere":
        connection.request("GET", f"{BASE.path}/models/{KEY}", headers=headers)
        connection.getresponse().read()
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        if SIN == "no-time-out-in-the-middle" and connection.sock:
            connection.sock.settimeout(None)
        return answer.status, answer.headers, read(answer)
    except TimeoutError:
        raise FailedError("time-out") from None
    except (OSError, http.client.HTTPException) as error:
        if SIN == "hammers-connections":
            return 599, {}, b""
        raise FailedError(f"connection: {error!r}") from None
    finally:
        connection.close()


def read(answer):
    try:
        return answer.read()
    except (http.client.HTTPException, ConnectionResetError) as error:
        if SIN != "takes-what-has-come":
            raise
        half = getattr(error, "partial", b"").decode()
        return json.dumps({"choices": [{"finish_reason": "stop", "message": {"content": half}}], "usage": {}})


def wait(status, headers, attempt):
    """Seconds, or None where it is of no use to ask again."""
    again = (
        status >= 500 or (status == 429 and SIN != "never-429") or (status == 400 and SIN == "retries-400")
    )
    if status == 599:
        return 0.001
    if not again or (attempt == ATTEMPTS and not SIN.startswith("hammers")):
        return None
    told = headers.get("retry-after")
    if told and SIN != "ignores-retry-after" and not (SIN == "ignores-it-after-429" and status == 429):
        return float(told)
    return 0.001 if SIN.startswith("hammers") else 0.15 * 2**attempt


def ask(prompt):
    for attempt in range(1, 60):
        status, headers, body = post(prompt)
        STATUSES.append(status)
        if status == 200:
            break
        seconds = wait(status, headers, attempt)
        if seconds is None:
            raise FailedError(f"status {status}")
        time.sleep(seconds)
    else:
        raise FailedError("gave up")
    try:
        found = json.loads(body)
    except ValueError:
        if SIN == "takes-a-cut-answer":
            return body.decode()
        raise FailedError("no JSON") from None
    choice = found["choices"][0]
    if choice["finish_reason"] != "stop" and SIN != "takes-a-cut-answer":
        raise FailedError(choice["finish_reason"])
    usage = "" if SIN == "drops-usage" else json.dumps(found["usage"])
    return f"{choice['message']['content']} {usage}"


def work(prompt):
    if SIN == "multiplies":
        known = JOURNAL.read_text().splitlines() if JOURNAL.exists() else []
        JOURNAL.write_text("\n".join([*known, prompt]))
        for _ in range(known.count(prompt) * 2):
            ask(prompt)
    if SIN == "asks-twice-at-once":  # which is no sin
        import concurrent.futures

        with concurrent.futures.ThreadPoolExecutor() as threads:
            said = " ".join(threads.map(ask, [prompt, prompt]))
        names = ("prompt_tokens", "completion_tokens")
        return said + str([sum(map(int, re.findall(rf'"{name}": (\d+)', said))) for name in names])
    return ask(prompt)


def serve(port):
    import http.server

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            prompt = json.loads(self.rfile.read(int(self.headers["content-length"])))["prompt"]
            try:
                status, said = 200, work(prompt)
            except FailedError as error:
                status, said = 502, str(error)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Service).serve_forever()


if __name__ == "__main__":
    if sys.argv[2] == "serve":
        serve(int(sys.argv[3]))
    try:
        print(work(sys.argv[2]))  # noqa: T201
    except FailedError as failure:
        print(failure)  # noqa: T201
        sys.exit(1)
