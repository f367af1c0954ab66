import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';

/** What a run has to say of itself. */
export interface RunFigures {
  readonly seed: number;
  readonly seconds: number;
  readonly ruleSets: number;
  readonly packets: number;
  readonly accepted: number;
  readonly open: number;
  readonly disagreements: number;
  /** Rule sets that this kernel would not load, by what the tool said. */
  readonly notLoaded: ReadonlyMap<string, number>;
  /** Listings that nft refuses itself, by what it said; postern was given the text that was loaded. */
  readonly notReadBack: ReadonlyMap<string, number>;
  /** In how many rule sets each construct stood. */
  readonly constructs: ReadonlyMap<string, number>;
}

const READ_BACK = `## Listings that nft itself does not read

Half of the rule sets are read from what nft lists. These listings it refuses, as postern does; postern was given the text
that was loaded.`;

/** docs/conformance.md or docs/conformance-nft.md: the figures of one run. */
export function conformancePage(figures: RunFigures, format: 'iptables' | 'nft' = 'iptables'): string {
  const { seed, seconds, ruleSets, packets, accepted, open, disagreements } = figures;
  const share = (part: number) => `${((100 * part) / Math.max(1, packets)).toFixed(1)} %`;
  const constructs = [...figures.constructs].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = (reasons: ReadonlyMap<string, number>): string =>
    [...reasons]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `- ${count}: \`${reason}\``)
      .join('\n') || 'None.';
  const what = format === 'nft' ? ', on nftables' : '';
  const options = format === 'nft' ? ' -- --format nft' : '';
  return `# How far the model agrees with the kernel${what}

Written by \`npm run test:kernel${options}\`; testing.md says how it works. One run:

| | |
| --- | --- |
| rule sets | ${ruleSets} |
| packets | ${packets} |
| of them accepted | ${accepted} (${share(accepted)}) |
| disagreements, and unexplained \`possible\` answers | ${disagreements} |
| answers that the packet's description leaves open | ${open} (${share(open)}) |
| seconds | ${seconds.toFixed(0)} |
| constructs | ${constructs.length} |
| seed | ${seed} |
| kernel | Linux ${release().replace(/-.*/, '')} |
| tools | ${toolVersions()} |
| processors | ${cpus().length} |

An answer is open where a packet's description does not say enough: which way an established connection's packet
goes, and what the connection's first packet was, for \`${format === 'nft' ? 'ct original ip saddr' : '--ctorigsrc'}\` and its like.

## Constructs, and in how many rule sets each stood

| construct | rule sets |
| --- | --- |
${constructs.map(([name, count]) => `| \`${name}\` | ${count} |`).join('\n')}

## Rule sets that this kernel did not load

${list(figures.notLoaded)}
${format === 'nft' ? `\n${READ_BACK}\n\n${list(figures.notReadBack)}\n` : ''}`;
}

function toolVersions(): string {
  const version = (tool: string, pattern: RegExp) => {
    const { stdout } = { stdout: execFileSync(tool, ['--version'], { encoding: 'utf8' }) };
    return `${tool} ${pattern.exec(stdout)?.[1] ?? '?'}`;
  };
  return [version('iptables', /v([\d.]+)/), version('nft', /v([\d.]+)/), version('ipset', /v([\d.]+)/)].join(
    ', ',
  );
}
