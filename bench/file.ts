import { readFileSync } from 'node:fs';
import { runOnce } from './measure.ts';
import { measureSide, type Plan, type Side } from './side.ts';
import { figureCells, markdown, megabytes, seconds, thousands, times } from './table.ts';

/** Seconds that the peer may take to say whether it takes the file. */
const LIMIT = 60;

/** Somebody's own config, measured. */
export interface FileSide {
  readonly side: Side;
  /** The peer's command, without the file. */
  readonly peer: string;
}

/** Measures a config beside the tool that reads such files, where that takes it. Throws where postern makes no proper report. */
export function measureFile(file: string, plan: Plan): FileSide {
  const text = readFileSync(file, 'utf8');
  const dump = /^\*[a-z]+\r?$/m.test(text);
  const peer = dump ? ['iptables-nft-restore', '--test'] : ['nft', '-c', '-f'];
  const command = [...peer, file];
  const withPeer = plan.withPeer && runOnce(command, plan.folder, LIMIT).status === 0;
  const lines = text.split('\n').filter((line) => line.trim() !== '').length;
  return { side: measureSide(lines, file, command, { ...plan, withPeer }), peer: peer.join(' ') };
}

/** The figures as a table. */
export function fileTable({ side, peer }: FileSide): string {
  const head = ['lines', 'file', 'report', 'findings', 'postern, wall', '(least–greatest)', 'cpu', 'memory'];
  const { postern } = side;
  const cells = [
    thousands(side.rules),
    megabytes(side.fileSize),
    megabytes(side.reportSize),
    thousands(side.findings),
    ...figureCells(postern),
    side.peer === undefined ? 'refuses it' : seconds(side.peer.wall.median),
    times(postern.wall.median / (side.peer?.wall.median ?? Number.NaN)),
    seconds(side.node.wall.median),
  ];
  return markdown([...head, `${peer}, wall`, 'ratio, wall', 'node -e 0'], [cells]);
}
