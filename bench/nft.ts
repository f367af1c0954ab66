import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nftRules, type NftSize } from './generate-nft.ts';
import { measureSide, type Plan, type Side } from './side.ts';
import { markdown, megabytes, seconds, thousands, times } from './table.ts';

/** What issue and README speak of: 10,000 rules and 100 sets of 1,000 elements. */
const SIZE: NftSize = { rules: 10_000, sets: 100, elements: 1000, asking: 10, networks: true, lists: true };
/** The same where every rule asks one of the sets, which are of single addresses: the cheapest for nft to check. */
const ASKING: NftSize = { ...SIZE, asking: 100, networks: false };
/** The same where each rule names one port, so that nft makes no set for a rule: the cheapest of all for nft. */
const SINGLE: NftSize = { ...ASKING, lists: false };
const SCRIPTS: readonly NftSize[] = [SIZE, ASKING, SINGLE];

/** Measures the nftables script beside `nft -c -f`, which checks a script against the kernel without loading it (nft(8)). */
export function measureNft(plan: Plan, size: NftSize = SIZE): Side {
  const file = join(plan.folder, `mix-${size.asking}-${size.lists ? 'lists' : 'single'}.nft`);
  writeFileSync(file, nftRules(size, plan.seed));
  return measureSide(size.rules, file, ['nft', '-c', '-f', file], plan);
}

/** All scripts, one after the other. */
export function measureScripts(plan: Plan): readonly Side[] {
  return SCRIPTS.map((size) => measureNft(plan, size));
}

/** The figures of {@link measureScripts} as a table. */
export function nftTable(sides: readonly Side[]): string {
  const head = [
    'rules',
    'ask a set',
    'lists of ports',
    'sets',
    'file',
    'report',
    'postern, wall',
    'cpu',
    'memory',
    'nft -c -f, wall',
    'cpu',
    'memory',
    'ratio, wall',
    'ratio, cpu',
    'node -e 0',
  ];
  return markdown(
    head,
    sides.map((side, at) => rowOf(side, SCRIPTS[at] as NftSize)),
  );
}

function rowOf({ rules, fileSize, reportSize, postern, peer, node }: Side, size: NftSize): string[] {
  return [
    thousands(rules),
    `${size.asking} %`,
    size.lists ? '30 %' : 'none',
    `${size.sets} × ${thousands(size.elements)}`,
    megabytes(fileSize),
    megabytes(reportSize),
    seconds(postern.wall.median),
    seconds(postern.cpu.median),
    megabytes(postern.memory.median),
    peer === undefined ? 'not run' : seconds(peer.wall.median),
    peer === undefined ? '–' : seconds(peer.cpu.median),
    peer === undefined ? '–' : megabytes(peer.memory.median),
    times(postern.wall.median / (peer?.wall.median || Number.NaN)),
    times(postern.cpu.median / (peer?.cpu.median || Number.NaN)),
    seconds(node.wall.median),
  ];
}
