import { formatAddress } from '../../src/packet/address.ts';
import type { Atom } from './atoms.ts';

/** A rule that takes an atom's packets. */
export interface Line {
  readonly atom: Atom;
  readonly verdict: 'accept' | 'drop';
}

/** How a config is written down. */
export type Writer = (lines: readonly Line[]) => string;

const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };
const CHAINS = { in: 'INPUT', out: 'OUTPUT', loopback: 'INPUT', forward: 'FORWARD' } as const;
type Range = readonly [number, number];
const address = (value: number): string => formatAddress(4, BigInt(value));

/** An `iptables-save` dump that drops everything but replies, `lo` and what the lines accept. */
export const iptables: Writer = (lines) =>
  [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT DROP [0:0]',
    '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-A OUTPUT -o lo -j ACCEPT',
    ...lines.map(iptablesRule),
    'COMMIT',
    '',
  ].join('\n');

function iptablesRule({ atom, verdict }: Line): string {
  const { direction, protocol, source, destination, sourcePort, port } = atom;
  const ranges = [
    ...(source === undefined ? [] : [`--src-range ${source.map(address).join('-')}`]),
    ...(destination === undefined ? [] : [`--dst-range ${destination.map(address).join('-')}`]),
  ];
  const name = PROTOCOLS[protocol] ?? `${protocol}`;
  const ports = [
    ...(sourcePort === undefined ? [] : [`--sport ${sourcePort.join(':')}`]),
    ...(port === undefined ? [] : [`--dport ${port.join(':')}`]),
  ];
  return [
    `-A ${CHAINS[direction]}`,
    ...(direction === 'loopback' ? ['-i lo'] : []),
    ...(ranges.length === 0 ? [] : [`-m iprange ${ranges.join(' ')}`]),
    `-p ${name}`,
    ...(ports.length === 0 ? [] : [`-m ${name} ${ports.join(' ')}`]),
    `-j ${verdict.toUpperCase()}`,
  ].join(' ');
}

/** The same as an `nft list ruleset`, which speaks for IPv6 too: there everything but loopback is dropped. */
export const nftables: Writer = (lines) => {
  const chain = (name: string, rules: readonly string[]): string =>
    [
      `\tchain ${name} {`,
      `\t\ttype filter hook ${name} priority filter; policy drop;`,
      ...rules.map((rule) => `\t\t${rule}`),
      '\t}',
    ].join('\n');
  const replies = 'ct state established accept';
  const of = (...directions: readonly Atom['direction'][]): string[] => [
    replies,
    ...lines.filter(({ atom }) => directions.includes(atom.direction)).map(nftRule),
  ];
  const chains = [
    chain('input', of('in', 'loopback')),
    chain('forward', of('forward')),
    chain('output', ['oifname "lo" accept', ...of('out')]),
  ];
  const loopback = lines.filter(({ atom }) => atom.direction === 'loopback').map(nftRule);
  const closed = [
    chain('input', [replies, ...loopback]),
    chain('forward', []),
    chain('output', [replies, 'oifname "lo" accept']),
  ];
  return [['ip', chains] as const, ['ip6', closed] as const]
    .map(([family, all]) => `table ${family} filter {\n${all.join('\n\n')}\n}\n`)
    .join('\n');
};

function nftRule({ atom, verdict }: Line): string {
  const { direction, protocol, source, destination, sourcePort, port } = atom;
  const span = (range: Range, show: (value: number) => string): string =>
    range[0] === range[1] ? show(range[0]) : `${show(range[0])}-${show(range[1])}`;
  const name = PROTOCOLS[protocol] ?? `${protocol}`;
  return [
    ...(direction === 'loopback' ? ['iifname "lo"'] : []),
    ...(source === undefined ? [] : [`ip saddr ${span(source, address)}`]),
    ...(destination === undefined ? [] : [`ip daddr ${span(destination, address)}`]),
    ...(sourcePort === undefined ? [] : [`${name} sport ${span(sourcePort, String)}`]),
    ...(port === undefined ? [] : [`${name} dport ${span(port, String)}`]),
    ...(sourcePort === undefined && port === undefined ? [`meta l4proto ${name}`] : []),
    verdict,
  ].join(' ');
}
