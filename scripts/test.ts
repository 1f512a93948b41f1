import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';

/**
 * Runs the static checks and every test, and ends with the line `N passed, N failed`.
 * An argument selects checks and test files whose name contains it. A run that selects nothing fails.
 */

interface Failure {
  /** The check, or file and name of the test. */
  readonly name: string;
  /** What was thrown; nothing where the check printed it. */
  readonly why: string;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  readonly failures: Failure[];
  /** Seconds of each test file. */
  readonly seconds: Map<string, number>;
}

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

/** Tests that have a set of lanes, of which `atOnce` may be in use while others have something to do as well. */
interface Kind {
  readonly atOnce: number;
  /** A file that takes longer is stopped. */
  readonly timeoutMs: number;
  /** Still to do, in order. */
  readonly files: string[];
  running: number;
}

const root = join(import.meta.dirname, '..');
const checks: readonly Check[] = [
  { name: 'format and lint', command: ['@biomejs/biome/bin/biome', 'check', '.'] },
  { name: 'types', command: ['typescript/bin/tsc', '-p', '.'] },
  { name: 'console types', command: ['typescript/bin/tsc', '-p', 'core/console'] },
  {
    name: 'layers',
    command: [
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      ...['core', 'e2e', 'bench', 'scripts'].filter(
        (folder) => globSync(`${folder}/**/*.ts`, { cwd: root }).length > 0,
      ),
    ],
  },
  { name: 'dead code', command: ['knip/bin/knip.js'] },
];
const explainedLines = 30;

/** Test files that take a minute and more, slowest first. */
const longest: readonly string[] = [
  'e2e/durability.test.ts',
  'e2e/canary.test.ts',
  'e2e/console-journey.test.ts',
  'e2e/surface-equality.test.ts',
  'e2e/console-reviews.test.ts',
  'e2e/console-promotion.test.ts',
  'e2e/automatic.test.ts',
  'e2e/bad-surroundings.test.ts',
  'core/control-plane/src/services/promotion/races.test.ts',
  'e2e/console.test.ts',
  'e2e/killed-start.test.ts',
];

/** Resolves to the exit code of a check; what it prints goes to the terminal. */
function runCheck(check: Check): Promise<number> {
  const [script, ...parameters] = check.command;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script ?? ''), ...parameters], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function runChecks(selected: readonly Check[], counts: Counts): Promise<void> {
  for (const check of selected) {
    const started = performance.now();
    const code = await runCheck(check);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✔' : '✖'} ${check.name} (${seconds} s)`);
    if (code === 0) counts.passed += 1;
    else {
      counts.failed += 1;
      counts.failures.push({ name: check.name, why: '' });
    }
  }
}

/** A file that executed nothing is reported by Node as one passed test of its own name. */
function isEmptyFile(event: { name: string; nesting: number }, file: string): boolean {
  return event.nesting === 0 && (event.name === file || join(root, event.name) === file);
}

function failedBySubtests(error: object): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

/** What a test threw, with its causes, in a few lines: it stands again below everything, where it is looked for first. */
function explain(error: Error): string {
  const lines = inspect(error.cause ?? error, { depth: 3, maxStringLength: 2_000 }).split('\n');
  const shown = lines.slice(0, explainedLines).map((line) => `    ${line}`);
  if (lines.length > explainedLines) shown.push('    …');
  return shown.join('\n');
}

/** Runs one file in a process of its own; what it prints comes out whole when it ends. */
async function runFile(file: string, timeoutMs: number, counts: Counts): Promise<void> {
  const started = performance.now();
  const name = relative(root, file);
  // The time of each test, and that of the file: one whose tests are over may still wait for something that nobody ended.
  const signal = AbortSignal.timeout(timeoutMs);
  const stream = run({ files: [file], concurrency: 1, timeout: timeoutMs, signal, cwd: root });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isEmptyFile(event, file)) return;
    if (event.skip !== undefined || event.todo !== undefined) counts.skipped += 1;
    else counts.passed += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.todo !== undefined) counts.skipped += 1;
    // A suite fails with its tests; it counts by itself only when its own hooks failed.
    else if (event.details.type !== 'suite' || !failedBySubtests(event.details.error)) {
      counts.failed += 1;
      counts.failures.push({ name: `${name}: ${event.name}`, why: explain(event.details.error) });
    }
  });
  const printed = await text(stream.compose(spec));
  const seconds = (performance.now() - started) / 1000;
  counts.seconds.set(name, seconds);
  process.stdout.write(`\n${name} (${seconds.toFixed(1)} s)\n${withoutSummary(printed)}`);
}

/** The totals of one file say nothing that the last line does not. */
function withoutSummary(printed: string): string {
  return printed.replaceAll(
    /^(?:\S*)ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n?/gm,
    '',
  );
}

/** A kind that may begin something now: the first one that is not in use enough, else any that has files left. */
function nextKind(kinds: readonly Kind[]): Kind | undefined {
  const waiting = kinds.filter(({ files }) => files.length > 0);
  return waiting.find(({ running, atOnce }) => running < atOnce) ?? waiting[0];
}

/** Runs all files on so many lanes: tests of whole systems wait a good deal, and the others fill the processors meanwhile. */
async function runFiles(kinds: readonly Kind[], lanes: number, counts: Counts): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let kind = nextKind(kinds); kind; kind = nextKind(kinds)) {
      const file = kind.files.shift() ?? '';
      kind.running += 1;
      await runFile(file, kind.timeoutMs, counts);
      kind.running -= 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function findTests(pattern: string, selected: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
    .filter((file) => file.includes(selected))
    .sort()
    .map((file) => join(root, file));
}

/** The files that take longest first: one of them alone at the end would leave everything else idle. */
function longestFirst(files: readonly string[]): string[] {
  const rank = (file: string) => {
    const place = longest.indexOf(relative(root, file));
    return place < 0 ? longest.length : place;
  };
  return files.toSorted((left, right) => rank(left) - rank(right));
}

async function main(selected: string): Promise<void> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failures: [], seconds: new Map() };
  const chosenChecks = checks.filter((check) => check.name.includes(selected));
  const parts = longestFirst(findTests('{core,scripts,bench}/**/*.test.ts', selected));
  const systems = longestFirst(findTests('e2e/**/*.test.ts', selected));
  await runChecks(chosenChecks, counts);
  const lanes = availableParallelism() + 1;
  const kinds: Kind[] = [
    { atOnce: lanes - 1, timeoutMs: 1_200_000, files: systems, running: 0 },
    { atOnce: lanes, timeoutMs: 300_000, files: parts, running: 0 },
  ];
  const found = parts.length + systems.length;
  const checked = counts.passed + counts.failed;
  await runFiles(kinds, lanes, counts);
  if (counts.passed + counts.failed === checked && (found > 0 || checked === 0)) {
    console.error(selected === '' ? 'No test was executed.' : `No test was executed for "${selected}".`);
    counts.failed += 1;
  }
  const slowest = [...counts.seconds].sort(([, left], [, right]) => right - left).slice(0, 20);
  if (slowest.length > 1) {
    console.log(`\nSlowest of ${counts.seconds.size} test files:`);
    for (const [file, seconds] of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  }
  if (counts.failures.length > 0) {
    console.log('\nFailed:');
    for (const { name, why } of counts.failures) console.log(why === '' ? `✖ ${name}` : `✖ ${name}\n${why}`);
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped or to do`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  // Not only the exit code: a file that was stopped may have left something that this process waits for.
  process.exit(counts.failed === 0 ? 0 : 1);
}

await main(process.argv[2] ?? '');
