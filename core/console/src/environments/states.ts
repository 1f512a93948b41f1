import type { ApplicationState, ApplicationView } from '@catalyst/model/views/application-view.ts';

/** How a state looks and reads. `tone` names a colour of the theme. */
export interface StateLook {
  readonly glyph: string;
  readonly tone: 'green' | 'blue' | 'amber' | 'red' | 'grey' | 'purple';
  readonly meaning: string;
}

/** Every state with its look, in the order in which a page lists them: what needs somebody comes first. */
export const stateLooks: Readonly<Record<ApplicationState, StateLook>> = {
  Failed: { glyph: '◓', tone: 'red', meaning: 'Installing or updating failed.' },
  Degraded: { glyph: '◒', tone: 'amber', meaning: 'Some of it is not healthy.' },
  Waiting: { glyph: '◌', tone: 'amber', meaning: 'It waits for something named.' },
  'Pending approval': { glyph: '◔', tone: 'purple', meaning: 'Somebody must approve it.' },
  Installing: { glyph: '◐', tone: 'blue', meaning: 'It is being installed.' },
  Updating: { glyph: '◑', tone: 'blue', meaning: 'A change is rolling out.' },
  Running: { glyph: '●', tone: 'green', meaning: 'All of it is healthy.' },
  Paused: { glyph: '○', tone: 'grey', meaning: 'Paused by somebody, or scaled to zero; its data is kept.' },
  Unknown: { glyph: '?', tone: 'grey', meaning: 'Nothing was observed yet.' },
};

/** The states in the order of `stateLooks`. */
export const stateOrder = Object.keys(stateLooks) as ApplicationState[];

/** One section of the Environment page. */
export interface StateGroup {
  readonly state: ApplicationState;
  readonly applications: readonly ApplicationView[];
}

/** An Application that stays in the section of a state for now, whatever becomes of it. */
export interface HeldPlace {
  readonly name: string;
  readonly state: ApplicationState;
}

/** Sections of Applications by state in the order of `stateOrder`, by name inside; empty ones are left out. */
export function groupByState(applications: readonly ApplicationView[], held?: HeldPlace): StateGroup[] {
  const placeOf = (item: ApplicationView) => (item.name === held?.name ? held.state : item.state);
  return stateOrder.flatMap((state) => {
    const inState = applications
      .filter((item) => placeOf(item) === state)
      .sort((a, b) => a.name.localeCompare(b.name));
    return inState.length === 0 ? [] : [{ state, applications: inState }];
  });
}

/** Applications that carry every word of the filter in name, display name, Blueprint or state. */
export function filterApplications(
  applications: readonly ApplicationView[],
  filter: string,
): ApplicationView[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return applications.filter((item) => {
    const text = `${item.name} ${item.displayName ?? ''} ${item.blueprint.name} ${item.state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
