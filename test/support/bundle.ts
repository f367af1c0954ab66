import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { bundle } from '../../scripts/build.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bundle made for this run; empty where the build failed. */
    bundle: string;
  }
}

/** Bundles postern once for each test run, into a folder of its own, so that runs side by side don't meet. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
