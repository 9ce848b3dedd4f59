#!/bin/sh
# Starts Redis as the official image does: options or a configuration file are enough of a command, the server does not run as
# root, and it answers beyond its own loopback unless it is told to protect itself.
set -eu

case "${1:-}" in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
  fi
  umask 0077
  # Without a password Redis answers nobody from outside, which in a container is everybody.
  protection() { for word; do if [ -f "$word" ]; then cat "$word"; else echo "$word"; fi; done; }
  protection "$@" | grep -qi protected-mode || set -- "$@" --protected-mode no
fi
exec "$@"
