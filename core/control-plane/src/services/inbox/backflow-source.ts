import type { InboxEntry } from '@catalyst/model/api/people.ts';
import { authorize } from '@catalyst/model/authorization.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lanes } from '../promotion/lane.ts';
import type { InboxSource } from './inbox.ts';

/** Changes of a higher Environment that a person can bring to a lower one, or decline. */
export function createBackflowSource(deps: {
  readonly lanes: Pick<Lanes, 'openBackflowOffers'>;
  readonly clock: Clock;
}): InboxSource {
  return async (actor) => {
    const items: InboxEntry[] = [];
    let pending = 0;
    for (const { organization } of actor.memberships) {
      const open = await deps.lanes.openBackflowOffers(organization);
      if (open.more) pending += 1;
      for (const { application, from, to, fingerprint, files, commits, pullRequest } of open.items) {
        const scope = { organization, environment: to };
        if (pullRequest !== undefined || authorize(actor, 'application.write', scope) !== 'allowed') continue;
        const [newest] = commits;
        items.push({
          id: `backflow/${organization}/${application}/${to}/${fingerprint}`,
          kind: 'backflow',
          organization,
          environment: to,
          application,
          title: `${application}: bring a change of ${from} to ${to}`,
          ...(newest ? { by: newest.by } : {}),
          since: newest?.time ?? new Date(deps.clock.now()).toISOString(),
          why: `${from} has a change of ${listWords(files.slice(0, 5))} that ${to} lacks. Bring it there, or decline it with a reason.`,
          path: `/environments/${to}/applications/${application}/lane`,
          may: ['open'],
        });
      }
    }
    return { items, pending };
  };
}
