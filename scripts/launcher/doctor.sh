# shellcheck shell=bash
# What is there, what is missing, what cannot be enforced here and what that costs. Changes nothing.

DOCTOR_MISSING=0
DOCTOR_LIMITED=0

good() { printf '  ok       %-22s %s\n' "$1" "$2"; }
absent() { # absent WHAT COST
  printf '  missing  %-22s %s\n' "$1" "$2"
  DOCTOR_MISSING=$((DOCTOR_MISSING + 1))
}
limited() { # limited WHAT COST
  printf '  limited  %-22s %s\n' "$1" "$2"
  DOCTOR_LIMITED=$((DOCTOR_LIMITED + 1))
}

# The first line that a program says of itself.
version_of() {
  local text
  text=$("$@" 2>&1) || true
  printf '%s' "${text%%$'\n'*}"
}

examine_machine() {
  local key value unit memory=0 free
  say 'Machine'
  if is_supported; then
    good system "$(os_release PRETTY_NAME), $HOSTTYPE"
  else
    limited system "$(os_release PRETTY_NAME): missing packages are named, not installed"
  fi
  good kernel "$(uname -r)"
  while read -r key value unit; do [[ $key == MemTotal: && $unit == kB ]] && memory=$((value / 1024)); done </proc/meminfo
  if ((memory >= 2000)); then good memory "$memory MB"; else limited memory "$memory MB: databases and Java applications will not fit (2 GB is a start)"; fi
  free=$(df --output=avail -m -- "$CATALYST_ROOT" | tail -n 1)
  free=${free// /}
  if ((free >= 5000)); then good disk "$free MB free"; else limited disk "$free MB free: images and volumes need more (5 GB is a start)"; fi
  if ((EUID == 0)); then
    good root yes
  elif has sudo; then
    good root "by sudo; it will be asked for"
  else
    absent root "neither root nor sudo: containers and their networks cannot be made; run as root"
  fi
  if [[ -d /run/systemd/system ]]; then
    good systemd yes
  else
    limited systemd "not running: Applications come back after a reboot only with the next ./catalyst up"
  fi
  if getent hosts catalyst-doctor.localhost >/dev/null 2>&1; then
    good '*.localhost' 'resolves for every program'
  else
    limited '*.localhost' "only browsers and curl resolve it here: other programs need a Host header or /etc/hosts"
  fi
}

examine_tools() {
  local package
  say 'Programs'
  find_packages up
  find_tools
  for package in "${MISSING[@]}"; do absent "$package" "./catalyst up installs it"; done
  [[ -z $NEEDS_NATS_FILE ]] || absent nats-server "./catalyst up fetches it (Ubuntu 22.04 has no package)"
  if has git; then good git "$(version_of git --version)"; fi
  if [[ -n $NATS_SERVER ]] || has nats-server; then good nats-server "$(PATH=$PATH:/usr/sbin version_of "${NATS_SERVER:-nats-server}" --version)"; fi
  if has bwrap; then examine_sandbox; fi
  if [[ -n $NODE ]]; then good node "$("$NODE" --version) ($NODE)"; else absent node "./catalyst up fetches Node $NODE_VERSION ($(megabytes "$NODE_BYTES"))"; fi
  if [[ -n $HELM ]]; then good helm "$("$HELM" version --short 2>/dev/null) ($HELM)"; else absent helm "./catalyst up fetches Helm $HELM_VERSION"; fi
  if [[ -n $KUBECTL ]]; then
    good kubectl "$(version_of "$KUBECTL" version --client) ($KUBECTL)"
  else
    absent kubectl "./catalyst up fetches kubectl $KUBECTL_VERSION"
  fi
  find_workspace
  if [[ -z $NEEDS_DEPENDENCIES ]]; then good 'npm packages' 'as pinned'; else absent 'npm packages' "./catalyst up installs them ($(megabytes "$DEPENDENCIES_BYTES"))"; fi
  if [[ -z $NEEDS_CONSOLE ]]; then good console built; else absent console './catalyst up builds it'; fi
  find_chromium
  if [[ -n $CHROMIUM ]]; then good chromium "$CHROMIUM"; else printf '  (for ./catalyst test: chromium is not here)\n'; fi
  has mmdebstrap || printf '  (for ./catalyst test: mmdebstrap is not here)\n'
}

# Charts of Organizations are rendered in this sandbox, and nowhere else.
examine_sandbox() {
  local text
  if text=$(bwrap --unshare-all --die-with-parent --ro-bind / / true 2>&1); then
    good 'render sandbox' 'bubblewrap isolates files and network'
  elif ((EUID == 0)); then
    limited 'render sandbox' "bubblewrap does not work (${text%%$'\n'*}): nothing can be rendered, so nothing can be installed"
  else
    limited 'render sandbox' "not possible as this user (${text%%$'\n'*}); as root it may be"
  fi
}

examine_engine() {
  local controller unlimited=() hard
  say 'Containers'
  if engine_answers; then
    good engine 'a Docker or Podman socket answers'
  elif has podman; then
    good engine "$(version_of podman --version); Catalyst starts its service"
  else
    absent engine "no socket answers and Podman is not here: Applications wait until ./catalyst up has installed it"
  fi
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    for controller in memory cpu pids; do
      [[ " $(</sys/fs/cgroup/cgroup.controllers) " == *" $controller "* ]] || unlimited+=("$controller")
    done
    good cgroups 'version 2'
  else
    for controller in memory cpu pids; do
      [[ -w /sys/fs/cgroup/$controller/cgroup.procs ]] || unlimited+=("$controller")
    done
    limited cgroups 'version 1 or hybrid: runc is used, because crun refuses it'
  fi
  if ((${#unlimited[@]} == 0)); then
    good 'limits' 'memory, cpu and processes of containers'
  else
    limited 'limits' "${unlimited[*]} cannot be limited: one Application may starve the others"
  fi
  hard=$(ulimit -Hn)
  if [[ $hard == unlimited ]] || ((hard >= 65536)); then good 'open files' "$hard"; else limited 'open files' "at most $hard for one container (some databases want more)"; fi
}

examine_network() {
  local text
  say 'Network'
  if ! has nft; then
    :
  elif ((EUID != 0)); then
    limited 'packet filter' 'can be examined by root only: sudo ./catalyst doctor'
  elif text=$(PATH=$PATH:/usr/sbin nft list tables 2>&1); then
    good 'packet filter' 'nftables answers: Services, and Environments apart from one another'
  else
    limited 'packet filter' "nftables refuses (${text%%$'\n'*}): no Service addresses, Environments not isolated; Applications will not start"
  fi
  if [[ $(</proc/sys/net/ipv4/ip_forward) == 1 ]]; then
    good forwarding on
  elif [[ -w /proc/sys/net/ipv4/ip_forward ]]; then
    good forwarding 'off; Catalyst turns it on'
  else
    limited forwarding 'off, and this process may not turn it on: containers reach nothing outside their network'
  fi
}

doctor() {
  examine_machine
  examine_tools
  examine_engine
  examine_network
  say ''
  if ((DOCTOR_MISSING > 0)); then
    say "$DOCTOR_MISSING missing, $DOCTOR_LIMITED limited. Run ./catalyst up to install what is missing."
    return 1
  fi
  say "Nothing is missing; $DOCTOR_LIMITED limited."
}
