import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');

/** Runs a line of bash with the launcher's parts loaded, as on a machine whose `/etc/os-release` and PATH are given. */
function bash(line: string, environment: Record<string, string> = {}): { code: number | null; text: string } {
  const parts = ['say', 'packages', 'tools', 'workspace'].map(
    (part) => `. ${root}/scripts/launcher/${part}.sh`,
  );
  const script = [
    'set -Eeuo pipefail',
    'CACHE=$(mktemp -d)',
    `CATALYST_ROOT=${root}`,
    'COMMAND_LINE=up',
    ...parts,
    line,
  ];
  const result = spawnSync('bash', ['--norc', '-c', script.join('\n')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', ...environment },
  });
  return { code: result.status, text: `${result.stdout}${result.stderr}` };
}

test('launcher: an unknown word gets the usage and exit code 2', () => {
  const result = spawnSync(join(root, 'catalyst'), ['nonsense'], { encoding: 'utf8' });
  assert.equal(result.status, 2);
  assert.match(result.stderr, /unknown command: nonsense[\s\S]*Usage: /);
});

test('launcher: help changes nothing and succeeds', () => {
  const result = spawnSync(join(root, 'catalyst'), ['up', '--help'], { encoding: 'utf8' });
  assert.equal(result.status, 0);
  assert.match(result.stdout, /Usage: /);
});

test('launcher: on another system the exact command is printed and the launcher fails', () => {
  const other = 'os_release() { [[ $1 != ID ]] || printf fedora; }; has() { [[ $1 == dnf ]]; }';
  const result = bash(`${other}; MISSING=(bubblewrap iproute2 uidmap); plan_packages`);
  assert.equal(result.code, 1);
  assert.match(result.text, /sudo dnf install bubblewrap iproute shadow-utils\n/);
});

test('launcher: Ubuntu 22.04 gets CNI and the file of nats-server, not packages that it lacks', () => {
  const jammy =
    'os_release() { case $1 in ID) printf ubuntu ;; VERSION_ID) printf 22.04 ;; esac; }; has() { return 1; }; engine_answers() { return 1; }';
  const result = bash(`${jammy}; find_packages up; echo "\${MISSING[*]}|$NEEDS_NATS_FILE"`);
  assert.match(result.text, /podman.*containernetworking-plugins.*\|yes/);
  assert.doesNotMatch(result.text, /netavark|nats-server /);
});

test('launcher: with an engine that answers, Podman is not asked for', () => {
  const result = bash(
    `has() { return 1; }; engine_answers() { return 0; }; find_packages up; echo "\${MISSING[*]}"`,
  );
  assert.match(result.text, /nftables/);
  assert.doesNotMatch(result.text, /podman|runc/);
});

test('launcher: a start does not fail for the packages of a container engine alone', () => {
  const fedora = 'os_release() { [[ $1 != ID ]] || printf fedora; }; engine_answers() { return 1; }';
  const lacks = (...names: string[]) => `has() { [[ " ${names.join(' ')} " != *" $1 "* ]]; }`;
  const plan = `find_packages up; plan_packages; echo "left: \${MISSING[*]}."`;
  const engine = bash(`${fedora}; ${lacks('podman', 'runc')}; ${plan}`);
  assert.equal(engine.code, 0, engine.text);
  assert.match(engine.text, /left: \.\n/);
  assert.match(engine.text, /Applications wait until Docker or Podman answers/);
  assert.equal(bash(`${fedora}; ${lacks('podman', 'runc', 'nft')}; ${plan}`).code, 1);

  const apt = 'is_supported() { return 0; }; engine_answers() { return 1; }; run_step() { return 1; }';
  const failing = bash(`${apt}; ${lacks('podman')}; measure_packages() { return 1; }; ${plan}`);
  assert.equal(failing.code, 0, failing.text);
  assert.match(failing.text, /left: \.\n/);
});

test('launcher: an archive with another checksum is refused and removed', () => {
  const line = `mkdir -p $CACHE/download; curl() { echo forged > "\${@: -3:1}"; }; npm() { return 1; }; type() { return 1; }; fetch_npm_package x 1 "$NPM_SHA512" $CACHE/download/x.tgz || { ls $CACHE/download; echo refused; }`;
  const result = bash(line);
  assert.match(result.text, /^refused\n[\s\S]*checksum differs/);
  assert.doesNotMatch(result.text, /x\.tgz/);
});

test('launcher: an older Node, Helm or kubectl on PATH is passed over, a dispatcher too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  try {
    const answers = {
      node: 'v20.20.2',
      helm: 'v3.13.9+gabc',
      kubectl: 'Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0',
    };
    for (const [name, text] of Object.entries(answers)) {
      writeFileSync(join(folder, name), `#!/bin/bash\nprintf '%s\\n' ${JSON.stringify(text)}\n`, {
        mode: 0o755,
      });
    }
    const line = `mkdir -p $CACHE/tools; find_tools; echo "\${FETCH[*]}"`;
    assert.equal(bash(line, { PATH: `${folder}:/usr/bin:/bin` }).text, 'node helm kubectl\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
