import { extname, join } from 'node:path';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { readRegularFile } from './read-folder.ts';

const maxIconBytes = 64 * 1024;
const mediaTypes: Record<string, string> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
};
const activeSvg =
  /<!doctype|<!entity|<script|<foreignobject|<iframe|\bon[a-z]+\s*=|javascript:|(?:href|src)\s*=\s*["'](?!#)/i;

/**
 * The icon of a card as a `data:` URL for an image element; undefined without one. An SVG with scripts, handlers or outside
 * references is refused: it would do nothing in an image, and something where a person opens it.
 */
export async function readIcon(
  directory: string,
  path: string | undefined,
): Promise<Result<string | undefined>> {
  if (path === undefined) return ok(undefined);
  const field = 'spec.card.icon';
  const refuse = (message: string) =>
    refused({ code: 'InvalidIcon', file: 'blueprint.yaml', field, message });
  const mediaType = mediaTypes[extname(path).toLowerCase()];
  if (!/^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$/.test(path) || mediaType === undefined)
    return refuse('Must be a path below this folder to an svg, png, webp or jpg file.');
  const bytes = await readRegularFile(join(directory, path), maxIconBytes);
  if (bytes === undefined) return refuse(`There is no file ${path}.`);
  if (mediaType === 'image/svg+xml' && activeSvg.test(bytes.toString('utf8')))
    return refuse('The picture holds scripts or references to other files. Use plain shapes.');
  return ok(`data:${mediaType};base64,${bytes.toString('base64')}`);
}
