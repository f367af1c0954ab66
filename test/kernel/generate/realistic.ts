import { formatAddress } from '../wire/address.ts';
import { address, edges, network } from './addresses.ts';
import { type Chance, happens, pick, some } from './chance.ts';
import type { Surroundings } from './match-spec.ts';
import type { Aim, ChainSpec, MatchSpec, RuleSpec, TableSpec } from './spec.ts';
import type { TargetChoices } from './targets.ts';

/** What a rule set of the usual shape is made of. */
interface Usual {
  readonly chance: Chance;
  readonly family: 4 | 6;
  readonly sets: Surroundings['sets'];
  readonly translateTo: TargetChoices['translateTo'];
}

const rule = (target: string, ...matches: readonly MatchSpec[]): RuleSpec => ({
  matches,
  target: { words: target, construct: /^-j [A-Z]+$/.test(target) ? target.slice(3) : 'jump' },
});
const match = (construct: string, words: string, ...aims: readonly Aim[]): MatchSpec => ({
  construct,
  words,
  aims,
});

const LOOPBACK = match('-i', '-i lo');
const REPLIES = match(
  '--ctstate',
  '-m conntrack --ctstate RELATED,ESTABLISHED',
  { state: 'established' },
  { state: 'related' },
);
const INVALID = match('--ctstate', '-m conntrack --ctstate INVALID', { state: 'invalid' });
const OPENING = match('--ctstate', '-m conntrack --ctstate NEW', { state: 'new' });

/** The tables that administrators and tools write: closed by default, replies first, a chain for each service. */
export function usualTables(usual: Usual): TableSpec[] {
  const { chance } = usual;
  const tables = [filterTable(usual)];
  if (happens(chance, 35)) tables.unshift(natTable(usual));
  if (happens(chance, 15)) tables.unshift(rawTable(usual));
  return tables;
}

function filterTable(usual: Usual): TableSpec {
  const { chance } = usual;
  const services = some(chance, SERVICES, 2, SERVICES.length);
  const chains = services.map((service) => serviceChain(usual, service));
  const dispatch = services.map((service) => rule(`-j ${service.name}`, ...service.matches(usual)));
  const end = happens(chance, 50) ? [rule('-j logdrop')] : [rule('-j DROP')];
  const head = [
    rule('-j ACCEPT', LOOPBACK),
    rule('-j ACCEPT', REPLIES),
    ...(happens(chance, 60) ? [rule('-j DROP', INVALID)] : []),
    ...blocklist(usual),
    rule('-j ACCEPT', ping(usual)),
  ];
  const forwarded = [rule('-j ACCEPT', REPLIES), ...dispatch.slice(0, 2), ...end];
  return {
    name: 'filter',
    chains: [
      { name: 'INPUT', policy: 'DROP', rules: [...head, ...dispatch, ...end] },
      { name: 'FORWARD', policy: 'DROP', rules: forwarded },
      { name: 'OUTPUT', policy: happens(chance, 70) ? 'ACCEPT' : 'DROP', rules: outgoing(usual) },
      { name: 'logdrop', rules: [rule('-j LOG'), rule('-j DROP')] },
      ...chains,
    ],
  };
}

interface Service {
  readonly name: string;
  readonly matches: (usual: Usual) => readonly MatchSpec[];
}

const tcp = match('-p', '-p tcp', { protocol: 6 });
const udp = match('-p', '-p udp', { protocol: 17 });
const port = (module: 'tcp' | 'udp', number: number) =>
  match(
    `-m ${module}`,
    `-m ${module} --dport ${number}`,
    { dport: number },
    { dport: number + 1 },
    { dport: number - 1 },
  );
const ports = (list: string, ...edge: readonly number[]) =>
  match('-m multiport', `-m multiport --dports ${list}`, ...edge.map((dport) => ({ dport })));

const SERVICES: readonly Service[] = [
  { name: 'ssh', matches: () => [tcp, port('tcp', 22), OPENING] },
  { name: 'web', matches: () => [tcp, ports('80,443,8000:8100', 79, 80, 443, 444, 8000, 8100, 8101)] },
  { name: 'dns', matches: () => [udp, port('udp', 53)] },
  { name: 'x-road', matches: () => [tcp, ports('5500,5577', 5499, 5500, 5577, 5578), OPENING] },
  {
    name: 'lan',
    matches: ({ chance }) => [
      match('-i', `-i ${pick(chance, ['eth1', 'eth+', 'docker0'])}`, { in: 'eth1' }, { in: 'eth0' }),
    ],
  },
  {
    name: 'syn',
    matches: () => [tcp, match('--syn', '-m tcp ! --syn', { tcpFlags: 16 }, { tcpFlags: 2 }), OPENING],
  },
];

/** Who may use the service: networks, with exceptions first. */
function serviceChain(usual: Usual, { name }: Service): ChainSpec {
  const { chance } = usual;
  const rules: RuleSpec[] = [];
  for (let i = chance.integer(1, 4); i > 0; i--) {
    const target = happens(chance, 70) ? '-j ACCEPT' : pick(chance, ['-j DROP', '-j RETURN', '-j REJECT']);
    rules.push(rule(target, source(usual)));
  }
  if (happens(chance, 30)) rules.push(rule('-j ACCEPT'));
  return { name, rules };
}

function source({ chance, family }: Usual): MatchSpec {
  const { text, lo, hi } = network(chance, family);
  const sign = happens(chance, 10) ? '! ' : '';
  return match('-s', `${sign}-s ${text}`, ...edges(lo, hi).map((src) => ({ src })));
}

function blocklist({ chance, sets }: Usual): RuleSpec[] {
  return sets.map((one) => {
    const directions = Array.from({ length: one.dimensions }, (_, i) => (i % 2 === 0 ? 'src' : 'dst')).join(
      ',',
    );
    const target = happens(chance, 60) ? '-j DROP' : '-j ACCEPT';
    return rule(target, match('-m set', `-m set --match-set ${one.name} ${directions}`, ...one.aims));
  });
}

function ping({ family }: Usual): MatchSpec {
  return family === 4
    ? match('-m icmp', '-p icmp -m icmp --icmp-type 8', { protocol: 1, icmpType: 8 })
    : match('-m icmp6', '-p ipv6-icmp -m icmp6 --icmpv6-type 128', { protocol: 58, icmpType: 128 });
}

function outgoing(usual: Usual): RuleSpec[] {
  const { chance, family } = usual;
  const to = address(chance, family);
  const server = match('-d', `-d ${formatAddress(family, to)}`, { dst: to }, { dst: to + 1n });
  return [
    rule('-j ACCEPT', match('-o', '-o lo')),
    rule('-j ACCEPT', REPLIES),
    rule('-j ACCEPT', server, udp, port('udp', 53)),
    rule('-j ACCEPT', tcp, ports('80,443', 80, 443)),
    rule('-j REJECT', server),
  ];
}

/** A published port and masquerading, as Docker and home routers have them. */
function natTable({ chance, family, translateTo }: Usual): TableSpec {
  const to = formatAddress(family, translateTo(chance));
  const target = family === 4 ? `${to}:8080` : `[${to}]:8080`;
  const published: RuleSpec = {
    matches: [tcp, port('tcp', 80)],
    target: { words: `-j DNAT --to-destination ${target}`, construct: 'DNAT' },
  };
  return {
    name: 'nat',
    chains: [
      { name: 'PREROUTING', policy: 'ACCEPT', rules: [rule('-j PUBLISHED')] },
      { name: 'POSTROUTING', policy: 'ACCEPT', rules: [rule('-j MASQUERADE', match('-o', '-o eth0'))] },
      { name: 'PUBLISHED', rules: [published] },
    ],
  };
}

/** Name service without connection tracking, both ways. */
function rawTable({ chance }: Usual): TableSpec {
  const target = { words: happens(chance, 50) ? '-j CT --notrack' : '-j NOTRACK', construct: 'NOTRACK' };
  const untracked: RuleSpec[] = [{ matches: [udp, port('udp', 53)], target }];
  return {
    name: 'raw',
    chains: [
      { name: 'PREROUTING', policy: 'ACCEPT', rules: untracked },
      { name: 'OUTPUT', policy: 'ACCEPT', rules: untracked },
    ],
  };
}
