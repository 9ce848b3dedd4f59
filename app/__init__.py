"""The service. Whatever of it is imported, this is first.

redis-py imports OpenTelemetry's metrics wherever that is installed, for a tenth of a second of each role's start. Nothing here uses
them, so no role finds them; spans do not need them (app/core/telemetry.py).
"""

import sys

sys.modules.setdefault("opentelemetry.sdk.metrics", None)  # type: ignore[arg-type]  # the import system's own "there is none"
