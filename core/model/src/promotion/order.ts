import { type EnvType, envTypes } from '../names.ts';

/**
 * The Environment that a promotion leads to: the next one in the order poc, dev, stg, uat, prod that the Organization has
 * (spec/decisions.md). Undefined where there is none.
 */
export function promotesTo(present: readonly EnvType[], from: EnvType): EnvType | undefined {
  return envTypes.slice(envTypes.indexOf(from) + 1).find((envType) => present.includes(envType));
}

/** The Environment that promotions into this one come from; undefined for the first. */
export function promotedFrom(present: readonly EnvType[], to: EnvType): EnvType | undefined {
  return envTypes
    .slice(0, envTypes.indexOf(to))
    .toReversed()
    .find((envType) => present.includes(envType));
}

/** The Environments of an Organization in the order of promotion. */
export function inPromotionOrder(present: readonly EnvType[]): EnvType[] {
  return envTypes.filter((envType) => present.includes(envType));
}
