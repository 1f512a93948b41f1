#!/bin/sh
# As the official image does: options alone start the server, which does not run as root and owns its data folder.
set -eu
case ${1:-valkey-server} in -*) set -- valkey-server "$@" ;; esac
[ $# -gt 0 ] || set -- valkey-server
if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  owner=valkey
  id -u "$owner" >/dev/null 2>&1 || owner=redis
  cd /data
  find . \! -user "$owner" -exec chown "$owner" '{}' +
  exec setpriv --reuid="$owner" --regid="$owner" --clear-groups -- "$0" "$@"
fi
umask 077
exec "$@"
