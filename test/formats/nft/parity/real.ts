import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nftReader } from '../../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../../src/text/source.ts';

/** What was said of a script: nothing where it was accepted. */
export type Refusal = string | undefined;

/** What `nft -c -f` says of each script, all in one network namespace, with nothing loaded. */
export function realRefusals(scripts: readonly string[]): readonly Refusal[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-parity-'));
  try {
    for (const [at, script] of scripts.entries()) writeFileSync(join(folder, String(at)), script);
    const loop =
      'for i in $(seq 0 $1); do timeout 5 nft -c -f $i >$i.out 2>&1; s=$?; echo "=$i $s"; head -c 300 $i.out; echo; done';
    const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', loop, 'sh', String(scripts.length - 1)], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    const said = new Map<number, Refusal>();
    for (const part of stdout.split(/^(?==\d+ \d+$)/m)) {
      const found = /^=(\d+) (\d+)\n([\s\S]*)/.exec(part);
      if (found !== null)
        said.set(Number(found[1]), found[2] === '0' ? undefined : (found[3] as string).trim());
    }
    return scripts.map((_, at) => (said.has(at) ? said.get(at) : 'nft did not answer'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What postern says of a script. */
export function ourRefusal(script: string): Refusal {
  const result = nftReader.read(new SourceFile('x.nft', script), 'nft', 'nft');
  if (result.ok) return undefined;
  const [error] = result.errors;
  return `${error?.code}: ${error?.message}${error?.expected === undefined ? '' : `; expected ${error.expected}`}`;
}

/**
 * Refusals that say something of the machine and not of the script: features that a kernel lacks, devices and users that
 * are not there; and what newer versions of nft accept. grammars/nft/README.md lists them.
 */
export function ofTheMachine(refusal: Refusal, script: string): boolean {
  if (refusal === undefined) return false;
  if (/Interface does not exist|User does not exist|Group does not exist|did not answer/.test(refusal))
    return true;
  return (
    /Could not process rule|Operation not supported|No such file/.test(refusal) &&
    /\b(?:queue|flowtable|secmark|ingress|egress|cgroupv2|[io]brname|xt|dup|fwd|devices?)\b/.test(script)
  );
}
