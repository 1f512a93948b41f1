import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { List, Title } from '@mantine/core';
import { Section } from '../layout/Section.tsx';
import { DataRisks } from '../plans/DataRisks.tsx';
import planClasses from '../plans/Plan.module.css';
import { PlannedPart } from '../plans/PlannedPart.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';

/** What merging would do, made against the destination as it is now. Files have a place of their own on the page. */
export function ForeseenPlan({ detail }: { detail: PullRequestDetail }) {
  const { plan } = detail;
  if (!plan) return null;
  const { application, consequences, problems } = plan;
  const parts = application ? [{ ...application, files: [] }] : [];
  return (
    <Section title="Plan" lead="What merging it now would do." flush>
      <div className={planClasses.plan}>
        <ProblemList title="This cannot be merged as it is" problems={problems} />
        <DataRisks plan={{ applications: parts }} />
        {consequences.length > 0 && (
          <section aria-label="What happens" className={planClasses.consequences}>
            <Title order={3} mb={6}>
              What happens
            </Title>
            <List spacing={4} size="sm">
              {consequences.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          </section>
        )}
        {parts.map((part) => (
          <PlannedPart key={part.application} part={part} openFiles={false} />
        ))}
      </div>
    </Section>
  );
}
