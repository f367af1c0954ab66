import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { orRequired } from './required.ts';

const TOOLS: readonly (readonly string[])[] = [
  ['iptables-legacy-restore', '--version'],
  ['ip6tables-legacy-restore', '--version'],
  ['iptables-nft-restore', '--version'],
  ['ip6tables-nft-restore', '--version'],
  ['ipset', '--version'],
  ['nft', '--version'],
  ['conntrack', '--version'],
  ['ip', '-V'],
  ['python3', '--version'],
];

/** Why the kernel cannot judge on this machine; undefined where it can. Looked at once: the files of one worker share this. */
export function kernelMissing(): string | undefined {
  asked ??= { missing: lookedFor() };
  return asked.missing;
}

let asked: { readonly missing: string | undefined } | undefined;

function lookedFor(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  for (const [tool, option] of TOOLS)
    if (spawnSync(tool as string, [option as string]).status !== 0) return `no ${tool}`;
  const probe = 'import ctypes,sys; sys.exit(ctypes.CDLL(None).unshare(0x40000000) != 0)';
  if (spawnSync('python3', ['-c', probe]).status !== 0) return 'no network namespaces';
  return undefined;
}

/**
 * Tests that need the kernel: skipped, and named so, where the machine does not allow them; with
 * POSTERN_REQUIRE_KERNEL=1 they run and fail there.
 */
export function describeKernel(name: string, tests: () => void): void {
  const missing = kernelMissing();
  if (orRequired(missing === undefined)) describe(name, tests);
  else describe.skip(`${name} (skipped: ${missing})`, tests);
}
