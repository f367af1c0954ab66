import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { bundle } from '../../scripts/build.js';
import { DIGEST_FILE, inputsDigest } from '../../scripts/digest.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bundle made for this run; empty where the build failed. */
    bundle: string;
  }
}

/** What `npm ci` or `npm run build` has made, where it was made of just what is there now. */
function madeBefore(): string | undefined {
  const folder = 'dist';
  try {
    const digest = readFileSync(`${folder}/${DIGEST_FILE}`, 'utf8').trim();
    return digest === inputsDigest() ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Bundles postern once for each test run, into a folder of its own, so that runs side by side don't meet. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const before = madeBefore();
  if (before !== undefined) {
    project.provide('bundle', before);
    return () => Promise.resolve();
  }
  const folder = `dist-test-${process.pid}`;
  try {
    await bundle(folder);
    project.provide('bundle', folder);
  } catch {
    // esbuild has printed why. The command line's tests fail on it; everybody else's can run.
    project.provide('bundle', '');
  }
  return () => rm(folder, { recursive: true, force: true });
}
