import { IconShieldLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import classes from '../environments/StateBadge.module.css';
import { policyQuery } from './policies-api.ts';

/** Says that only pull requests change an Environment. Nothing where it is not so, or not known. */
export function ProtectedBadge({ environment }: { environment: string }) {
  const { data } = useQuery(policyQuery(environment));
  if (!data?.protected) return null;
  return (
    <span className={classes.badge} data-tone="purple" title="Only pull requests change it.">
      <IconShieldLock size={14} aria-hidden="true" />
      <span>Protected</span>
    </span>
  );
}
