import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nftRules, type NftSize } from './generate-nft.ts';
import { measureSide, type Plan, type Side } from './side.ts';
import { markdown, megabytes, seconds, thousands, times } from './table.ts';

/** What issue and README speak of: 10,000 rules and 100 sets of 1,000 elements. */
const SIZE: NftSize = { rules: 10_000, sets: 100, elements: 1000 };

/** Measures the nftables script beside `nft -c -f`, which checks a script against the kernel without loading it (nft(8)). */
export function measureNft(plan: Plan): Side {
  const file = join(plan.folder, 'mix.nft');
  writeFileSync(file, nftRules(SIZE, plan.seed));
  return measureSide(SIZE.rules, file, ['nft', '-c', '-f', file], plan);
}

/** The figures as a table. */
export function nftTable({ rules, fileSize, reportSize, postern, peer, node }: Side): string {
  const head = [
    'rules',
    'sets',
    'file',
    'report',
    'postern, wall',
    'cpu',
    'memory',
    'nft -c -f, wall',
    'cpu',
    'memory',
    'ratio, cpu',
    'node -e 0',
  ];
  const row = [
    thousands(rules),
    `${SIZE.sets} × ${thousands(SIZE.elements)}`,
    megabytes(fileSize),
    megabytes(reportSize),
    seconds(postern.wall.median),
    seconds(postern.cpu.median),
    megabytes(postern.memory.median),
    peer === undefined ? 'not run' : seconds(peer.wall.median),
    peer === undefined ? '–' : seconds(peer.cpu.median),
    peer === undefined ? '–' : megabytes(peer.memory.median),
    times(postern.cpu.median / (peer?.cpu.median || Number.NaN)),
    seconds(node.wall.median),
  ];
  return markdown(head, [row]);
}
