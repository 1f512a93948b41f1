#!/bin/sh
# Honours the variables of the official image: WORDPRESS_DB_HOST, _USER, _PASSWORD, _NAME, WORDPRESS_TABLE_PREFIX, WORDPRESS_CONFIG_EXTRA.
set -eu
root=/var/www/html
if [ ! -e "$root/index.php" ]; then
  cp -aL /usr/share/wordpress/. "$root/" 2>/dev/null || true
fi
for part in themes plugins languages; do
  if [ ! -e "$root/wp-content/$part" ]; then
    mkdir -p "$root/wp-content/$part"
    cp -aL "/usr/share/wordpress/wp-content/$part/." "$root/wp-content/$part/" 2>/dev/null || true
  fi
done
mkdir -p "$root/wp-content/uploads"
chown www-data:www-data "$root/wp-content" "$root/wp-content/uploads"
cp /usr/local/share/wp-config.php "$root/wp-config.php"
[ $# -gt 0 ] || set -- apache2-foreground
exec "$@"
