import type { BlueprintList } from '@catalyst/model/api/blueprints.ts';
import { List, Text } from '@mantine/core';
import classes from './MalformedBlueprints.module.css';

/** Folders of the catalog that should be Blueprints and are not, each with what is wrong; kept out of the way. */
export function MalformedBlueprints({ items }: { items: BlueprintList['malformed'] }) {
  return (
    <details className={classes.box}>
      <summary className={classes.summary}>
        {items.length === 1
          ? 'One Blueprint has an error and is not listed'
          : `${items.length} Blueprints have errors and are not listed`}
      </summary>
      {items.map((item) => (
        <div key={item.name} className={classes.item}>
          <Text fw={600} className="mono">
            {item.name}
          </Text>
          <List size="sm" spacing={2}>
            {item.problems.map((problem) => (
              <List.Item key={`${problem.file ?? ''}${problem.field ?? ''}${problem.message}`}>
                {(problem.file ?? problem.field) && (
                  <Text span inherit c="dimmed" className="mono">
                    {[problem.file, problem.field].filter(Boolean).join(' · ')}:{' '}
                  </Text>
                )}
                {problem.message}
              </List.Item>
            ))}
          </List>
        </div>
      ))}
    </details>
  );
}
