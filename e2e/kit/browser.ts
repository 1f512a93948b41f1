import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { unwatchedChromium } from './unwatched-chromium.ts';

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
];

/** Where pictures of failures and pages go. */
export const pictures =
  process.env['CATALYST_PICTURES'] ?? join(import.meta.dirname, '../../.cache/pictures');

/** Starts a real Chromium, headless; where bubblewrap works, one that other tests' Pods do not disturb. */
export async function openBrowser(): Promise<Browser> {
  const path = process.env['CATALYST_CHROMIUM'] ?? candidates.find((candidate) => existsSync(candidate));
  if (!path) throw new Error('no Chromium found; ./catalyst test installs one');
  const unwatched = unwatchedChromium(path);
  if (!unwatched) return launch(path);
  const { executable, folder } = unwatched;
  try {
    const browser = await launch(executable);
    browser.once('disconnected', () => rmSync(folder, { recursive: true, force: true }));
    return browser;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(`Chromium watches the network, which may disturb it: ${String(error)}\n`);
    return launch(path);
  }
}

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    // A test file that is told to end ends, with its browser.
    handleSIGTERM: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      // In a container /dev/shm may be too small for several pages.
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A fresh person's browser: no cookies, nothing remembered. */
export async function openContext(
  browser: Browser,
  options: { readonly width?: number; readonly dark?: boolean } = {},
): Promise<BrowserContext> {
  const width = options.width ?? 1440;
  return browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
}

/** Takes a picture for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: false });
}
