import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  formatImageReference,
  type MirrorMap,
  noMirrors,
  parseImageReference,
  parseMirrorMap,
  resolveImage,
} from './mirror-map.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

function mapOf(...mirrors: { from: string; to: string }[]): MirrorMap {
  const parsed = parseMirrorMap(JSON.stringify({ mirrors }));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems[0]?.message);
  return parsed.value;
}

describe('Image names', () => {
  const cases: [name: string, given: string, want: string | undefined][] = [
    ['short names are of Docker Hub', 'nginx', 'docker.io/library/nginx:latest'],
    ['a user of Docker Hub', 'bitnami/redis:7', 'docker.io/bitnami/redis:7'],
    ['a registry with port', 'localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
    ['localhost is a registry', 'localhost/shop:dev', 'localhost/shop:dev'],
    ['a digest stands alone', `ghcr.io/a/b@${digest}`, `ghcr.io/a/b@${digest}`],
    ['a tag beside a digest stays', `ghcr.io/a/b:1@${digest}`, `ghcr.io/a/b:1@${digest}`],
    ['upper case is no repository', 'Nginx', undefined],
    ['no white space', 'ngi nx', undefined],
    ['no option', '--privileged', undefined],
    ['no climbing', 'a/../b', undefined],
    ['no empty name', '', undefined],
    ['a digest has 64 digits', 'nginx@sha256:12', undefined],
    ['a name has an end', 'a'.repeat(600), undefined],
  ];
  for (const [name, given, want] of cases) it(name, () => assert.equal(resolveImage(given, noMirrors), want));

  it('are read again as they were written', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(
        part,
        part,
        fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
        (a, b, tag) => {
          const text = `reg.example/${a}/${b}:${tag ?? 'latest'}`;
          const read = parseImageReference(text);
          assert.ok(read);
          assert.equal(formatImageReference(read), text);
        },
      ),
    );
  });

  it('never make the resolver throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void resolveImage(text, noMirrors)));
  });
});

describe('Mirror map', () => {
  const map = mapOf(
    { from: 'docker.io/', to: 'mirror.local/hub/' },
    { from: 'docker.io/library/', to: 'mirror.local/official/' },
    { from: 'mariadb', to: 'localhost/mariadb' },
    { from: 'mariadb:11.4', to: 'localhost/mariadb:deb' },
    { from: 'ghcr.io/a/b', to: 'localhost/b:fixed' },
    { from: digest, to: 'localhost/pinned:1' },
  );
  const cases: [name: string, given: string, want: string][] = [
    ['the longest prefix wins', 'nginx:1', 'mirror.local/official/nginx:1'],
    ['a shorter prefix takes the rest', 'bitnami/redis:7', 'mirror.local/hub/bitnami/redis:7'],
    ['an exact name wins over a prefix and keeps the tag', 'mariadb:10', 'localhost/mariadb:10'],
    ['the written-out name is the same name', 'docker.io/library/mariadb:10', 'localhost/mariadb:10'],
    ['an exact tag wins over the name', 'mariadb:11.4', 'localhost/mariadb:deb'],
    ['a target with a tag replaces the tag', 'ghcr.io/a/b:9', 'localhost/b:fixed'],
    ['a digest wins over all', `mariadb@${digest}`, 'localhost/pinned:1'],
    ['what no rule names stays', 'quay.io/x/y:1', 'quay.io/x/y:1'],
    ['a prefix is not a part of a word', 'docker.iox/a:1', 'docker.iox/a:1'],
  ];
  for (const [name, given, want] of cases) it(name, () => assert.equal(resolveImage(given, map), want));

  it('an empty file is an empty map', () => {
    assert.deepEqual(parseMirrorMap(''), { ok: true, value: noMirrors });
  });

  it('answers what is wrong, and where', () => {
    const wrong: [string, string | undefined][] = [
      ['mirrors: [', undefined],
      ['mirrors: 1', 'mirrors'],
      ['mirrors: [{from: nginx}]', 'mirrors[0]'],
      ['mirrors: [{from: nginx, to: a}, {from: docker.io/, to: b}]', 'mirrors[1]'],
      ['mirrors: [{from: "Not It", to: a}]', 'mirrors[0]'],
      ['mirrors: [{from: nginx, to: "--x"}]', 'mirrors[0]'],
      ['a: &a [1]\nmirrors: *a', undefined],
    ];
    for (const [text, field] of wrong) {
      const parsed = parseMirrorMap(text);
      assert.ok(!parsed.ok, text);
      assert.equal(parsed.problems[0]?.field, field, text);
      assert.equal(parsed.problems[0]?.code, 'InvalidMirrors');
    }
  });
});
