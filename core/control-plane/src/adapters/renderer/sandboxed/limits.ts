const mb = 1024 * 1024;

/** Bounds of a render (design.md section 6). Bytes, counts and milliseconds. */
export const limits = {
  timeMs: 10_000,
  cpuSeconds: 10,
  /** Go reserves more than a gigabyte of addresses before it does anything. */
  addressSpaceBytes: 2048 * mb,
  processes: 64,
  openFiles: 256,
  outputBytes: 16 * mb,
  stderrBytes: 64 * 1024,
  temporaryBytes: 16 * mb,
  inputFiles: 2000,
  inputFileBytes: mb,
  inputTotalBytes: 32 * mb,
  pathLength: 512,
  pathDepth: 30,
  aliasNodes: 10_000,
  yamlDepth: 64,
  objects: 2000,
  documentBytes: mb,
  archiveBytes: 8 * mb,
  archiveEntries: 5000,
  archiveNesting: 5,
  valuesBytes: mb,
} as const;
