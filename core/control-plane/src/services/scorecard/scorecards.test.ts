import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Scorecard } from '@catalyst/model/api/scorecard.ts';
import { makeView } from '../../api/testing/doubles.ts';
import { startProposals } from '../review/testing/proposals.ts';
import { startWebAppEngine } from '../review/testing/web-app-engine.ts';
import { createScorecards } from './scorecards.ts';

const app = await startWebAppEngine();
const { kit, people } = await startProposals(undefined, app.engine);
const { repositories, teams } = kit.parts();
const { catalog, preview } = app.engine;
const scorecards = createScorecards({ repositories, teams, catalog, gitops: { preview } });
const scope = { organization: 'acme', environment: 'acme-prod', envType: 'prod' } as const;

const statusOf = (card: Scorecard, id: string) => card.criteria.find((entry) => entry.id === id)?.status;
const commit = async (replicas: number, more: Record<string, string> = {}) =>
  kit.commit(people.admin, 'main', { ...app.filesOf('prod', { replicas }), ...more });

describe('scorecards', { timeout: 120_000 }, () => {
  after(async () => {
    await kit.dispose();
    await app.stop();
  });

  it('score the head of the branch, and say what is rolled out', async () => {
    await kit.protect(null);
    const applied = await commit(1);
    const view = { ...makeView('acme', 'acme-prod', 'shop'), revision: applied, appliedRevision: applied };
    const card = await scorecards.of(scope, view);
    assert.equal(statusOf(card, 'replicas'), 'lost');
    const head = await commit(2);
    const later = await scorecards.of(scope, { ...view, revision: head });
    assert.deepEqual([later.revision, later.appliedRevision, later.why], [head, applied, undefined]);
    assert.equal(statusOf(later, 'replicas'), 'met');
    assert.ok((later.score ?? 0) > (card.score ?? 0));
    assert.deepEqual(
      [statusOf(later, 'freshness'), statusOf(later, 'ownership'), statusOf(later, 'state')],
      // CODEOWNERS of a new repository names the org-admins, of whom there is one here.
      ['met', 'partly', 'met'],
    );
  });

  it('say what is not known instead of guessing it', async () => {
    const head = await commit(2, {
      'base/values.yaml': app.filesOf('prod', { volume: { enabled: true } })['base/values.yaml'] ?? '',
    });
    const card = await scorecards.of(scope, {
      ...makeView('acme', 'acme-prod', 'shop', 'Unknown'),
      revision: head,
    });
    assert.deepEqual(
      card.unknown.map(({ id }) => id),
      ['backups', 'state', 'crash-loops', 'restarts'],
    );
    for (const { why } of card.unknown) assert.match(why, /\.$/);
  });

  it('count the people whom CODEOWNERS names, and not those who stand in', async () => {
    assert.ok((await teams.put(people.admin, 'acme', 'empty', { members: [] })).ok);
    const owners = async (text: string) => {
      const revision = await commit(2, { CODEOWNERS: text });
      const view = { ...makeView('acme', 'acme-prod', 'shop'), revision };
      return statusOf(await scorecards.of(scope, view), 'ownership');
    };
    assert.equal(await owners('* @acme/empty\nCODEOWNERS @acme/org-admins\n'), 'lost');
    assert.equal(await owners('* ada@example.net\nCODEOWNERS @acme/org-admins\n'), 'partly');
    assert.equal(await owners('* @acme/security\nCODEOWNERS @acme/org-admins\n'), 'met');
  });

  it('give no score where nothing is installed, or the revision is gone', async () => {
    const view = makeView('acme', 'acme-prod', 'shop');
    const gone = await scorecards.of(scope, { ...view, revision: 'f'.repeat(40) });
    assert.deepEqual([gone.score, gone.criteria], [undefined, []]);
    assert.match(gone.why ?? '', /not in the repository/);
    const first = await repositories.head({ organization: 'acme', name: 'shop' }, 'develop');
    const nothing = await scorecards.of(scope, { ...view, revision: first ?? '' });
    assert.match(nothing.why ?? '', /nothing to score/);
  });
});
