import type { ApplicationView, PodView } from '@catalyst/model/views/application-view.ts';
import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './ApplicationPage.module.css';

/** The Pods of an Application with their containers as observed. */
export function PodList({ view }: { view: ApplicationView }) {
  if (view.instances.length === 0)
    return (
      <EmptyState
        title="No Pods"
        message={
          view.paused
            ? 'The Application is paused. Its data is kept.'
            : view.state === 'Paused'
              ? 'The Application is scaled to zero. Its data is kept.'
              : 'Nothing was started yet. The sentence above says why.'
        }
      />
    );
  return (
    <Stack gap="sm">
      {view.instances.map((pod) => (
        <Pod
          key={pod.name}
          pod={pod}
          path={`/environments/${view.environment}/applications/${view.name}/logs`}
        />
      ))}
    </Stack>
  );
}

function Pod({ pod, path }: { pod: PodView; path: string }) {
  return (
    <article className={classes.pod} aria-label={pod.name}>
      <div className={classes.podHead}>
        <div className={classes.podName}>
          <Text fw={570} className="mono">
            {pod.name}
          </Text>
        </div>
        <Text size="sm" className={pod.ready ? classes.good : classes.note}>
          {pod.ready ? '● ready' : pod.phase}
        </Text>
        <Text size="sm" className={pod.restarts > 0 ? undefined : classes.note}>
          {pod.restarts === 1 ? '1 restart' : `${pod.restarts} restarts`}
        </Text>
        {pod.startedAt && (
          <Text size="sm" className={classes.note}>
            started <RelativeTime at={pod.startedAt} />
          </Text>
        )}
      </div>
      {pod.message && (
        <Text size="sm" mt={6}>
          <Sentence text={pod.message} />
        </Text>
      )}
      <ul className={classes.containers}>
        {pod.containers.map((container) => (
          <Container key={container.name} container={container} pod={pod.name} path={path} />
        ))}
      </ul>
    </article>
  );
}

function Container({
  container,
  pod,
  path,
}: {
  container: PodView['containers'][number];
  pod: string;
  path: string;
}) {
  const query = new URLSearchParams({ pod, container: container.name });
  const failed = container.exitCode !== undefined && container.exitCode !== 0;
  return (
    <li className={classes.container}>
      <strong>{container.name}</strong>
      {container.init && <span className={classes.note}>runs first</span>}
      <span className={failed ? classes.bad : undefined}>
        {container.state}
        {container.reason ? ` (${container.reason})` : ''}
        {container.exitCode !== undefined ? `, exit code ${container.exitCode}` : ''}
      </span>
      {container.lastExitCode !== undefined && (
        <span className={container.lastExitCode === 0 ? classes.note : classes.bad}>
          before: exit code {container.lastExitCode}
          {container.lastReason ? ` (${container.lastReason})` : ''}
        </span>
      )}
      <span className={`${classes.note} mono`}>{container.image}</span>
      <Anchor component={Link} to={`${path}?${query.toString()}`} inherit ml="auto">
        Logs
      </Anchor>
    </li>
  );
}
