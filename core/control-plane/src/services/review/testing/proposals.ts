import assert from 'node:assert/strict';
import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import { type KitEngine, shop, startReviewKit } from './review-kit.ts';

/** Code of a refusal; `ok` where there is none. */
export const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.problems[0]?.code);
/** A policy that asks for two people of the team `security`. */
export const twoOfSecurity = { rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 2 }] };

/** A pull request of a test. */
export interface Proposed {
  readonly source: string;
  readonly head: string;
  readonly number: number;
  readonly ref: { readonly organization: string; readonly application: string; readonly number: number };
}

/** The kit with people, a team, a protected `acme-prod`, and what people do. */
export async function startProposals(clock?: Clock, engine?: KitEngine) {
  const kit = await startReviewKit(clock, engine);
  const admin = await kit.addPerson('admin', 'org-admin');
  const omar = await kit.addPerson('omar', 'org-developer');
  const ada = await kit.addPerson('ada', 'org-developer');
  const ben = await kit.addPerson('ben', 'org-developer');
  const viewer = await kit.addPerson('viewer', 'org-viewer');
  const limited = await kit.addPerson('limited', 'org-developer', ['acme-dev']);
  const members = [ada.id, ben.id, omar.id, viewer.id];
  assert.ok((await kit.parts().teams.put(admin, 'acme', 'security', { members })).ok);
  await kit.protect(twoOfSecurity);
  let count = 0;

  return {
    kit,
    people: { admin, omar, ada, ben, viewer, limited },
    count: () => count,
    /** A branch with one new file, and the pull request for it. */
    async propose(by: Actor, changes?: Record<string, string>): Promise<Proposed> {
      count += 1;
      const source = `topic-${count}`;
      const { repositories, pullRequests } = kit.parts();
      const from = await repositories.head(shop, 'main');
      assert.ok(from);
      await kit.commit(by, source, changes ?? { [`notes/${count}.md`]: `${count}\n` }, { from });
      const opened = await pullRequests.open(by, 'acme', {
        application: 'shop',
        source,
        destination: 'main',
        title: `Change ${count}`,
      });
      assert.ok(opened.ok, JSON.stringify(opened));
      const { number, head } = opened.value;
      return { source, head, number, ref: { organization: 'acme', application: 'shop', number } };
    },
    approve: (by: Actor, { ref, head }: Proposed, revision = head) =>
      kit.parts().pullRequests.review(by, ref, { verdict: 'approve', revision }),
    merge: (by: Actor, { ref, head }: Proposed, expectedHead = head) =>
      kit.parts().pullRequests.merge(by, ref, { expectedHead }),
    async detail({ ref }: Pick<Proposed, 'ref'>, by = omar): Promise<PullRequestDetail> {
      const found = await kit.parts().pullRequests.detail(by, ref);
      assert.ok(found.ok);
      return found.value;
    },
    headOf: async (branch: string) => (await kit.parts().repositories.head(shop, branch)) ?? '',
  };
}
