import type { Box, NameSet } from '../finding/report.ts';
import { formatRange } from '../packet/address.ts';
import type { PacketBox } from '../packet/boxes.ts';
import { nameSelections } from '../packet/interface-names.ts';
import type { HookName } from '../packet/packet.ts';
import { pairsOf, type Ranges } from '../packet/ranges.ts';
import type { PacketSet } from '../packet/set.ts';

/**
 * The boxes of a set of one family as reports show them: disjoint, exact, sorted. An interface that the hook does not
 * have is left out.
 */
export function toBoxes(set: PacketSet | readonly PacketBox[], family: 4 | 6, hook: HookName): Box[] {
  const boxes = 'boxes' in set ? set.boxes() : set;
  return boxes.flatMap((box) => toBox(box, family, hook));
}

function toBox(box: PacketBox, family: 4 | 6, hook: HookName): Box[] {
  const icmp = icmpTexts(box.icmpType, box.icmpCode);
  const base: Box = {
    family: family === 4 ? 'ipv4' : 'ipv6',
    ...(box.protocol === undefined ? {} : { protocols: texts(box.protocol) }),
    ...(box.src === undefined ? {} : { sources: addresses(family, box.src) }),
    ...(box.dst === undefined ? {} : { destinations: addresses(family, box.dst) }),
    ...(box.sport === undefined ? {} : { sourcePorts: texts(box.sport) }),
    ...(box.dport === undefined ? {} : { destinationPorts: texts(box.dport) }),
    ...(icmp === undefined ? {} : { icmp }),
  };
  const ins = hook === 'output' ? EVERY : selections(box.in);
  const outs = hook === 'input' ? EVERY : selections(box.out);
  return ins.flatMap((one) =>
    outs.map((other) => ({
      ...base,
      ...(one === undefined ? {} : { in: one }),
      ...(other === undefined ? {} : { out: other }),
    })),
  );
}

const EVERY: readonly (NameSet | undefined)[] = [undefined];

function selections(ranges: Ranges<bigint> | undefined): readonly (NameSet | undefined)[] {
  return ranges === undefined ? EVERY : nameSelections(ranges);
}

const texts = (ranges: Ranges<bigint>): string[] =>
  pairsOf(ranges).map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}-${hi}`));

const addresses = (family: 4 | 6, ranges: Ranges<bigint>): string[] =>
  pairsOf(ranges).map(([lo, hi]) => formatRange(family, lo, hi));

function icmpTexts(
  types: Ranges<bigint> | undefined,
  codes: Ranges<bigint> | undefined,
): string[] | undefined {
  if (types === undefined && codes === undefined) return undefined;
  const first = types === undefined ? ['*'] : texts(types);
  const second = codes === undefined ? ['*'] : texts(codes);
  return first.flatMap((type) => second.map((code) => `${type}/${code}`));
}
