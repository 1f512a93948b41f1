import { type EnvType, environmentName, envTypes, parseEnvironmentName } from '@catalyst/model/names.ts';
import { promotesTo } from '@catalyst/model/promotion/order.ts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '../api/use-api.ts';
import { useRights } from '../session/use-rights.ts';

/** Where an Environment promotes to. */
export interface NextEnvironment {
  /** Undefined: it is the last, or that is not known yet. */
  readonly destination: string | undefined;
  readonly may: boolean;
  /** Whether the action is worth showing: the person may, or may change at least what it would come from. */
  readonly shown: boolean;
  /** One sentence, where the person may not. */
  readonly whyNot: string;
}

/** The types of what an Organization has; undefined while that is not known. */
export function useEnvironmentTypes(organization: string): EnvType[] | undefined {
  const { data } = useQuery(queries.environments(organization));
  return data && envTypes.filter((type) => data.items.some(({ envType }) => envType === type));
}

/** The Environment that comes next, and whether the person may promote into it. */
export function useNextEnvironment(environment: string): NextEnvironment {
  const parsed = parseEnvironmentName(environment);
  const organization = parsed?.organization ?? '';
  const present = useEnvironmentTypes(organization);
  const { mayChange } = useRights();
  const next = present && parsed && promotesTo(present, parsed.envType);
  const destination = next && environmentName(organization, next);
  const may = destination !== undefined && mayChange(destination);
  const shown = destination !== undefined && (may || mayChange(environment));
  // The same as long as it says the same: every card of a page has it.
  return useMemo(
    () => ({
      destination,
      may,
      shown,
      whyNot: may ? '' : `Promoting into ${destination} needs the role Developer or Administrator there.`,
    }),
    [destination, may, shown],
  );
}
