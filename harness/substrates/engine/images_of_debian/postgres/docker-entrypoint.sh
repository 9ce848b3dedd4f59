#!/bin/bash
# Starts PostgreSQL as the official image does for whoever sets the same variables: POSTGRES_USER, POSTGRES_PASSWORD,
# POSTGRES_DB, POSTGRES_INITDB_ARGS (each also as ..._FILE), POSTGRES_HOST_AUTH_METHOD, PGDATA, and the scripts in
# /docker-entrypoint-initdb.d.
set -euo pipefail

# A variable, or the content of the file that <variable>_FILE names, or a default.
setting() {
  local name="$1" file="$1_FILE"
  if [[ -n "${!name:-}" && -n "${!file:-}" ]]; then
    echo "error: $name and $file are both set" >&2
    exit 1
  fi
  if [[ -n "${!file:-}" ]]; then
    printf '%s' "$(<"${!file}")"
  else
    printf '%s' "${!name:-${2:-}}"
  fi
}

make_cluster() {
  local user database password method
  user=$(setting POSTGRES_USER postgres)
  database=$(setting POSTGRES_DB "$user")
  password=$(setting POSTGRES_PASSWORD)
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ -z "$password" && "$method" != trust ]]; then
    echo "error: the database is empty and has no superuser password: set POSTGRES_PASSWORD," >&2
    echo "       or let everybody in without one by POSTGRES_HOST_AUTH_METHOD=trust" >&2
    exit 1
  fi
  local options
  options=$(setting POSTGRES_INITDB_ARGS) # a piece of a command line, so the shell has to read it
  [[ -z "${POSTGRES_INITDB_WALDIR:-}" ]] || options="--waldir=\"\$POSTGRES_INITDB_WALDIR\" $options"
  eval 'initdb --username="$user" --pwfile=<(printf "%s\n" "$password") '"$options"
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  # Only on the socket: nobody takes this server for the one that is yet to come.
  PGUSER="$user" pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
  export PGUSER="$user" PGPASSWORD="$password"
  local sql=(psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc)
  if [[ "$database" != postgres ]]; then
    "${sql[@]}" -d postgres -v name="$database" <<<'CREATE DATABASE :"name";'
  fi
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh) if [[ -x "$script" ]]; then "$script"; else . "$script"; fi ;;
      *.sql) "${sql[@]}" -d "$database" -f "$script" ;;
      *.sql.gz) gunzip -c "$script" | "${sql[@]}" -d "$database" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGUSER PGPASSWORD
  echo "PostgreSQL init process complete; ready for start up." # people wait for this line
}

[[ "${1:-}" != -* ]] || set -- postgres "$@"
if [[ "$1" == postgres && " $* " != *" --help "* && " $* " != *" --version "* ]]; then
  if [[ "$(id -u)" == 0 ]]; then # PostgreSQL refuses to run as root
    install -d -m 700 "$PGDATA"
    find "$PGDATA" \! -user postgres -exec chown postgres {} +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA" 2>/dev/null || true # of another user's folder it is not ours to say
  [[ -s "$PGDATA/PG_VERSION" ]] || make_cluster
fi
exec "$@"
