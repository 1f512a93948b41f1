import { loadavg } from 'node:os';
import { measureCharts } from './charts.ts';
import { measureContainers } from './containers.ts';
import { measureFrames } from './frames.ts';
import { measureGit } from './git.ts';
import { measureInstallsAndMemory } from './installs.ts';
import { measureLanes } from './lanes.ts';
import { measurePage } from './page.ts';
import { measurePlans } from './plans.ts';
import { measurePolicies } from './policies.ts';
import { measureProjector } from './projector.ts';
import { measureResolution } from './resolution.ts';
import type { Scale } from './sovereign.ts';
import { measureStart } from './start.ts';
import { measureStream } from './stream.ts';
import { type Figure, toTable } from './table.ts';
import { measureWindows } from './windows.ts';

/** Another topic is another file and another line here. */
const topics: Readonly<Record<string, (scale: Scale) => Promise<Figure[]>>> = {
  start: measureStart,
  git: measureGit,
  projector: measureProjector,
  page: measurePage,
  lanes: measureLanes,
  resolution: measureResolution,
  stream: measureStream,
  frames: measureFrames,
  containers: measureContainers,
  charts: measureCharts,
  plans: measurePlans,
  installs: measureInstallsAndMemory,
  policies: measurePolicies,
  windows: measureWindows,
};

const usage = `usage: ./catalyst bench [--full] [TOPIC…]\ntopics: ${Object.keys(topics).join(', ')}\n`;

const say = (text: string) => void process.stderr.write(`${text}\n`);
const load = () => (loadavg()[0] ?? 0).toFixed(1);

async function measure(names: readonly string[], full: boolean): Promise<boolean> {
  const figures: Figure[] = [];
  const failures: string[] = [];
  const before = load();
  for (const name of names) {
    say(`${name} (load ${load()}) …`);
    try {
      const found = (await topics[name]?.({ full, say: (text) => say(`  ${text}`) })) ?? [];
      figures.push(...found);
      say(toTable(found));
    } catch (error) {
      // What one topic could not measure takes nothing from the others.
      failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      say(failures.at(-1) ?? '');
    }
  }
  process.stdout.write(`\n${toTable(figures)}\n\nLoad average ${before} before, ${load()} after.\n`);
  for (const failure of failures) process.stdout.write(`NOT MEASURED ${failure}\n`);
  return failures.length === 0;
}

const arguments_ = process.argv.slice(2);
const names = arguments_.filter((argument) => argument !== '--full');
if (names.some((name) => !Object.hasOwn(topics, name))) {
  process.stderr.write(usage);
  process.exit(2);
}
const all = names.length === 0 ? Object.keys(topics) : names;
if (!(await measure(all, arguments_.includes('--full')))) process.exitCode = 1;
