import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from '@catalyst/model/problem.ts';
import { createGitClient, startGitServer } from './git-server.ts';
import { dieAt, makeDiskMortal, mortalDatabase } from './mortal.ts';
import { openRepositories } from './repositories-kit.ts';

/**
 * Run by the test of crash points: serves Git and dies before a given durable step of the pushes that its own clients make. Says
 * on stdout what was acknowledged, and at the end how many steps there were.
 */
const [directory = '', diesAt = ''] = process.argv.slice(2);
const shop = { organization: 'acme', name: 'shop' };
const by = { author: { name: 'A', email: 'a@x' }, pusher: { id: 'u', name: 'A', surface: 'api' } as const };
const say = (line: string) => process.stdout.write(`${line}\n`);

makeDiskMortal();
const { repositories } = openRepositories(directory, {}, mortalDatabase);
await repositories.start(
  async (update) => appendFileSync(join(directory, 'told.ndjson'), `${JSON.stringify(update)}\n`),
  async (push) => {
    await repositories.setPullHead(push.repository, 1, push.newRevision);
    return ok({ number: 1, lines: [] });
  },
);
await repositories.create({
  repository: shop,
  branches: { develop: { 'a.txt': '1' }, main: {} },
  head: 'develop',
  message: 'x',
  ...by,
});
const server = await startGitServer(repositories);
const git = createGitClient(directory);
await git('.', 'clone', '-q', server.urlOf('alice', 'acme/shop.git'), 'work');
const stepsSince = dieAt(Number(diesAt));
for (const [at, args] of [
  ['origin', 'HEAD:develop'],
  ['origin', 'HEAD:topic/a/b'],
  ['-o', 'pull-request', 'origin', '+HEAD:main'],
].entries()) {
  await git('work', 'commit', '-q', '--allow-empty', '-m', `push ${at}`);
  const head = (await git('work', 'rev-parse', 'HEAD')).output.trim();
  say(`try ${args.at(-1)} ${head}`);
  if ((await git('work', 'push', ...args)).ok) say(`done ${args.at(-1)} ${head}`);
}
say(`steps ${stepsSince()}`);
process.exit(0);
