#!/bin/bash
# Builds the images that the tests run, from the packages of the host's own distribution, and loads them into the container
# engine. Usage: build.sh <cache folder> <image…>, images: busybox, web, mariadb, valkey, wordpress. An image whose recipe has not changed
# is taken from the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$1
shift
mkdir -p "$cache"
engine=$(command -v podman || command -v docker) || { echo 'no podman or docker' >&2; exit 1; }
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

sources() {
  local file
  for file in /etc/apt/sources.list.d/{debian,ubuntu}.sources /etc/apt/sources.list; do
    if [ -s "$file" ]; then echo "$file"; fi
  done
}

bootstrap() { # <name> <packages>
  local name=$1 packages=$2 hash rootfs
  hash=$({ find "$here/$name" -type f -exec sha256sum {} + ; echo "$packages $suite"; } | sed "s#$here##" | sort | sha256sum | cut -c1-16)
  rootfs="$cache/$name-$hash.tar"
  if [ ! -s "$rootfs" ]; then
    echo "building the $name image from packages ($packages)" >&2
    local hooks=() mirrors=()
    mapfile -t mirrors < <(sources)
    while IFS= read -r file; do
      case $(basename "$file") in
        wp-config.php) hooks+=("--customize-hook=copy-in $file /usr/local/share/") ;;
        *) hooks+=("--customize-hook=copy-in $file /usr/local/bin/" "--customize-hook=chmod 755 \"\$1/usr/local/bin/$(basename "$file")\"") ;;
      esac
    done < <(find "$here/$name" -type f)
    if [ "$name" = wordpress ]; then
      hooks+=('--customize-hook=rm -rf "$1/var/www/html"; mkdir -p "$1/var/www/html"')
      hooks+=('--customize-hook=ln -sf /proc/self/fd/2 "$1/var/log/apache2/error.log" && ln -sf /proc/self/fd/1 "$1/var/log/apache2/access.log"')
    fi
    if [ "$name" = valkey ]; then
      # Distributions without Valkey have the Redis that it was made from, which takes the same options and commands.
      hooks+=('--customize-hook=mkdir -p "$1/data"; for tool in server cli; do [ -e "$1/usr/bin/valkey-$tool" ] || ln -s "redis-$tool" "$1/usr/bin/valkey-$tool"; done')
    fi
    mmdebstrap --quiet --format=tar --variant=minbase --include="$packages" \
      --customize-hook='rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/var/cache/apt/* "$1"/var/lib/mysql/*' \
      "${hooks[@]}" "$suite" "$rootfs.partial" "${mirrors[@]}"
    mv "$rootfs.partial" "$rootfs"
  fi
  echo "$rootfs"
}

load() { # <name> <hash of the archive> <archive> <change…>
  local name=$1 rootfs=$2
  shift 2
  local tag
  tag=$(basename "$rootfs" .tar)
  if ! "$engine" image inspect "localhost/$tag" >/dev/null 2>&1; then
    "$engine" import --quiet "$@" "$rootfs" "localhost/$tag" >/dev/null 2>&1
  fi
  "$engine" tag "localhost/$tag" "localhost/catalyst-test/$name:1"
}

for image in "$@"; do
  # Two tests may ask for the same image at the same time; those that need another one do not wait.
  exec 9>"$cache/lock-${image/web/busybox}"
  flock 9
  case $image in
    busybox | web)
      hash=$(sha256sum "$(command -v busybox)" "$here/build.sh" | sha256sum | cut -c1-16)
      rootfs="$cache/busybox-$hash.tar"
      if [ ! -s "$rootfs" ]; then
        folder=$(mktemp -d)
        mkdir -p "$folder/bin" "$folder/tmp" "$folder/etc" "$folder/www"
        chmod 1777 "$folder/tmp"
        cp "$(command -v busybox)" "$folder/bin/busybox"
        for applet in $("$folder/bin/busybox" --list); do
          if [ "$applet" != busybox ]; then ln -s busybox "$folder/bin/$applet"; fi
        done
        printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$folder/etc/passwd"
        tar -C "$folder" -cf "$rootfs.partial" . && mv "$rootfs.partial" "$rootfs"
        rm -rf "$folder"
      fi
      if [ "$image" = web ]; then
        # Serves one page that says what GREETING holds, on port 8080, and ends at once when told to.
        cp "$rootfs" "$cache/web-$hash.tar"
        load web "$cache/web-$hash.tar" --change 'ENV PATH=/bin' --change 'EXPOSE 8080' \
          --change 'CMD ["/bin/sh", "-c", "echo \"$GREETING\" >/www/index.html; trap \"exit 0\" TERM; echo serving; httpd -f -v -p 8080 -h /www & wait"]'
      else
        load busybox "$rootfs" --change 'CMD ["/bin/sh"]' --change 'ENV PATH=/bin'
      fi
      ;;
    mariadb)
      rootfs=$(bootstrap mariadb mariadb-server)
      load mariadb "$rootfs" --change 'ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]' --change 'CMD ["mariadbd"]' --change 'EXPOSE 3306'
      ;;
    valkey)
      package=valkey-server
      apt-cache show --quiet=2 "$package" >/dev/null 2>&1 || package=redis-server
      rootfs=$(bootstrap valkey "$package")
      load valkey "$rootfs" --change 'ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]' --change 'CMD ["valkey-server"]' --change 'EXPOSE 6379' --change 'WORKDIR /data'
      ;;
    wordpress)
      rootfs=$(bootstrap wordpress 'wordpress,wordpress-theme-twentytwentythree,libapache2-mod-php,php-mysql')
      load wordpress "$rootfs" --change 'ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]' --change 'CMD ["apache2-foreground"]' --change 'EXPOSE 80' --change 'WORKDIR /var/www/html'
      ;;
    *)
      echo "unknown image $image" >&2
      exit 1
      ;;
  esac
done
