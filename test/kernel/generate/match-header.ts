import { type Chance, happens, pick, some } from './chance.ts';
import { not, spec } from './match-spec.ts';
import type { Aim, MatchSpec } from './spec.ts';

/** `-m length`. */
export function length(chance: Chance): MatchSpec {
  const lo = pick(chance, [0, 40, 60, 100, 128, 576, 1500]);
  const hi = happens(chance, 50) ? lo : chance.integer(lo, 9000);
  const aims = [lo - 1, lo, hi, hi + 1].filter((n) => n >= 0).map((n) => ({ length: n }));
  return spec('-m length', `-m length ${not(chance)}--length ${lo === hi ? lo : `${lo}:${hi}`}`, aims);
}

/** `-m ttl`. */
export function ttl(chance: Chance): MatchSpec {
  const value = pick(chance, [1, 2, 32, 63, 64, 128, 254, 255]);
  const option = pick(chance, [`${not(chance)}--ttl-eq`, '--ttl-lt', '--ttl-gt']);
  return spec('-m ttl', `-m ttl ${option} ${value}`, ttlAims(value));
}

/** `-m hl`. */
export function hopLimit(chance: Chance): MatchSpec {
  const value = pick(chance, [1, 2, 32, 63, 64, 128, 254, 255]);
  const option = pick(chance, [`${not(chance)}--hl-eq`, '--hl-lt', '--hl-gt']);
  return spec('-m hl', `-m hl ${option} ${value}`, ttlAims(value));
}

function ttlAims(value: number): Aim[] {
  return [value - 1, value, value + 1, value + 2].filter((n) => n > 0 && n < 256).map((n) => ({ ttl: n }));
}

/** `-m dscp`. */
export function dscp(chance: Chance): MatchSpec {
  const value = pick(chance, [0, 1, 10, 46, 63]);
  const aims = [value << 2, (value << 2) | 3, ((value ^ 1) << 2) & 255].map((tos_) => ({ tos: tos_ }));
  return spec('-m dscp', `-m dscp ${not(chance)}--dscp 0x${value.toString(16)}`, aims);
}

/** `-m tos`. */
export function tos(chance: Chance): MatchSpec {
  const value = pick(chance, [0, 2, 8, 0x10, 0xb8, 0xff]);
  const mask = pick(chance, [0xff, 0x3f, 0xfc, 0x10]);
  const aims = [value, value ^ 1, value ^ 0x10, value ^ 0x80].map((near) => ({ tos: near }));
  return spec('-m tos', `-m tos ${not(chance)}--tos 0x${value.toString(16)}/0x${mask.toString(16)}`, aims);
}

/** `-m pkttype`. */
export function pkttype(chance: Chance): MatchSpec {
  const kind = pick(chance, ['unicast', 'broadcast', 'multicast']);
  const aims = (['unicast', 'broadcast', 'multicast'] as const).map((one) => ({ pkttype: one }));
  return spec('-m pkttype', `-m pkttype ${not(chance)}--pkt-type ${kind}`, aims);
}

/** `-m comment`, with texts that look like something else. */
export function comment(chance: Chance): MatchSpec {
  return spec(
    '-m comment',
    `-m comment --comment "${pick(chance, ['x', 'a \\"quoted\\" word', '-j DROP', "it's"])}"`,
  );
}

/** `-f`. */
export function fragment(chance: Chance): MatchSpec {
  return spec('-f', `${not(chance, 60)}-f`);
}

const HEADERS: readonly (readonly [string, number])[] = [
  ['hop', 1],
  ['dst', 2],
  ['route', 4],
  ['frag', 8],
  ['auth', 16],
];

/** `-m ipv6header`. */
export function ipv6Header(chance: Chance): MatchSpec {
  const chosen = some(chance, HEADERS, 1, 2);
  const soft = happens(chance, 60) ? ' --soft' : '';
  const bit = chosen.reduce((sum, [, value]) => sum | value, 0);
  const aims = [0, bit, bit | 1, bit & ~1].map((extensionHeaders) => ({ extensionHeaders }));
  const names = chosen.map(([name]) => name).join(',');
  return spec('-m ipv6header', `-m ipv6header ${not(chance)}--header ${names}${soft}`, aims);
}

const MACS: readonly number[] = [0x020000000001, 0x020000000002, 0xa4badb000000, 0xfefffffffffe];

/** `-m mac`. */
export function mac(chance: Chance): MatchSpec {
  const value = pick(chance, MACS);
  const text = value.toString(16).padStart(12, '0').match(/../g)?.join(':');
  const aims = [value, value, value + 1, value].map((near) => ({ mac: near }));
  return spec('-m mac', `-m mac ${not(chance)}--mac-source ${text}`, aims);
}
