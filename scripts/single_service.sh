#!/bin/sh
# What Dockerfile starts, the guide's original single service: the API alone, by the same entrypoint and the same variables, but for one
# process where nobody asks for more. There is no role to choose, and nobody works on what it accepts.
set -eu
cd "$(dirname "$0")/.."
export SERVICE_TYPE=api UVICORN_WORKERS="${UVICORN_WORKERS:-1}"
exec "${PYTHON:-python}" -m app.entrypoint
