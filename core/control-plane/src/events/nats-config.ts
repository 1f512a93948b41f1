/** What the configuration file of the server depends on. */
export interface NatsConfig {
  readonly serverName: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly storeDirectory: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** As `nats-server --version` says, for example `2.9.10`. */
  readonly version: string;
}

/** Whether a version is at least `major.minor`. Anything that is no version is taken for the oldest. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const found = /^v?(\d+)\.(\d+)\./.exec(version);
  if (!found) return false;
  const [has, hasMinor] = [Number(found[1]), Number(found[2])];
  return has > major || (has === major && hasMinor >= minor);
}

/**
 * Text of the configuration file. It listens on loopback only, with a password that nobody else can read, without monitoring
 * port. `sync_interval` exists from 2.10 only; older servers sync every two minutes, and what that may lose is made good by
 * the `installations` table and the Git heads (see README.md).
 */
export function toNatsConfig(config: NatsConfig): string {
  const text = (value: string) => JSON.stringify(value);
  return `${[
    `server_name: ${text(config.serverName)}`,
    `listen: ${text(`127.0.0.1:${config.port}`)}`,
    `pid_file: ${text(config.pidFile)}`,
    `log_file: ${text(config.logFile)}`,
    'logfile_size_limit: 8388608',
    'max_payload: 1048576',
    'max_connections: 64',
    'write_deadline: "10s"',
    `authorization { user: ${text(config.user)}, password: ${text(config.password)}, timeout: 5 }`,
    'jetstream {',
    `  store_dir: ${text(config.storeDirectory)}`,
    '  max_memory_store: 16777216',
    '  max_file_store: 4294967296',
    ...(isAtLeast(config.version, 2, 10) ? ['  sync_interval: "10s"'] : []),
    '}',
  ].join('\n')}\n`;
}
