#!/bin/sh
# The image's entrypoint. SERVICE_TYPE is dispatched by app/entrypoint.py on the roles that app/roles.py declares; the
# shell only finds the interpreter and gives way to it, so that signals reach the program.
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-python}" -m app.entrypoint
