#!/bin/sh
# Honours the variables of the official image: MARIADB_ROOT_PASSWORD, MARIADB_DATABASE, MARIADB_USER, MARIADB_PASSWORD.
set -eu
data=/var/lib/mysql
run=/run/mysqld
mkdir -p "$run" && chown mysql:mysql "$run" "$data"
if [ "${1:-mariadbd}" = mariadbd ] && [ ! -e "$data/.catalyst-initialised" ]; then
  : "${MARIADB_ROOT_PASSWORD:?is required for a new data directory}"
  mariadb-install-db --user=mysql --datadir="$data" --skip-test-db --auth-root-authentication-method=normal >/dev/null
  mariadbd --user=mysql --datadir="$data" --skip-networking --socket="$run/init.sock" &
  server=$!
  until mariadb-admin --socket="$run/init.sock" --user=root ping >/dev/null 2>&1; do
    kill -0 "$server" || exit 1
    sleep 0.2
  done
  {
    if [ -n "${MARIADB_DATABASE:-}" ]; then printf 'CREATE DATABASE IF NOT EXISTS `%s`;\n' "$MARIADB_DATABASE"; fi
    if [ -n "${MARIADB_USER:-}" ]; then
      printf "CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\n" "$MARIADB_USER" "$MARIADB_PASSWORD"
      printf "GRANT ALL ON \`%s\`.* TO '%s'@'%%';\n" "${MARIADB_DATABASE:-%}" "$MARIADB_USER"
    fi
    printf "CREATE USER IF NOT EXISTS 'root'@'%%' IDENTIFIED BY '%s';\n" "$MARIADB_ROOT_PASSWORD"
    printf "GRANT ALL ON *.* TO 'root'@'%%' WITH GRANT OPTION;\n"
    printf "ALTER USER 'root'@'localhost' IDENTIFIED BY '%s';\n" "$MARIADB_ROOT_PASSWORD"
  } | mariadb --socket="$run/init.sock" --user=root
  mariadb-admin --socket="$run/init.sock" --user=root --password="$MARIADB_ROOT_PASSWORD" shutdown
  wait "$server" || true
  touch "$data/.catalyst-initialised"
fi
[ $# -gt 0 ] || set -- mariadbd
if [ "$1" = mariadbd ]; then
  shift
  exec mariadbd --user=mysql --datadir="$data" --bind-address=0.0.0.0 --skip-name-resolve "$@"
fi
exec "$@"
