import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint } from './schema.ts';

/** What a connection is made of. Who leaves one of these out has that of the row. */
const PARTS = ['source', 'destination', 'protocols', 'ports', 'icmp', 'sourcePorts'] as const;

/**
 * Where a row has a list of connections, these alone count. What it says itself is for those that do not repeat it: if each
 * has its own and none has what the row says, a part of the document would be lost without a word.
 */
export function checkUnused(place: Located, complaints: Complaints): void {
  const connections = place.entries?.get('connections')?.items ?? [];
  if (connections.length === 0) return;
  for (const part of PARTS) {
    const own = place.entries?.get(part);
    const each = connections.map((one) => one.entries?.get(part));
    if (own === undefined || each.some((one) => one === undefined)) continue;
    const used = new Set(each.flatMap((one) => (one === undefined ? [] : valuesOf(one))));
    const lost = partsOf(own).filter((one) => valuesOf(one).some((value) => !used.has(value)));
    if (lost.length === 0) continue;
    const names = lost.map(
      ({ value }) => `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``,
    );
    complaints.push(
      complaint({
        code: 'unused-key',
        message: `${names.join(', ')} of \`${part}\` is in no connection: each of the \`connections\` has \`${part}\` of its own.`,
        span: own.span,
        expected: `no \`${part}\` here, or a connection without its own`,
        help: 'Where a row has `connections` they alone count, and the row itself is none. Add one for what is lost.',
      }),
    );
  }
}

const partsOf = (node: Located): readonly Located[] => node.items ?? [node];

/** Each value as a text, ranges of numbers as all that they hold. */
function valuesOf(node: Located): readonly string[] {
  return partsOf(node).flatMap(({ value }) => {
    const [, lo, hi] = /^(\d{1,5})-(\d{1,5})$/.exec(String(value)) ?? [];
    if (lo === undefined) return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
    const count = Math.max(0, Number(hi) - Number(lo) + 1);
    return Array.from({ length: count }, (_, i) => String(Number(lo) + i));
  });
}
