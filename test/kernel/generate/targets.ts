import { formatAddress } from '../wire/address.ts';
import { address } from './addresses.ts';
import { type Chance, happens, pick, weighted } from './chance.ts';
import type { Surroundings } from './match-spec.ts';
import type { TargetSpec } from './spec.ts';

/** A target, and what must stand before it on the line (nat to a port needs the protocol). */
export interface GeneratedTarget {
  readonly target: TargetSpec;
  readonly protocol?: string;
}

/** What targets may name. */
export interface TargetChoices {
  readonly userChains: readonly string[];
  /** An address that translated packets go to. */
  readonly translateTo: (chance: Chance) => bigint;
}

const plain = (construct: string, words: string): GeneratedTarget => ({ target: { construct, words } });

/** A target that may stand there. */
export function generateTarget(
  chance: Chance,
  around: Surroundings,
  choices: TargetChoices,
): GeneratedTarget {
  if (choices.userChains.length > 0 && happens(chance, 35)) {
    const chain = pick(chance, choices.userChains);
    return happens(chance, 75) ? plain('jump', `-j ${chain}`) : plain('goto', `-g ${chain}`);
  }
  if (around.table === 'nat') return translation(chance, around, choices);
  const ways: [number, (c: Chance, a: Surroundings) => GeneratedTarget][] = [
    [35, () => plain('ACCEPT', '-j ACCEPT')],
    [22, () => plain('DROP', '-j DROP')],
    [8, () => plain('RETURN', '-j RETURN')],
    [8, markTarget],
    [4, connmarkTarget],
    [2, () => plain('no target', '')],
    [2, () => plain('LOG', '-j LOG --log-prefix "x y: " --log-level 7')],
    [1, () => plain('NFLOG', '-j NFLOG --nflog-group 3')],
  ];
  if (around.table === 'filter') ways.push([8, reject]);
  if (around.table === 'raw') ways.push([12, () => plain('NOTRACK', '-j CT --notrack')]);
  if (around.table === 'mangle') ways.push([14, mangleTarget]);
  return weighted(chance, ways)(chance, around);
}

function reject(chance: Chance, { family }: Surroundings): GeneratedTarget {
  const kinds =
    family === 4
      ? ['icmp-port-unreachable', 'icmp-admin-prohibited']
      : ['icmp6-port-unreachable', 'icmp6-adm-prohibited'];
  if (happens(chance, 20))
    return { target: { construct: 'REJECT', words: '-j REJECT --reject-with tcp-reset' }, protocol: 'tcp' };
  return plain('REJECT', `-j REJECT --reject-with ${pick(chance, kinds)}`);
}

const HEX: readonly string[] = ['0x0', '0x1', '0x2', '0x10', '0xff', '0x100', '0x80000000', '0xffffffff'];

function markTarget(chance: Chance): GeneratedTarget {
  const [value, mask] = [pick(chance, HEX), pick(chance, HEX)];
  const options = [
    `--set-xmark ${value}/0xffffffff`,
    `--set-xmark ${value}/${mask}`,
    `--set-mark ${value}/${mask}`,
    `--set-mark ${value}`,
    `--and-mark ${value}`,
    `--or-mark ${value}`,
    `--xor-mark ${value}`,
  ];
  return plain('MARK', `-j MARK ${pick(chance, options)}`);
}

function connmarkTarget(chance: Chance): GeneratedTarget {
  const [value, mask] = [pick(chance, HEX), pick(chance, HEX)];
  const options = [
    `--set-xmark ${value}/${mask}`,
    '--save-mark',
    `--save-mark --nfmask ${mask} --ctmask ${value}`,
    '--restore-mark',
    `--restore-mark --nfmask ${mask} --ctmask ${value}`,
  ];
  return plain('CONNMARK', `-j CONNMARK ${pick(chance, options)}`);
}

function mangleTarget(chance: Chance, { family }: Surroundings): GeneratedTarget {
  const hops = family === 4 ? ['TTL', 'ttl'] : ['HL', 'hl'];
  const sum = (): string => pick(chance, ['inc', 'dec']);
  return weighted<() => GeneratedTarget>(chance, [
    [3, () => plain('DSCP', `-j DSCP --set-dscp 0x${chance.integer(0, 63).toString(16)}`)],
    [2, () => plain('TOS', `-j TOS --set-tos ${pick(chance, ['0x10/0x3f', '0x08', '0xff/0x0f'])}`)],
    [1, () => plain('TOS', `-j TOS ${pick(chance, ['--and-tos 0xf0', '--or-tos 0x04', '--xor-tos 0xff'])}`)],
    [3, () => plain(hops[0] as string, `-j ${hops[0]} --${hops[1]}-set ${chance.integer(1, 255)}`)],
    [
      2,
      () => plain(hops[0] as string, `-j ${hops[0]} --${hops[1]}-${sum()} ${pick(chance, [1, 1, 63, 255])}`),
    ],
  ])();
}

function translation(chance: Chance, around: Surroundings, choices: TargetChoices): GeneratedTarget {
  const before = around.bases.every((base) => base === 'PREROUTING' || base === 'OUTPUT');
  const after = around.bases.every((base) => base === 'POSTROUTING');
  const ways: [number, () => GeneratedTarget][] = [
    [20, () => plain('ACCEPT', '-j ACCEPT')],
    [15, () => plain('RETURN', '-j RETURN')],
    [5, () => plain('LOG', '-j LOG')],
  ];
  if (before) {
    ways.push([40, () => dnat(chance, around, choices)]);
    ways.push([15, () => redirect(chance)]);
    ways.push([8, () => netmap(chance, around, choices)]);
  }
  if (after) ways.push([20, () => plain('MASQUERADE', '-j MASQUERADE')], [20, () => snat(chance, around)]);
  return weighted(chance, ways)();
}

function dnat(chance: Chance, { family }: Surroundings, choices: TargetChoices): GeneratedTarget {
  const to = formatAddress(family, choices.translateTo(chance));
  if (happens(chance, 45)) return plain('DNAT', `-j DNAT --to-destination ${to}`);
  const host = happens(chance, 15) ? '' : family === 4 ? to : `[${to}]`;
  const words = `-j DNAT --to-destination ${host}:${chance.integer(1, 65535)}`;
  return { target: { construct: 'DNAT', words }, protocol: pick(chance, ['tcp', 'udp']) };
}

function redirect(chance: Chance): GeneratedTarget {
  if (happens(chance, 25)) return plain('REDIRECT', '-j REDIRECT');
  const words = `-j REDIRECT --to-ports ${chance.integer(1, 65535)}`;
  return { target: { construct: 'REDIRECT', words }, protocol: pick(chance, ['tcp', 'udp']) };
}

function netmap(chance: Chance, { family }: Surroundings, choices: TargetChoices): GeneratedTarget {
  const width = family === 4 ? 32 : 128;
  const host = BigInt(chance.integer(0, 8));
  const base = (choices.translateTo(chance) >> host) << host;
  return plain('NETMAP', `-j NETMAP --to ${formatAddress(family, base)}/${width - Number(host)}`);
}

function snat(chance: Chance, { family }: Surroundings): GeneratedTarget {
  return plain('SNAT', `-j SNAT --to-source ${formatAddress(family, address(chance, family))}`);
}
