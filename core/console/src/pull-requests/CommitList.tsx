import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import historyClasses from '../history/History.module.css';
import { readMessage } from '../history/read-message.ts';
import { Section } from '../layout/Section.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './PullRequests.module.css';
import { shortRevision } from './pull-request-words.ts';

/** The commits that it carries; who pushed each stands beside the author that Git names. */
export function CommitList({ detail: { commits } }: { detail: PullRequestDetail }) {
  if (commits.length === 0) return null;
  return (
    <Section title={`Commits (${commits.length})`}>
      <ol className={`${historyClasses.list} ${classes.commits}`}>
        {commits.map((commit) => {
          const { subject, body } = readMessage(commit.message);
          return (
            <li key={commit.revision} className={historyClasses.commit}>
              <span className={historyClasses.mark} aria-hidden="true" />
              <div className={historyClasses.words}>
                <div className={historyClasses.subject}>{subject}</div>
                {body !== '' && <div className={historyClasses.body}>{body}</div>}
                <div className={historyClasses.meta}>
                  <span>{commit.pusher ? `pushed by ${commit.pusher}` : 'pushed by nobody known'}</span>
                  <span title="Whatever the client of the author wrote; nobody checks it.">
                    author in Git: {commit.author.name}
                  </span>
                  <RelativeTime at={commit.time} />
                </div>
              </div>
              <code title={commit.revision} className={historyClasses.revision}>
                {shortRevision(commit.revision)}
              </code>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
