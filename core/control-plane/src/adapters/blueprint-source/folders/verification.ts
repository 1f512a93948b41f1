import { isComposite } from '@catalyst/model/blueprint/composite.ts';
import { CatalystError, type Problem } from '@catalyst/model/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { ChartRender, Renderer } from '../../../ports/renderer.ts';
import type { Publication, Publications } from './publications.ts';

/**
 * What the default render of a publication and of its binding chart says: problems that forbid to list it, or none. The answer is
 * kept on disk by digest. A composite renders nothing of its own. Undefined when it cannot be told now, because the renderer is not available.
 */
export async function verifyPublication(
  publication: Publication,
  deps: { readonly renderer: Renderer; readonly publications: Publications; readonly logger: Logger },
): Promise<readonly Problem[] | undefined> {
  if (isComposite(publication.blueprint)) return [];
  const known = await deps.publications.verdict(publication.digest);
  if (known !== undefined && known.binding === publication.bindingArchive?.digest) return known.problems;
  try {
    const problems = await renderProblems(publication, deps.renderer);
    await deps.publications.saveVerdict(publication.digest, {
      problems,
      binding: publication.bindingArchive?.digest,
    });
    return problems;
  } catch (error) {
    const code = error instanceof CatalystError ? error.code : 'Internal';
    const message = error instanceof Error ? error.message : String(error);
    deps.logger.warn(
      { blueprint: publication.blueprint.metadata.name, code, reason: message },
      'A Blueprint could not be verified now',
    );
    return undefined;
  }
}

async function renderProblems(publication: Publication, renderer: Renderer): Promise<readonly Problem[]> {
  const name = publication.blueprint.metadata.name;
  const release = { name: name.slice(0, 40), namespace: name.slice(0, 40) };
  const charts: { what: string; chart: ChartRender['chart']; mayBeEmpty: boolean }[] = [
    {
      what: 'chart',
      chart: { digest: publication.digest, archive: publication.archive },
      mayBeEmpty: publication.emptyByDefault,
    },
    ...(publication.bindingArchive === undefined
      ? []
      : [{ what: 'binding', chart: publication.bindingArchive, mayBeEmpty: false }]),
  ];
  const problems: Problem[] = [];
  for (const { what, chart, mayBeEmpty } of charts) {
    const result = await renderer.verify({ chart, release, values: {} });
    if (!result.ok) problems.push(...result.problems.map((problem) => ({ file: what, ...problem })));
    else if (result.value.length === 0 && !mayBeEmpty)
      problems.push({
        code: 'EmptyRender',
        file: what,
        message:
          'The chart renders to nothing with its defaults. Annotate catalyst.openova.io/smoke-render-mode: "default-off" where that is meant.',
      });
  }
  return problems;
}
