# shellcheck shell=bash
# Packages of the operating system.

MISSING=()       # packages to install
ENGINE_MISSING=() # those among them that only a container engine needs
APT_COUNT=0      # what that comes to, dependencies included
APT_BYTES=0
CHROMIUM=
NATS_SERVER=
NEEDS_NATS_FILE= # the distribution has no nats-server package

# nats-server for Ubuntu 22.04, which has none: Ubuntu 24.04's own package, which needs nothing newer than 22.04 has.
NATS_DEB_URL=http://archive.ubuntu.com/ubuntu/pool/universe/n/nats-server/nats-server_2.10.7-1_amd64.deb
NATS_DEB_SHA256=049305df32a29112987d941d9c6b66d2f62c0a35de50a40fada1e2b848caa317
NATS_DEB_BYTES=5239006

os_release() {
  local key=$1 line
  [[ -r /etc/os-release ]] || return 0
  while IFS= read -r line; do
    if [[ $line == "$key="* ]]; then
      line=${line#*=}
      line=${line#\"}
      printf '%s' "${line%\"}"
      return
    fi
  done </etc/os-release
}

has() {
  local name=$1 directory
  command -v "$name" >/dev/null && return
  for directory in /usr/local/sbin /usr/sbin /sbin; do [[ -x $directory/$name ]] && return; done
  return 1
}

need() { # need PACKAGE WHAT-PROVES-IT…: a name is looked up on PATH, a path must exist
  local package=$1 proof
  shift
  for proof in "$@"; do
    if [[ $proof == /* ]]; then
      [[ -e $proof ]] && return
    elif has "$proof"; then
      return
    fi
  done
  MISSING+=("$package")
}

# True when a Docker or Podman socket answers the Docker API.
engine_answers() {
  local socket client
  for socket in "${DOCKER_HOST:-}" "${CONTAINER_HOST:-}" /run/docker.sock /var/run/docker.sock /run/podman/podman.sock; do
    socket=${socket#unix://}
    [[ -n $socket && -S $socket ]] || continue
    if has curl; then
      curl --silent --fail --max-time 3 --output /dev/null --unix-socket "$socket" http://d/_ping && return
    else
      client=$(command -v node) || continue
      "$client" -e 'const r=require("node:http").get({socketPath:process.argv[1],path:"/_ping",timeout:3000},(a)=>process.exit(a.statusCode===200?0:1));r.on("error",()=>process.exit(1));r.on("timeout",()=>process.exit(1))' "$socket" && return
    fi
  done
  return 1
}

find_chromium() {
  local name
  for name in "${CATALYST_CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser; do
    [[ -n $name ]] || continue
    CHROMIUM=$(command -v "$name") || continue
    # Ubuntu's /usr/bin/chromium-browser is a script that only asks to install the snap.
    if [[ $name == chromium-browser && ! -x /snap/bin/chromium ]] && "$CHROMIUM" --version 2>&1 | grep -q snap; then
      CHROMIUM=
      continue
    fi
    return
  done
  CHROMIUM=
}

find_packages() {
  local purpose=$1
  MISSING=()
  need git git
  need curl curl
  need ca-certificates /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt
  need iproute2 ip
  need nftables nft
  need bubblewrap bwrap
  need busybox-static busybox
  find_nats_server
  local others=${#MISSING[@]}
  find_engine_packages
  ENGINE_MISSING=("${MISSING[@]:others}")
  [[ $purpose == test ]] && find_test_packages
  return 0
}

find_nats_server() {
  NATS_SERVER=
  has nats-server && return
  if [[ $(os_release ID) == ubuntu && $(os_release VERSION_ID) == 22.04 ]]; then
    if [[ -x $CACHE/tools/bin/nats-server ]]; then NATS_SERVER=$CACHE/tools/bin/nats-server; else NEEDS_NATS_FILE=yes; fi
  else
    MISSING+=(nats-server)
  fi
}

find_engine_packages() {
  has podman || ! engine_answers || return 0
  if has docker && ! has podman && [[ -S /run/docker.sock ]]; then
    warn "Docker is installed but does not answer; Podman is used instead. Start Docker and repeat to use Docker."
  fi
  need podman podman
  need runc runc
  need iptables iptables
  need catatonit catatonit /usr/libexec/podman/catatonit
  need uidmap newuidmap
  # Podman 3 (Ubuntu 22.04) uses CNI; what replaced it came with Podman 4.
  if [[ $(os_release ID) == ubuntu && $(os_release VERSION_ID) == 22.04 ]]; then
    need containernetworking-plugins /usr/lib/cni/bridge
  else
    need netavark /usr/lib/podman/netavark /usr/libexec/podman/netavark netavark
    need aardvark-dns /usr/lib/podman/aardvark-dns /usr/libexec/podman/aardvark-dns aardvark-dns
  fi
}

find_test_packages() {
  need mmdebstrap mmdebstrap
  need python3-aiosmtpd /usr/lib/python3/dist-packages/aiosmtpd # the SMTP server of the e-mail tests
  find_chromium
  [[ -z $CHROMIUM ]] || return 0
  if [[ $(os_release ID) == ubuntu ]]; then
    die "The browser tests need Chromium, and Ubuntu has it only as a snap. Install it, or Google Chrome, then repeat:" \
      "  sudo snap install chromium"
  fi
  MISSING+=(chromium fonts-liberation)
}

is_supported() {
  case "$(os_release ID) $(os_release VERSION_ID)" in
    'debian 12' | 'debian 13' | 'ubuntu 22.04' | 'ubuntu 24.04') has apt-get ;;
    *) return 1 ;;
  esac
}

# go_on_without_engine REASON: everything but running Applications works without an engine, so its packages are never what
# a start fails for. False when there is none to do without.
go_on_without_engine() {
  local package kept=()
  ((${#ENGINE_MISSING[@]} > 0)) || return
  for package in "${MISSING[@]}"; do
    [[ " ${ENGINE_MISSING[*]} " == *" $package "* ]] || kept+=("$package")
  done
  warn "$1 Going on without a container engine: Applications wait until Docker or Podman answers."
  warn "Podman would need: ${ENGINE_MISSING[*]}"
  MISSING=("${kept[@]}") ENGINE_MISSING=()
}

# Ends with the command to run where the launcher does not install by itself.
refuse_to_install() {
  local fedora=() package
  warn "This is $(os_release PRETTY_NAME); Catalyst installs packages by itself only on Debian 12/13 and Ubuntu 22.04/24.04."
  warn "Missing: ${MISSING[*]}"
  for package in "${MISSING[@]}"; do
    case $package in
      iproute2) fedora+=(iproute) ;;
      busybox-static) fedora+=(busybox) ;;
      uidmap) fedora+=(shadow-utils) ;;
      iptables) fedora+=(iptables-nft) ;;
      nats-server) ;; # in no Fedora repository
      *) fedora+=("$package") ;;
    esac
  done
  if has apt-get; then
    die "Run:  sudo apt-get install --no-install-recommends ${MISSING[*]}" "then repeat: ./catalyst ${COMMAND_LINE}"
  elif has dnf; then
    [[ " ${MISSING[*]} " != *' nats-server '* ]] || warn "nats-server: put the binary of https://github.com/nats-io/nats-server/releases on your PATH."
    die "Run:  sudo dnf install ${fedora[*]}" "then repeat: ./catalyst ${COMMAND_LINE}"
  elif has pacman; then
    die "Run:  sudo pacman -S --needed ${MISSING[*]/busybox-static/busybox}" "(uidmap is in shadow, ca-certificates and iproute2 are already there), then repeat: ./catalyst ${COMMAND_LINE}"
  elif has zypper; then
    die "Run:  sudo zypper install ${MISSING[*]}" "then repeat: ./catalyst ${COMMAND_LINE}"
  elif has apk; then
    die "Run:  sudo apk add bash coreutils ${MISSING[*]/uidmap/shadow-uidmap}" "then repeat: ./catalyst ${COMMAND_LINE}"
  fi
  die "Install them with your system's package manager, then repeat: ./catalyst ${COMMAND_LINE}"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# Sets APT_COUNT and APT_BYTES to what installing MISSING downloads; false when apt does not know a package.
measure_packages() {
  local list size
  list=$(LC_ALL=C apt-get install --yes --no-install-recommends --print-uris -qq "${MISSING[@]}" 2>/dev/null) || return
  APT_COUNT=0 APT_BYTES=0
  while read -r _ _ size _; do
    [[ $size =~ ^[0-9]+$ ]] || continue
    APT_COUNT=$((APT_COUNT + 1)) APT_BYTES=$((APT_BYTES + size))
  done <<<"$list"
}

# What apt will do, in words, before anything is downloaded.
plan_packages() {
  ((${#MISSING[@]} > 0)) || return 0
  if ! is_supported; then
    ((${#ENGINE_MISSING[@]} == ${#MISSING[@]})) || refuse_to_install
    go_on_without_engine "Catalyst does not install Podman on $(os_release PRETTY_NAME)."
    return
  fi
  ((EUID == 0)) || has sudo || die "Installing packages needs root, and sudo is not here." \
    "Run as root:  apt-get install --no-install-recommends ${MISSING[*]}"
  if ! measure_packages; then
    if ! run_step "Reading the package lists" apt_get update; then
      ((${#ENGINE_MISSING[@]} == ${#MISSING[@]})) || die "apt-get update failed; is the network there?"
      go_on_without_engine "apt-get update failed."
      return
    fi
    if ! measure_packages; then
      go_on_without_engine "apt cannot install the engine." || explain_unknown_packages
      ((${#MISSING[@]} > 0)) || return 0
      measure_packages || explain_unknown_packages
    fi
  fi
  PLAN+=("system packages: ${MISSING[*]} ($APT_COUNT with what they need): $(megabytes "$APT_BYTES")")
  PLAN_BYTES=$((PLAN_BYTES + APT_BYTES))
}

explain_unknown_packages() {
  local universe=
  [[ $(os_release ID) != ubuntu ]] || universe=" Is the component 'universe' enabled (sudo add-apt-repository universe)?"
  warn "apt cannot install: ${MISSING[*]}.$universe"
  LC_ALL=C apt-get install --yes --no-install-recommends --print-uris -qq "${MISSING[@]}" 2>&1 >/dev/null | sed 's/^/  /' >&2
  exit 1
}

install_with_apt() {
  as_root dpkg --configure -a || return
  apt_get install --yes --no-install-recommends "${MISSING[@]}" && return
  # Package lists older than the mirror name files that are gone.
  apt_get update && apt_get install --yes --no-install-recommends "${MISSING[@]}"
}

install_packages() {
  ((${#MISSING[@]} > 0)) || return 0
  ((EUID == 0)) || sudo --validate
  if ! run_step "Installing ${#MISSING[@]} packages" install_with_apt; then
    go_on_without_engine "Packages could not be installed." || die "Packages could not be installed."
    ((${#MISSING[@]} > 0)) || return 0
    run_step "Installing ${#MISSING[@]} packages" install_with_apt || die "Packages could not be installed."
  fi
  if [[ " ${MISSING[*]} " == *' nats-server '* && -d /run/systemd/system ]]; then
    # Catalyst runs its own on a socket of its own; the package starts one that listens on every address.
    as_root systemctl disable --now nats-server.service >/dev/null 2>&1 || true
  fi
  if [[ " ${MISSING[*]} " == *' chromium '* ]]; then find_chromium; fi
}
