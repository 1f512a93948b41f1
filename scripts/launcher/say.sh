# shellcheck shell=bash
# Words to people, and steps that take a while.

say() { printf '%s\n' "$*"; }

warn() { printf 'catalyst: %s\n' "$*" >&2; }

# One argument per line; ends the launcher.
die() {
  local line
  for line in "$@"; do warn "$line"; done
  exit 1
}

ensure_cache() {
  if [[ ! -d $CACHE/download ]]; then mkdir -p -- "$CACHE/log" "$CACHE/tools/bin" "$CACHE/download"; fi
  [[ -w $CACHE/download ]] || die "$CACHE belongs to another user (was Catalyst started with sudo?)." \
    "Repeat with sudo, or give the folder back: sudo chown -R $USER $CACHE node_modules"
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

megabytes() { printf '%d MB' $((($1 + 999999) / 1000000)); }

# Ends a process group for good. apt gets time to leave its database in order.
end_group() {
  local waited
  kill -- "-$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  for ((waited = 0; waited < 100; waited++)); do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
}

# run_step TITLE COMMAND…: runs it with its output in a log, shows that time passes, and shows the end of the log if it fails.
run_step() {
  local title=$1 log start pid status=0 waited=0
  shift
  log=$CACHE/log/${title//[^A-Za-z0-9]/-}.log
  start=$SECONDS
  # A process group of its own: an aborted launcher must not leave an installation running behind it.
  set -m
  {
    set +m
    "$@"
  } >"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  set +m
  trap 'end_group "$pid"; warn "aborted: $title. Run the same command again to go on."; exit 130' INT TERM
  [[ -t 1 ]] || printf '  %s …\n' "$title"
  while kill -0 "$pid" 2>/dev/null; do
    [[ -t 1 ]] && printf '\r  %s … %d s ' "$title" $((SECONDS - start))
    sleep 0.2
    waited=$((waited + 1))
    if [[ ! -t 1 ]] && ((waited % 100 == 0)); then printf '  %s … %d s\n' "$title" $((SECONDS - start)); fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  [[ -t 1 ]] && printf '\r'
  if ((status != 0)); then
    printf '  %s: failed after %d s\n' "$title" $((SECONDS - start))
    tail -n 30 -- "$log" | sed 's/^/    /' >&2
    warn "the whole output is in $log"
    return "$status"
  fi
  printf '  %s: done (%d s)\n' "$title" $((SECONDS - start))
}
