import { asObject, asString, fieldOf } from '../workload/json-fields.ts';

/** A field of the form of a Blueprint. */
export interface Setting {
  /** Dotted, as `resources.memory`. */
  readonly path: string;
  readonly title?: string;
}

const deepest = 8;
const mostSettings = 2_000;

/** Every field of a configSchema that is no further form of its own; arrays and what is deeper are left out. */
export function settingsOf(configSchema: unknown): readonly Setting[] {
  const found: Setting[] = [];
  const walk = (schema: unknown, path: readonly string[]) => {
    if (path.length > deepest || found.length >= mostSettings) return;
    for (const [name, field] of Object.entries(asObject(fieldOf(schema, 'properties')) ?? {})) {
      const own = [...path, name];
      if (asObject(fieldOf(field, 'properties'))) walk(field, own);
      else {
        const title = asString(fieldOf(field, 'title'));
        found.push({ path: own.join('.'), ...(title === undefined ? {} : { title }) });
      }
    }
  };
  walk(configSchema, []);
  return found.slice(0, mostSettings);
}

const isOneOf = (path: string, ends: readonly string[]) =>
  ends.some((end) => path === end || path.endsWith(`.${end}`));

/**
 * The fields that set something of a workload, by the ends that their names commonly have. Of several, those that name the workload
 * are taken; where none does, and it is not the only workload or they belong to different forms, it cannot be known which ones are
 * meant, and `fitting` says only that there are some.
 */
export function findSettings(
  settings: readonly Setting[],
  ends: readonly string[],
  { workload, alone }: { readonly workload: string | undefined; readonly alone: boolean },
): { readonly named: readonly Setting[]; readonly fitting: boolean } {
  const fitting = settings.filter(({ path }) => isOneOf(path, ends));
  const own = fitting.filter(({ path }) => workload !== undefined && path.split('.').includes(workload));
  if (own.length > 0) return { named: own, fitting: true };
  const top = fitting.filter(({ path }) => ends.includes(path));
  const shared = top.length > 0 ? top : fitting;
  const one = new Set(shared.map(({ path }) => formOf(path, ends))).size === 1;
  return { named: alone && one ? shared : [], fitting: fitting.length > 0 };
}

/** What comes before the end: `web.` of `web.resources.memory`. */
function formOf(path: string, ends: readonly string[]): string {
  const end = ends.find((entry) => path.endsWith(`.${entry}`)) ?? '';
  return path.slice(0, path.length - end.length);
}
