import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';
import { chromiumPath } from '../../bench/chromium.ts';
import { orRequired } from './required.ts';

/** A headless Chromium. It runs without its sandbox, which root does not get, and sees only pages that tests made. */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('no Chromium on PATH (Debian: apt-get install chromium)');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/**
 * Tests that need Chromium: skipped, and named so, where there is none; with POSTERN_REQUIRE_KERNEL=1, which CI sets where
 * every tool is there, they run and fail.
 */
export function describeBrowser(name: string, tests: () => void): void {
  if (orRequired(chromiumPath() !== undefined)) describe(name, tests);
  else describe.skip(`${name} (skipped: no Chromium)`, tests);
}
