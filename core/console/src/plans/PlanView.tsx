import type { Plan } from '@catalyst/model/views/plan.ts';
import { List, Title } from '@mantine/core';
import { DataNotices, DataRisks } from './DataRisks.tsx';
import { GateList } from './GateList.tsx';
import classes from './Plan.module.css';
import { PlannedPart } from './PlannedPart.tsx';
import { PlanPins } from './PlanPins.tsx';
import { ResourceTable } from './ResourceTable.tsx';
import { resourcesOfPlan } from './resource-changes.ts';

/** What will happen, before anything does: consequences in words, then every Application with its objects and files. */
export function PlanView({ plan, openFiles }: { plan: Plan; openFiles?: boolean }) {
  return (
    <div className={classes.plan}>
      <DataRisks plan={plan} />
      {plan.consequences.length > 0 && (
        <section aria-label="What happens" className={classes.consequences}>
          <Title order={3} mb={6}>
            What happens
          </Title>
          <List spacing={4} size="sm">
            {plan.consequences.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        </section>
      )}
      <DataNotices plan={plan} />
      {plan.policy && plan.policy.gates.length > 0 && (
        <section className={classes.part} aria-label="Policy">
          <Title order={3} mb={6}>
            Policy of {plan.environment}
          </Title>
          <GateList gates={plan.policy.gates} />
        </section>
      )}
      {plan.applications.map((part) => (
        <PlannedPart
          key={`${part.application}/${part.alias ?? ''}`}
          part={part}
          openFiles={openFiles === true}
        />
      ))}
      <InAll plan={plan} />
      <PlanPins plan={plan} />
    </div>
  );
}

function InAll({ plan }: { plan: Plan }) {
  const touched = plan.applications.filter((part) => part.change !== 'use');
  if (touched.length < 2) return null;
  const { before, after } = resourcesOfPlan(plan);
  if (after.cpuMillis + after.memoryBytes + after.storageBytes + before.cpuMillis + before.memoryBytes === 0)
    return null;
  return (
    <section className={classes.part} aria-label="Resources in all">
      <Title order={3}>In all</Title>
      <ResourceTable label="Resources in all" before={before} after={after} />
    </section>
  );
}
