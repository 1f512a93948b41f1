import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { stateLooks } from '../environments/states.ts';
import { CopyLine } from '../feedback/CopyLine.tsx';
import { WhyNotDeployed } from '../inbox/WhyNotDeployed.tsx';
import { Section } from '../layout/Section.tsx';
import { titleOfRole } from '../organizations/roles.ts';
import { formatBytes } from '../plans/quantities.ts';
import { addressOf } from '../pull-requests/pull-request-words.ts';
import { WatchNotice } from '../pull-requests/WatchNotice.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './ApplicationPage.module.css';
import { useApplication } from './ApplicationPage.tsx';
import { PodList } from './PodList.tsx';

/** How the Application is, why, and what belongs to it. */
export function Component() {
  const { view, detail, environment } = useApplication();
  const tone = stateLooks[view.state]?.tone ?? 'grey';
  const to = (name: string) => `/environments/${environment}/applications/${name}`;
  return (
    <>
      <WhyNotDeployed environment={environment} application={view.name} />
      {view.why && (
        <div className={classes.why} data-tone={tone} role="status" aria-live="polite">
          <strong>
            <Sentence text={view.why.message} />
          </strong>
          {view.why.waitingFor && view.why.waitingFor.length > 0 && (
            <div>It waits for {view.why.waitingFor.join(', ')}.</div>
          )}
          {view.why.actor && <div>Who can act: {titleOfRole(view.why.actor)}.</div>}
        </div>
      )}
      {detail.watch && (
        <WatchNotice
          watch={detail.watch}
          saidElsewhere={view.holds?.some(({ reason }) => reason === detail.watch?.message) === true}
          pullRequest={addressOf({
            organization: view.organization,
            application: view.name,
            number: detail.watch.pullRequest,
          })}
        />
      )}
      <div className={classes.columns}>
        <div>
          <Section
            title="Pods"
            flush
            lead={view.pods.desired > 0 ? `${view.pods.ready} of ${view.pods.desired} ready` : undefined}
          >
            <PodList view={view} />
          </Section>
          <Section
            title="Repository"
            lead="Everything about this Application is a file here. A push has the same effect as this console."
          >
            <Stack gap="xs">
              <CopyLine value={`git clone ${detail.repository.cloneUrl}`} label="clone command" />
              <Text size="sm" c="dimmed">
                The branch <span className="mono">{detail.repository.branch}</span> is what runs in{' '}
                {environment}. As password, use an{' '}
                <Anchor component={Link} to="/tokens" inherit>
                  access token
                </Anchor>
                .
              </Text>
            </Stack>
          </Section>
        </div>
        <aside className={classes.facts} aria-label="Facts">
          {view.url && (
            <Fact name="Address">
              <Anchor href={view.url} target="_blank" rel="noreferrer noopener" inherit>
                {view.url.replace(/^https?:\/\//, '')}
              </Anchor>
            </Fact>
          )}
          {view.lastChange && (
            <Fact name="Last change">
              {view.lastChange.message}
              <Text size="sm" c="dimmed">
                {view.lastChange.by}, by {surfaceOf(view.lastChange.surface)},{' '}
                <RelativeTime at={view.lastChange.at} />
              </Text>
            </Fact>
          )}
          <Fact name="Revision">
            <span className="mono">{view.revision.slice(0, 10)}</span>
            {view.appliedRevision && view.appliedRevision !== view.revision && (
              <Text size="sm" c="dimmed">
                applied: <span className="mono">{view.appliedRevision.slice(0, 10)}</span>
              </Text>
            )}
          </Fact>
          {view.dependencies.length > 0 && (
            <Fact name="Uses">
              {view.dependencies.map((entry) => (
                <div key={entry.alias}>
                  <Anchor component={Link} to={to(entry.application)} inherit>
                    {entry.application}
                  </Anchor>{' '}
                  <Text span size="sm" c="dimmed">
                    as {entry.alias}
                  </Text>
                </div>
              ))}
            </Fact>
          )}
          {view.usedBy.length > 0 && (
            <Fact name="Used by">
              {view.usedBy.map((name) => (
                <div key={name}>
                  <Anchor component={Link} to={to(name)} inherit>
                    {name}
                  </Anchor>
                </div>
              ))}
            </Fact>
          )}
          {detail.volumes.length > 0 && (
            <Fact name="Data volumes">
              {detail.volumes.map((volume) => (
                <div key={volume.claim}>
                  <span className="mono">{volume.claim}</span>{' '}
                  <Text span size="sm" c="dimmed">
                    {formatBytes(volume.sizeBytes)}
                    {volume.requestedBytes > 0 ? ` of ${formatBytes(volume.requestedBytes)}` : ''}
                  </Text>
                </div>
              ))}
            </Fact>
          )}
          {view.notEnforced.length > 0 && (
            <Fact name="Accepted, not enforced here">
              <Text size="sm" c="dimmed">
                One machine has no counterpart for these. On Kubernetes they hold.
              </Text>
              {view.notEnforced.map((object) => (
                <div key={object} className="mono">
                  {object}
                </div>
              ))}
            </Fact>
          )}
        </aside>
      </div>
    </>
  );
}

function surfaceOf(surface: string): string {
  return { console: 'console', git: 'git push', api: 'API', system: 'Catalyst' }[surface] ?? surface;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550} mb={2}>
        {name}
      </Text>
      <div>{children}</div>
    </div>
  );
}
