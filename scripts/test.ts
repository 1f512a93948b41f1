import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * Runs the static checks and every test, and ends with the line `N passed, N failed`.
 * An argument selects checks and test files whose name contains it. A run that selects nothing fails.
 */

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  tests: number;
  /** Seconds of each test file. */
  readonly seconds: Map<string, number>;
}

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

interface Suite {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly timeoutMs: number;
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
    else counts.failed += 1;
  }
}

/** A file that executed nothing is reported by Node as one passed test of its own name. */
function isEmptyFile(
  event: { name: string; nesting: number; file?: string },
  files: ReadonlySet<string>,
): boolean {
  return event.nesting === 0 && (files.has(event.name) || files.has(join(root, event.name)));
}

function failedBySubtests(error: object): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

async function runSuite(suite: Suite, counts: Counts): Promise<void> {
  if (suite.files.length === 0) return;
  const files = new Set(suite.files);
  const stream = run({
    files: [...suite.files],
    concurrency: suite.concurrency,
    timeout: suite.timeoutMs,
    cwd: root,
  });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isEmptyFile(event, files)) return;
    if (event.skip !== undefined || event.todo !== undefined) counts.skipped += 1;
    else {
      counts.passed += 1;
      counts.tests += 1;
    }
  });
  stream.on('test:fail', (event) => {
    if (event.todo !== undefined) counts.skipped += 1;
    // A suite fails with its tests; it counts by itself only when its own hooks failed.
    else if (event.details.type !== 'suite' || !failedBySubtests(event.details.error)) {
      counts.failed += 1;
      counts.tests += 1;
    }
  });
  stream.on('test:summary', ({ file, duration_ms }) => {
    if (file !== undefined) counts.seconds.set(relative(root, file), duration_ms / 1000);
  });
  const reporter = stream.compose(spec);
  reporter.pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => {
    reporter.once('end', resolve);
    reporter.once('error', reject);
  });
}

function findTests(pattern: string, selected: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
    .filter((file) => file.includes(selected))
    .sort()
    .map((file) => join(root, file));
}

async function main(selected: string): Promise<void> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, tests: 0, seconds: new Map() };
  const chosenChecks = checks.filter((check) => check.name.includes(selected));
  const unit = findTests('{core,scripts,bench}/**/*.test.ts', selected);
  const endToEnd = findTests('e2e/**/*.test.ts', selected);
  await runChecks(chosenChecks, counts);
  await runSuite({ files: unit, concurrency: 2, timeoutMs: 300_000 }, counts);
  // Whole systems share ports, networks and the packet filter: one at a time.
  await runSuite({ files: endToEnd, concurrency: 1, timeoutMs: 1_200_000 }, counts);
  if (counts.tests === 0 && (unit.length + endToEnd.length > 0 || chosenChecks.length === 0)) {
    console.error(selected === '' ? 'No test was executed.' : `No test was executed for "${selected}".`);
    counts.failed += 1;
  }
  const slowest = [...counts.seconds].sort(([, left], [, right]) => right - left).slice(0, 10);
  if (slowest.length > 1) {
    console.log(`Slowest of ${counts.seconds.size} test files:`);
    for (const [file, seconds] of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped or to do`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

await main(process.argv[2] ?? '');
