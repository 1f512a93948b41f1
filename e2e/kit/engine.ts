import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A container as the engine tells it, apart from everything that Catalyst says. */
export interface SeenContainer {
  readonly id: string;
  readonly name: string;
  readonly application: string;
  /** Empty for the sandbox of a Pod. */
  readonly container: string;
  readonly state: string;
  readonly startedAt: number;
}

const prefix = 'io.openova.catalyst.';

/** Every container of a Sovereign, sorted by name. */
export async function containersOf(sovereignId: string): Promise<SeenContainer[]> {
  const { stdout } = await promisify(execFile)(
    'podman',
    ['ps', '--all', '--format', 'json', '--filter', `label=${prefix}sovereign=${sovereignId}`],
    { maxBuffer: 64 * 1024 ** 2 },
  );
  const rows = JSON.parse(stdout) as {
    Id: string;
    Names: string[];
    State: string;
    StartedAt: number;
    Labels: Record<string, string>;
  }[];
  return rows
    .map((row) => ({
      id: row.Id,
      name: row.Names[0] ?? '',
      application: row.Labels[`${prefix}application`] ?? '',
      container: row.Labels[`${prefix}container`] ?? '',
      state: row.State,
      startedAt: row.StartedAt,
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
