import { addressMaximum, formatAddress } from '../../../src/packet/address.ts';
import type { NamedSet, SetDimension, SetPart } from '../../../src/rule/named-set.ts';
import type { Probe } from '../../rule/evaluate.ts';

/** A packet to look up in a set, and the entry that asks `ipset test` the same. */
export interface SetProbe {
  readonly packet: Probe;
  readonly entry: string;
}

/** One direction for each dimension: the first address is the source, the second the destination, ports are those of the destination. */
export function probeDirections(set: NamedSet): readonly ('src' | 'dst')[] {
  return set.dimensions.map((dimension, at) =>
    dimension === 'port' || (at > 0 && (dimension === 'ip' || dimension === 'net')) ? 'dst' : 'src',
  );
}

interface Value {
  readonly text: string;
  readonly fields: Partial<Omit<Probe, 'family'>>;
}

/** Packets at and beside the bounds of the elements: of every element its own corners, and corners of others mixed in. */
export function probesOf(sets: readonly NamedSet[], most: number): SetProbe[] {
  const [set] = sets;
  if (set === undefined) return [];
  const family = set.family ?? 4;
  const values = set.dimensions.map((dimension, at) => {
    const found = new Map<string, Value>();
    for (const element of sets.flatMap((known) => known.elements))
      for (const value of valuesOf(element.parts[at] as SetPart, dimension, at, set))
        found.set(value.text, value);
    return [...found.values()];
  });
  let combinations: (readonly Value[])[] = [[]];
  for (const list of values)
    combinations = thin(
      combinations.flatMap((known) => list.map((value) => [...known, value])),
      most,
    );
  return combinations.map((chosen) => ({
    packet: Object.assign(
      { family, src: 1n, dst: 1n, fragment: 0, mark: 0 },
      ...chosen.map((value) => value.fields),
    ) as Probe,
    entry: chosen.map((value) => value.text).join(','),
  }));
}

/** At most `most` of them, evenly spread. */
function thin<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  const out: T[] = [];
  for (let at = 0; at < list.length; at += step) out.push(list[Math.floor(at)] as T);
  return out;
}

function valuesOf(part: SetPart, dimension: SetDimension, at: number, set: NamedSet): Value[] {
  switch (part.kind) {
    case 'address':
      return around(part.lo, part.hi, addressMaximum(part.family)).map((value) => ({
        text: formatAddress(part.family, value),
        fields: at === 0 ? { src: value } : { dst: value },
      }));
    case 'port':
      return portValues(part);
    case 'mac':
      return [part.mac ?? 0x020000000001, 0x020000000002].map((mac) => ({
        text: macText(mac),
        fields: { mac },
      }));
    case 'mark':
      return [part.value, part.value ^ 1, (part.value | 0x100) >>> 0].map((mark) => ({
        text: String(mark),
        fields: { mark },
      }));
    case 'iface':
      return part.physdev
        ? []
        : [part.name, `${part.name}0`, 'other'].map((name) => ({ text: name, fields: { in: name } }));
    case 'set':
      throw new Error(`${dimension} of ${set.name} has no packets of its own`);
  }
}

function portValues({ protocol, lo, hi }: Extract<SetPart, { kind: 'port' }>): Value[] {
  if (protocol === 1 || protocol === 58) {
    const name = protocol === 1 ? 'icmp' : 'icmpv6';
    return [lo, lo ^ 1].map((value) => ({
      text: `${name}:${value >> 8}/${value & 255}`,
      fields: { protocol, icmpType: value >> 8, icmpCode: value & 255 },
    }));
  }
  if (protocol !== undefined && ![6, 17, 132, 136].includes(protocol))
    return [{ text: `${protocol}:0`, fields: { protocol } }];
  return around(BigInt(lo), BigInt(hi), 65535n).map((port) => ({
    text: protocol === undefined ? String(port) : `${protocol}:${port}`,
    fields: { protocol: protocol ?? 6, sport: 40000, dport: Number(port) },
  }));
}

function around(lo: bigint, hi: bigint, maximum: bigint): bigint[] {
  return [...new Set([lo - 1n, lo, hi, hi + 1n, (lo + hi) / 2n])].filter(
    (value) => value >= 0n && value <= maximum,
  );
}

function macText(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/(..)(?!$)/g, '$1:');
}
