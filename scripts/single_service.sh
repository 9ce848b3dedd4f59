#!/bin/sh
# What Dockerfile starts, the guide's original single service: it always migrates, then becomes uvicorn. There is nothing to
# choose, and nobody works on what it accepts.
set -eu
cd "$(dirname "$0")/.."
export SERVICE_TYPE=api
python -m app.entrypoint --prepare
exec python -m uvicorn app.main:from_environment --factory --host 0.0.0.0 --port "${PORT:-8000}" \
  --timeout-graceful-shutdown 10 --no-server-header --no-access-log --log-config app/core/logging.json
