import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGitServer } from './git-server.ts';
import { openRepositories } from './repositories-kit.ts';

/**
 * Run by the crash test, which kills it: serves Git, commits to `develop` and creates repositories, and says on stdout what was
 * acknowledged. The sink writes what it was told to a file, and refuses every fifth time.
 */
const [directory = '', round = ''] = process.argv.slice(2);
const shop = { organization: 'acme', name: 'shop' };
const by = { author: { name: 'A', email: 'a@x' }, pusher: { id: 'u', name: 'A', surface: 'api' } as const };
const say = (line: string) => process.stdout.write(`${line}\n`);

const { repositories } = openRepositories(directory);
let calls = 0;
await repositories.start(async (update) => {
  if (++calls % 5 === 0) throw new Error('The sink refuses.');
  appendFileSync(join(directory, 'told.ndjson'), `${JSON.stringify(update)}\n`);
});
if (!(await repositories.exists(shop)))
  await repositories.create({
    repository: shop,
    branches: { develop: {}, main: {} },
    head: 'main',
    message: 'x',
    ...by,
  });
const { port } = await startGitServer(repositories);
say(`port ${port}`);

async function commitForEver(): Promise<void> {
  for (let n = 0; ; n++) {
    const head = (await repositories.head(shop, 'develop')) ?? null;
    const changes = { [`r${round}/${n % 7}/f.txt`]: `${n}`, 'n.txt': `${round} ${n}` };
    const made = await repositories.commit({
      repository: shop,
      branch: 'develop',
      expectedHead: head,
      changes,
      message: `${round} ${n}`,
      ...by,
    });
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    say(`commit ${made.value.newRevision}`);
  }
}

async function createForEver(): Promise<void> {
  for (let n = 0; ; n++) {
    const repository = { organization: 'acme', name: `r${round}-${n}` };
    const branches = { develop: { 'a/b.txt': `${n}` }, staging: {}, main: {} };
    const made = await repositories.create({ repository, branches, head: 'develop', message: 'x', ...by });
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    say(`create ${repository.name}`);
    if (n % 3 === 2 && (await repositories.delete(repository))) say(`delete ${repository.name}`);
  }
}

await Promise.all([commitForEver(), createForEver()]);
