# shellcheck shell=bash
# This checkout's own dependencies and the built console; and the announcement of everything that is missing.

PLAN=()
PLAN_BYTES=0
DEPENDENCIES_BYTES=175000000
NEEDS_DEPENDENCIES=
NEEDS_CONSOLE=

add_to_plan() {
  PLAN+=("$1: $(megabytes "$2")")
  PLAN_BYTES=$((PLAN_BYTES + $2))
}

lock_digest() {
  local digest
  digest=$(sha256sum -- "$CATALYST_ROOT/package-lock.json")
  printf '%s' "${digest%% *}"
}

find_workspace() {
  local stamp=$CATALYST_ROOT/node_modules/.catalyst-installed installed=
  if [[ -r $stamp ]]; then installed=$(<"$stamp"); fi
  [[ $installed == "$(lock_digest)" ]] || NEEDS_DEPENDENCIES=yes
  if [[ -n $NEEDS_DEPENDENCIES ]] || console_changed; then NEEDS_CONSOLE=yes; fi
}

# A folder's own date tells of files that were removed.
console_changed() {
  local stamp=$CATALYST_ROOT/core/console/dist/.built
  [[ -e $stamp ]] || return 0
  [[ -n $(find "$CATALYST_ROOT/core/console" "$CATALYST_ROOT/core/model/src" \
    \( -name dist -o -name node_modules \) -prune -o -path "$CATALYST_ROOT/core/console" -o -newer "$stamp" -print -quit) ]]
}

# Says what will be downloaded, and how much, before anything is.
announce() {
  local line
  PLAN=() PLAN_BYTES=0
  plan_packages
  plan_tools
  if [[ -n $NEEDS_DEPENDENCIES ]]; then
    add_to_plan 'npm packages as pinned in package-lock.json, without their install scripts' "$DEPENDENCIES_BYTES"
    find_npm || add_to_plan "npm $NPM_VERSION" "$NPM_BYTES"
  fi
  # What an aborted run left behind.
  if ((${#PLAN[@]} > 0)) || [[ -n $NEEDS_CONSOLE ]]; then rm -rf -- "$CACHE"/download/{part,pack,unpack,built}.*; fi
  ((${#PLAN[@]} > 0)) || return 0
  say 'Catalyst needs, and will download:'
  for line in "${PLAN[@]}"; do say "  - $line"; done
  say "Together about $(megabytes "$PLAN_BYTES"). System packages go where apt puts them, the rest below .cache/ and node_modules/."
}

install_dependencies() {
  cd -- "$CATALYST_ROOT" || return
  # npm starts scripts and checks engines with the Node that it finds first.
  export PATH=${NODE%/*}:$PATH
  "${NPM[@]}" ci --ignore-scripts --no-audit --no-fund
}

build_console() {
  cd -- "$CATALYST_ROOT/core/console" || return
  local started
  started=$(mktemp "$CACHE/download/built.XXXXXX")
  "$NODE" "$CATALYST_ROOT/node_modules/vite/bin/vite.js" build || return
  # Dated before the build: a source that changed meanwhile is built again.
  cp --preserve=timestamps -- "$started" dist/.built
  rm -f -- "$started"
}

install_workspace() {
  if [[ -n $NEEDS_DEPENDENCIES ]]; then
    if ! find_npm; then
      run_step "Fetching npm $NPM_VERSION" install_npm || die 'npm could not be fetched.'
      find_npm
    fi
    run_step 'Installing npm packages' install_dependencies || die 'The npm packages could not be installed.'
    lock_digest >"$CATALYST_ROOT/node_modules/.catalyst-installed"
  fi
  [[ -z $NEEDS_CONSOLE ]] || run_step 'Building the console' build_console || die 'The console could not be built.'
}
