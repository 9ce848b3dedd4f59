"""What the harness is told of an application: its roles, servers, providers, work and tiers. All else follows from it.

An application declares itself once, in a file of its own; `[tool.harness] stack = "module:name"` in its pyproject.toml says
where (harness.base.project). This is almost the ground floor: it imports only `base`, so what belongs to higher floors (a check, a
client, a rule) is declared here as something to call. Begin with `app.py`.
"""

from harness.application.app import App, no_secrets
from harness.application.build import Build
from harness.application.environment import Addresses, Environment
from harness.application.error import DeclarationError
from harness.application.load import Load
from harness.application.lookup import STACK, current, using
from harness.application.provider import Provider
from harness.application.ready import HttpReady, LogReady, QueuesReady, Ready
from harness.application.role import Role, python
from harness.application.server import POSTGRES, REDIS, Postgres, Redis, Server
from harness.application.tier import Tier
from harness.application.words import calls, http, log, post, result
from harness.application.work import Calls, Canary, Post, Result, Work

__all__ = [
    "POSTGRES",
    "REDIS",
    "STACK",
    "Addresses",
    "App",
    "Build",
    "Calls",
    "Canary",
    "DeclarationError",
    "Environment",
    "HttpReady",
    "Load",
    "LogReady",
    "Post",
    "Postgres",
    "Provider",
    "QueuesReady",
    "Ready",
    "Redis",
    "Result",
    "Role",
    "Server",
    "Tier",
    "Work",
    "calls",
    "current",
    "http",
    "log",
    "no_secrets",
    "post",
    "python",
    "result",
    "using",
]
