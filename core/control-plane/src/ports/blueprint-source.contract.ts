import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { BlueprintSource } from './blueprint-source.ts';

/** A started source that offers at least one good Blueprint, and one malformed. */
export interface BlueprintSourceSubject {
  readonly source: BlueprintSource;
  readonly good: string;
  readonly malformed: string;
  close(): Promise<void>;
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The law of `BlueprintSource` as tests. */
export function blueprintSourceContract(name: string, open: () => Promise<BlueprintSourceSubject>): void {
  const using = (work: (subject: BlueprintSourceSubject) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await work(subject);
    } finally {
      await subject.close();
    }
  };
  describe(`BlueprintSource: ${name}`, () => {
    it(
      'finds by name, version and digest what it lists',
      using(async ({ source, good }) => {
        const found = source.find(good);
        assert.ok(found);
        assert.deepEqual(source.find(good, found.version), found);
        assert.deepEqual(source.findByDigest(found.digest), found);
        assert.ok(source.list().some((entry) => entry.digest === found.digest));
        assert.equal(found.blueprint.metadata.name, good);
        assert.ok(found.url.endsWith(`/${found.origin}/${good}`));
      }),
    );
    it(
      'knows nothing of what is not there',
      using(async ({ source, good }) => {
        assert.equal(source.find('bp-nothing'), undefined);
        assert.equal(source.find(good, '99.0.0'), undefined);
        assert.equal(source.findByDigest(`sha256:${'0'.repeat(64)}`), undefined);
        for (const path of [
          'x',
          'catalog/bp-nothing/tags/list',
          '../../etc/passwd',
          `catalog/${good}/blobs/sha256:00`,
        ])
          assert.equal(await source.oci(path), undefined, path);
      }),
    );
    it(
      'lists a malformed Blueprint with its problems, and the good ones beside it',
      using(async ({ source, malformed }) => {
        const entry = source.malformed().find((one) => one.name === malformed);
        assert.ok(entry && entry.problems.length > 0 && entry.problems[0]?.code);
        assert.equal(source.find(malformed), undefined);
      }),
    );
    it(
      'serves what it lists as OCI, by tag and digest, with true digests',
      using(async ({ source, good }) => {
        const found = source.find(good);
        assert.ok(found);
        const repository = `${found.origin}/${good}`;
        assert.ok(await source.oci(''));
        const tags = await source.oci(`${repository}/tags/list`);
        assert.ok(tags && JSON.parse(Buffer.from(tags.body).toString()).tags.includes(found.version));
        const manifest = await source.oci(`${repository}/manifests/${found.version}`);
        assert.ok(manifest);
        assert.equal(sha256(manifest.body), found.digest);
        assert.deepEqual(await source.oci(`${repository}/manifests/${found.digest}`), manifest);
        const { layers, config } = JSON.parse(Buffer.from(manifest.body).toString());
        for (const { digest, size } of [config, ...layers]) {
          const blob = await source.oci(`${repository}/blobs/${digest}`);
          assert.ok(blob);
          assert.equal(sha256(blob.body), digest);
          assert.equal(blob.body.length, size);
        }
        const archive = await readFile(found.archive);
        assert.equal(sha256(archive), layers[0].digest);
      }),
    );
  });
}
