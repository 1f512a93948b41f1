import { codeownersPath, writeCodeowners } from '@catalyst/model/application-repository/write-files.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { ProposedUpdate, TreeFile } from '../../ports/repositories.ts';

/** 40 zeros. */
export const noRevision = /^0+$/;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What `base/` and `overlays/` of a revision hold, as bytes and, where it is text, as text. */
export interface Tree {
  readonly bytes: Map<string, Uint8Array>;
  readonly texts: Record<string, string>;
}

const mb = 1024 * 1024;
/** Bounds of `base/` and `overlays/` together: what a render takes, and YAML that is judged in a second or two. */
const most = { files: 2_000, bytes: 32 * mb, yamlBytes: 2 * mb };

/** What is too much of all files together, by their sizes alone. */
function findExcess(files: readonly TreeFile[]): Problem[] {
  const size = (some: readonly TreeFile[]) => some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const refuse = (message: string): Problem[] => [{ code: codes.TooLarge, message }];
  if (files.length > most.files) return refuse(`base/ and overlays/ hold more than ${most.files} files.`);
  if (size(files) > most.bytes)
    return refuse(`base/ and overlays/ hold more than ${most.bytes / mb} MB together.`);
  if (size(files.filter(({ path }) => isYaml(path))) > most.yamlBytes)
    return refuse(`base/ and overlays/ hold more than ${most.yamlBytes / mb} MB of YAML together.`);
  return [];
}

const isContent = (path: string) => /^(?:base|overlays)\//.test(path);
const isYaml = (path: string) => /\.ya?ml$/.test(path);

/** Reads a proposed revision; symbolic links, submodules, files over 1 MB, too much together and YAML that is no text are refused. */
export async function readTree(update: ProposedUpdate): Promise<Result<Tree>> {
  const bytes = new Map<string, Uint8Array>();
  const texts: Record<string, string> = {};
  const problems: Problem[] = [];
  const files = await update.files();
  const excess = findExcess(files.filter(({ path }) => isContent(path)));
  if (excess.length > 0) return refused(...excess);
  for (const file of files) {
    if (file.mode === '120000')
      problems.push({ code: 'Symlink', file: file.path, message: 'Symbolic links are not accepted.' });
    else if (file.mode === '160000')
      problems.push({ code: 'Submodule', file: file.path, message: 'Submodules are not accepted.' });
    else if (!isContent(file.path)) continue;
    else if (file.sizeBytes > mb)
      problems.push({ code: codes.TooLarge, file: file.path, message: 'The file is larger than 1 MB.' });
    else {
      const content = await update.read(file.path);
      if (!content) continue;
      bytes.set(file.path, content);
      try {
        texts[file.path] = decoder.decode(content);
      } catch {
        if (isYaml(file.path))
          problems.push({ code: 'InvalidYaml', file: file.path, message: 'The file is not UTF-8 text.' });
      }
    }
  }
  return problems.length > 0 ? refused(...problems.slice(0, 20)) : ok({ bytes, texts });
}

/**
 * Every repository begins with a commit on each branch that names the code owners and installs nothing; who makes the repository
 * need not have a right to those other Environments.
 */
export async function isFirstCommit(update: ProposedUpdate): Promise<boolean> {
  if (!noRevision.test(update.oldRevision)) return false;
  const [file, ...more] = await update.files();
  if (file?.path !== codeownersPath || file.mode !== '100644' || more.length > 0) return false;
  const text = new TextDecoder().decode(await update.read(file.path));
  return text === writeCodeowners(update.repository.organization);
}
