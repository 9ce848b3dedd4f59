"""A child that is forked beside a thread that hashes and makes TLS contexts can do the same: it inherits no held lock."""

import subprocess
import sys

FORKS = 40
BESIDE = """
import asyncio, hashlib, os, signal, ssl, sys, threading, time
from app.core.beside_forks import run

async def tell():
    for _ in range(20):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 20)
        await asyncio.sleep(0)  # as between two messages of a connection

def beat():
    while True:
        {run}(tell())

threading.Thread(target=beat, daemon=True).start()
hung = 0
for _ in range({forks}):
    child = os.fork()
    if not child:
        signal.alarm(20)  # by which one that stands still ends
        ssl.create_default_context()
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 20)
        os._exit(0)
    hung += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
print("hung:", hung, flush=True)
os._exit(0)
"""


def test_no_child_stands_still_for_what_a_thread_did_when_it_was_forked():
    played = subprocess.run(
        [sys.executable, "-c", BESIDE.format(run="run", forks=FORKS)],
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert played.stdout == "hung: 0\n"


def test_the_thread_goes_on_while_nobody_forks_and_hears_what_went_wrong():
    played = """
from app.core.beside_forks import run
import asyncio

async def fails():
    await asyncio.sleep(0.01)
    raise ConnectionError("away")

for _ in range(2):
    try:
        run(fails())
    except ConnectionError as error:
        print(error)
"""
    ended = subprocess.run(
        [sys.executable, "-c", played], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "away\naway\n"
