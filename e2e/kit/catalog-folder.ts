import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sovereign } from './sovereign.ts';

const webApp = join(import.meta.dirname, '../../platform/web-app');

/** A Blueprint of the Sovereign's own catalog, made of `bp-web-app`. */
export interface TestBlueprint {
  /** `bp-<name>` */
  readonly name: string;
  readonly version: string;
  /** YAML below `spec`, as `upgrades: {from: ["1.0.x"]}`. */
  readonly spec?: string;
  /** Changes the text of each template. */
  readonly edit?: (template: string) => string;
}

/** Puts one version into the catalog folder of a Sovereign; a running one finds it by itself. Returns the folder. */
export function putBlueprint(
  sovereign: Pick<Sovereign, 'dataDirectory'>,
  { name, version, spec, edit = (text) => text }: TestBlueprint,
): string {
  const catalog = join(sovereign.dataDirectory, 'blueprints');
  const folder = join(catalog, `${name}-${version}`);
  mkdirSync(catalog, { recursive: true });
  cpSync(webApp, folder, { recursive: true });
  change(join(folder, 'chart/Chart.yaml'), (text) =>
    text.replaceAll('bp-web-app', name).replace(/^version: .*$/m, `version: ${version}`),
  );
  const templates = join(folder, 'chart/templates');
  for (const file of readdirSync(templates)) change(join(templates, file), edit);
  change(join(folder, 'blueprint.yaml'), (text) => {
    const named = text.replaceAll('bp-web-app', name).replace(/^ {2}version: .*$/m, `  version: ${version}`);
    return `${named.trimEnd()}\n${spec === undefined ? '' : `  ${spec}\n`}`;
  });
  return folder;
}

function change(path: string, edit: (text: string) => string): void {
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}
