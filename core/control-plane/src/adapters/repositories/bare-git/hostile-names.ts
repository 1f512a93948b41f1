import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';

const repositoryPattern = /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,63}$/;
const revisionPattern = /^[0-9a-f]{40}$/;

/** Branches that realise Environments: they only move forward and are never deleted by a push. */
export const environmentBranches: ReadonlySet<string> = new Set(
  ['develop', 'staging', 'main', 'uat', 'poc'].map((branch) => `refs/heads/${branch}`),
);

/** True for the branch of an Environment, and for what lies below its name: what Git asks `proc-receive` about. */
export function isEnvironmentRef(ref: string): boolean {
  return environmentBranches.has(ref.split('/', 3).join('/'));
}

/** 40 zeros: no revision. */
export const noRevision = '0'.repeat(40);

/** True for names that may become folders. */
export function isRepositoryName(repository: RepositoryName): boolean {
  return repositoryPattern.test(repository.organization) && repositoryPattern.test(repository.name);
}

/** True for a full object name. */
export function isRevision(text: string): boolean {
  return revisionPattern.test(text);
}

/** True for `refs/heads/<name>` and `refs/tags/<name>` by the rules of `git check-ref-format`, and at most 250 bytes. */
export function isAcceptedRef(ref: string): boolean {
  if (!/^refs\/(?:heads|tags)\/[\x21-\x7e]+$/.test(ref) || ref.length > 250) return false;
  if (/\.\.|@\{|[~^:?*[\\]|\/\/|\/$|\.$/.test(ref) || isMistakable(ref)) return false;
  return ref
    .split('/')
    .slice(2)
    .every(
      (part) => !part.startsWith('.') && !part.startsWith('-') && !part.endsWith('.lock') && part !== '@',
    );
}

/** Names with which every clone would mistake the ref for another one, or for the branch of an Environment. */
function isMistakable(ref: string): boolean {
  const [, kind, ...parts] = ref.split('/');
  const [first = ''] = parts;
  if (first === 'HEAD' || first === 'refs' || first === 'heads') return true;
  const branch = `refs/heads/${first.toLowerCase()}`;
  return environmentBranches.has(branch) && (kind === 'tags' || branch !== `refs/heads/${first}`);
}

/** Problems of the names in a tree: what no file system of a reader would survive, and names that would be one on another. */
export function checkPaths(paths: Iterable<string>): Problem[] {
  const problems: Problem[] = [];
  const folded = new Map<string, string>();
  for (const path of paths) {
    const why = whyHostile(path) ?? collision(path, folded);
    if (why)
      problems.push({
        code: codes.Invalid,
        file: printable(path),
        message: `The file name is refused: ${why}.`,
      });
    if (problems.length >= 20) break;
  }
  return problems;
}

/** True for a relative path that names one file of a tree and nothing else, also where Git gives a syntax to it. */
export function isPlainPath(path: string): boolean {
  return whyHostile(path) === undefined;
}

function whyHostile(path: string): string | undefined {
  if (Buffer.byteLength(path) > 1024) return 'it is over 1,024 bytes';
  if (path.includes('\ufffd')) return 'it is no UTF-8 text';
  if (hasControlCharacter(path)) return 'it holds a control character';
  if (path.includes('\\')) return 'it holds a backslash';
  const names = path.split('/');
  if (names.length > 32) return 'it is over 32 folders deep';
  for (const name of names) {
    if (name === '' || name === '.' || name === '..') return 'it is not a plain relative path';
    if (Buffer.byteLength(name) > 255) return 'one of its parts is over 255 bytes';
    if (isGitOnSomeSystem(name)) return '".git" belongs to Git';
    if (/[. ]$/.test(name)) return 'one of its parts ends in a dot or a space';
  }
  return undefined;
}

/** HFS+ passes over invisible letters; NTFS over dots and spaces at the end, and takes a colon for a stream of the file. */
function isGitOnSomeSystem(name: string): boolean {
  const seen = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return /^(?:\.git|git~\d+)[. ]*(?::.*)?$/i.test(seen);
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text);
}

/** Two names that one file system takes for the same, in any of their folders. */
function collision(path: string, folded: Map<string, string>): string | undefined {
  for (let at = path.indexOf('/'); ; at = path.indexOf('/', at + 1)) {
    const prefix = at < 0 ? path : path.slice(0, at);
    const key = prefix.normalize('NFKC').toLowerCase();
    const before = folded.get(key);
    if (before === undefined) folded.set(key, prefix);
    else if (before !== prefix) return `it differs from "${printable(before)}" only in case or Unicode form`;
    if (at < 0) return undefined;
  }
}

/** Text that cannot move a terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?').slice(0, 500);
}

/** How a problem reads on the pusher's terminal: `file: field: message`; further lines of the message are set in. */
export function toTerminalLines(problem: Problem): string[] {
  const [first = '', ...others] = problem.message.split(/\r?\n/);
  const head = [problem.file, problem.field, first].filter(Boolean).join(': ');
  return [head, ...others.map((line) => `  ${line}`)].map(printable);
}
