"""The service. Python imports this module before any other module of it.

redis-py imports OpenTelemetry's metrics where they are installed, which takes a tenth of a second of each role's start. Nothing here
uses metrics, so this module hides them; spans do not need them (app/core/telemetry.py).
"""

import sys

sys.modules.setdefault("opentelemetry.sdk.metrics", None)  # type: ignore[arg-type]  # the import system's own "there is none"
