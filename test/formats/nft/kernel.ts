import { spawnSync } from 'node:child_process';
import { orRequired } from '../../support/required.ts';

/** Whether rulesets can be loaded here: root, nft and network namespaces. */
export const KERNEL = orRequired(spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']).status === 0);

/** The program that runs in a network namespace of its own, with a text on its standard input. */
export function inNamespace(
  script: string,
  input: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  return spawnSync('unshare', ['-n', 'sh', '-c', script], options);
}

/** What varies from one listing of the same ruleset to the next: versions and times that run out. */
export function steady(listing: string): string {
  return listing
    .replace(/"metainfo": \{[^}]*\}/, '"metainfo": {"json_schema_version": 1}')
    .replaceAll(/, "expires": \d+/g, '')
    .replaceAll(/ expires [0-9a-z]+/g, '');
}
