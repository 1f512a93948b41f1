import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import { secretsContract } from '../../../ports/secrets.contract.ts';
import { createEncryptedFileSecrets } from './encrypted-file-secrets.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'catalyst-secrets-'));
const withCode = (code: string) => (error: unknown) => error instanceof CatalystError && error.code === code;

secretsContract('Encrypted files', async () => {
  const directory = folder();
  const secrets = createEncryptedFileSecrets({ directory });
  return {
    secrets,
    reopen: async () => createEncryptedFileSecrets({ directory }),
    dispose: async () => {
      await secrets.close();
      rmSync(directory, { recursive: true });
    },
  };
});

it('leaves no value readable on the disk, and nothing readable by others', async () => {
  const directory = folder();
  const secrets = createEncryptedFileSecrets({ directory });
  await secrets.write('acme-dev/shop/db', { password: 'correct horse battery' }, 0);
  assert.equal(spawnSync('grep', ['-r', 'correct horse', directory]).status, 1);
  assert.equal(statSync(join(directory, 'key')).mode & 0o777, 0o600);
  assert.equal(statSync(join(directory, 'values/acme-dev/shop/db=.json')).mode & 0o777, 0o600);
  rmSync(directory, { recursive: true });
});

it('notices a file that was moved to another path, altered, or sealed with another key', async () => {
  const directory = folder();
  const secrets = createEncryptedFileSecrets({ directory });
  await secrets.write('acme-dev/shop/db', { password: 'a' }, 0);
  const file = join(directory, 'values/acme-dev/shop/db=.json');
  mkdirSync(join(directory, 'values/evil-dev/app'), { recursive: true });
  copyFileSync(file, join(directory, 'values/evil-dev/app/db=.json'));
  await assert.rejects(secrets.read('evil-dev/app/db'), withCode('Internal'));
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...stored, versions: [{ ...stored.versions[0], version: 7 }] }));
  await assert.rejects(secrets.read('acme-dev/shop/db'), withCode('Internal'));
  writeFileSync(file, JSON.stringify(stored));
  writeFileSync(join(directory, 'key'), Buffer.alloc(32, 1).toString('base64'));
  const other = createEncryptedFileSecrets({ directory });
  await assert.rejects(other.read('acme-dev/shop/db'), withCode('Internal'));
  rmSync(directory, { recursive: true });
});

it('does not make a new key beside values that an old one sealed', async () => {
  const directory = folder();
  await createEncryptedFileSecrets({ directory }).write('a/b', { c: 'd' }, 0);
  rmSync(join(directory, 'key'));
  assert.throws(() => createEncryptedFileSecrets({ directory }), withCode('Unavailable'));
  rmSync(directory, { recursive: true });
});
