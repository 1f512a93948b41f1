import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NewPullRequest, PullRequest, Reviews } from './reviews.ts';

/** Reviews under test: `reopen` gives the same data as a new process would see it. */
export interface ReviewsUnderTest {
  readonly reviews: Reviews;
  reopen(): Promise<Reviews>;
  dispose(): Promise<void>;
}

const dana = { id: 'dana', name: 'Dana', email: 'dana@example.net' };
const shop = { organization: 'acme', name: 'shop' };
const request = (more: Partial<NewPullRequest> = {}): NewPullRequest => ({
  repository: shop,
  title: 'More replicas',
  description: '',
  source: 'more',
  destination: 'main',
  environment: 'acme-prod',
  head: 'a'.repeat(40),
  openedBy: dana,
  openedOn: 'console',
  pushers: ['dana'],
  ...more,
});

/** The laws of `Reviews`, for any adapter. */
export function reviewsContract(name: string, create: () => Promise<ReviewsUnderTest>): void {
  const law = (what: string, work: (reviews: Reviews, subject: ReviewsUnderTest) => Promise<void>) =>
    it(what, async () => {
      const subject = await create();
      try {
        await work(subject.reviews, subject);
      } finally {
        await subject.dispose();
      }
    });

  describe(`Reviews: ${name}`, () => {
    law('numbers are counted per repository, without gaps, also when many open at once', async (reviews) => {
      const opened = await Promise.all(Array.from({ length: 20 }, () => reviews.open(request())));
      const numbers = opened.map(({ number }) => number).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        Array.from({ length: 20 }, (_, at) => at + 1),
      );
      const other = await reviews.open(request({ repository: { organization: 'acme', name: 'blog' } }));
      assert.equal(other.number, 1);
    });

    law('what is acknowledged is there after a restart', async (reviews, subject) => {
      const opened = await reviews.open(request());
      await reviews.comment(shop, 1, { by: dana, text: 'Why?', at: opened.openedAt });
      const reopened = await subject.reopen();
      assert.deepEqual(await reopened.get(shop, 1), opened);
      assert.equal((await reopened.comments(shop, 1))[0]?.text, 'Why?');
      assert.equal((await reopened.open(request())).number, 2);
    });

    law('of writers that saw the same version one wins, and nothing of the others stays', async (reviews) => {
      const opened = await reviews.open(request());
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, at) => reviews.update({ ...opened, title: `Title ${at}` })),
      );
      const won = results.flatMap((result) => (result.ok ? [result.value] : []));
      assert.equal(won.length, 1);
      assert.equal(results.find((result) => !result.ok)?.problems[0]?.code, 'Conflict');
      assert.deepEqual(await reviews.get(shop, 1), won[0]);
      assert.equal(won[0]?.version, 2);
    });

    law('an update never changes who opened it, nor when', async (reviews) => {
      const opened = await reviews.open(request());
      const forged: PullRequest = { ...opened, openedBy: { ...dana, id: 'eve' }, openedAt: 'never' };
      const updated = await reviews.update(forged);
      assert.ok(updated.ok);
      assert.deepEqual(updated.value.openedBy, dana);
      assert.equal(updated.value.openedAt, opened.openedAt);
    });

    law('an update of what is not there is a conflict', async (reviews) => {
      const opened = await reviews.open(request());
      const missing = await reviews.update({ ...opened, number: 7 });
      assert.equal(missing.ok, false);
    });

    law('lists are newest first, and by what they are asked for', async (reviews) => {
      const blog = { organization: 'acme', name: 'blog' };
      const first = await reviews.open(request());
      await reviews.open(request({ repository: blog, environment: 'acme-dev', planId: 'p' }));
      await reviews.open(request({ repository: { organization: 'globex', name: 'shop' } }));
      await reviews.open(request({ set: { id: 's', order: 0 } }));
      await reviews.update({ ...first, state: 'closed' });
      const names = async (query: Parameters<Reviews['list']>[0]) =>
        (await reviews.list(query)).map(
          ({ repository, number }) => `${repository.organization}/${repository.name}#${number}`,
        );
      assert.deepEqual(await names({ organization: 'acme' }), ['acme/shop#2', 'acme/blog#1', 'acme/shop#1']);
      assert.deepEqual(await names({ repository: shop, state: 'open' }), ['acme/shop#2']);
      assert.deepEqual(await names({ organization: 'acme', state: 'closed' }), ['acme/shop#1']);
      assert.deepEqual(await names({ environment: 'acme-dev' }), ['acme/blog#1']);
      assert.deepEqual(await names({ set: 's' }), ['acme/shop#2']);
      assert.deepEqual(await names({ planId: 'p' }), ['acme/blog#1']);
      assert.deepEqual(await names({ organization: 'acme', limit: 1 }), ['acme/shop#2']);
    });

    law(
      'those to be merged by themselves are found however many others there are',
      async (reviews, subject) => {
        const autoMerge = { by: dana, surface: 'api', at: '2026-01-01T00:00:00Z', head: 'h' } as const;
        const armed = async (n: number) => {
          const updated = await reviews.update({ ...(await reviews.open(request())), autoMerge });
          assert.ok(updated.ok, String(n));
          return updated.value;
        };
        const [first, second, third] = [await armed(1), await armed(2), await armed(3)];
        for (let n = 0; n < 5; n += 1) await reviews.open(request());
        await reviews.update({ ...third, state: 'merged' });
        const reopened = await subject.reopen();
        const numbers = async (after?: PullRequest) =>
          (await reopened.armed(after)).map(({ number }) => number);
        assert.deepEqual(await numbers(), [first.number, second.number]);
        assert.deepEqual(await numbers(first), [second.number]);
        const { autoMerge: _gone, ...disarmed } = second;
        assert.ok((await reopened.update(disarmed)).ok);
        assert.deepEqual(await numbers(), [first.number]);
      },
    );
    law('all are gone through a page at a time, by repository and number', async (reviews) => {
      const blog = { organization: 'acme', name: 'blog' };
      for (let at = 0; at < 5; at += 1) {
        await reviews.open(request());
        await reviews.open(request({ repository: blog }));
      }
      const second = await reviews.get(blog, 2);
      assert.ok(second);
      await reviews.update({ ...second, state: 'closed' });
      const seen: string[] = [];
      for (let after: 'the first' | PullRequest = 'the first'; ; ) {
        const page: PullRequest[] = await reviews.list({
          organization: 'acme',
          state: 'open',
          after,
          limit: 2,
        });
        seen.push(...page.map(({ repository, number }) => `${repository.name}#${number}`));
        const last = page.at(-1);
        if (!last) break;
        after = last;
      }
      const numbers = [1, 2, 3, 4, 5];
      assert.deepEqual(seen, [
        ...numbers.filter((number) => number !== 2).map((number) => `blog#${number}`),
        ...numbers.map((number) => `shop#${number}`),
      ]);
    });

    law('comments are kept in order and bounded', async (reviews) => {
      const { openedAt: at } = await reviews.open(request());
      const said = await Promise.all(
        Array.from({ length: 501 }, (_, n) => reviews.comment(shop, 1, { by: dana, text: `${n}`, at })),
      );
      assert.equal(said.filter((result) => result.ok).length, 500);
      const kept = await reviews.comments(shop, 1);
      assert.equal(new Set(kept.map(({ id }) => id)).size, 500);
      assert.deepEqual(
        kept.map(({ id }) => id),
        kept.map(({ id }) => id).sort(),
      );
    });

    law('a forgotten repository leaves nothing, and its neighbours stay', async (reviews) => {
      await reviews.open(request());
      await reviews.open(request({ repository: { organization: 'acme', name: 'shop-2' } }));
      await reviews.comment(shop, 1, { by: dana, text: 'x', at: '2026-01-01T00:00:00Z' });
      await reviews.forget(shop);
      await reviews.forget(shop);
      assert.equal(await reviews.get(shop, 1), undefined);
      assert.deepEqual(await reviews.comments(shop, 1), []);
      assert.equal((await reviews.list({ organization: 'acme' })).length, 1);
      assert.equal((await reviews.open(request())).number, 1);
    });
  });
}
