import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { Command } from './configuration.ts';
import { lockFolder, readSettings, type Settings, writeSettings } from './data-folder.ts';
import { isEntryProxyRunning } from './entry-proxy-process.ts';
import { describeListener, findFreePort, isFree } from './port.ts';

/** A data folder that this process holds, with its settings and where things lie. */
export interface SovereignFolder {
  readonly settings: Settings;
  readonly directory: string;
  /** Short, for sockets and process files; gone after a reboot. */
  readonly runDirectory: string;
  readonly release: () => void;
}

/** Sockets and process files of a Sovereign; socket paths may have 107 characters at most. */
export function runDirectoryOf(sovereignId: string): string {
  return `/run/catalyst-${sovereignId}`;
}

/** Path below the data folder. */
export function dataPath(folder: SovereignFolder, ...parts: readonly string[]): string {
  return join(folder.directory, ...parts);
}

async function chooseSettings(command: Command): Promise<Settings> {
  const { host } = command;
  if (command.port !== undefined && !(await isFree(host, command.port)))
    throw new CatalystError(
      'PortTaken',
      `Port ${command.port} is taken by ${describeListener(command.port)}. Choose another with --port.`,
    );
  return {
    sovereignId: randomBytes(4).toString('hex'),
    port: command.port ?? (await findFreePort(host)),
    host,
    createdAt: new Date().toISOString(),
  };
}

/**
 * Takes the data folder for this process and settles its port: chosen at the first start, kept for good. Throws `Held`,
 * `PortTaken` or `PortKept`, each saying by whom and what to do.
 */
export async function openFolder(command: Command): Promise<SovereignFolder> {
  const directory = command.dataDirectory;
  const release = lockFolder(directory, new Date());
  try {
    const known = readSettings(directory);
    const settings = known ?? (await chooseSettings(command));
    if (!known) writeSettings(directory, settings);
    if (command.port !== undefined && command.port !== settings.port)
      throw new CatalystError(
        'PortKept',
        `This Sovereign keeps port ${settings.port}, because it is part of saved addresses; --port ${command.port} would break them. Leave --port out, or use another data folder.`,
      );
    const runDirectory = runDirectoryOf(settings.sovereignId);
    mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
    if (!isEntryProxyRunning(runDirectory) && !(await isFree(settings.host, settings.port)))
      throw new CatalystError(
        'PortTaken',
        `Port ${settings.port} is taken by ${describeListener(settings.port)}. This Sovereign keeps its port, because it is part of saved addresses: stop what has it, and run ./catalyst up again.`,
      );
    return { settings, directory, runDirectory, release };
  } catch (error) {
    release();
    throw error;
  }
}
