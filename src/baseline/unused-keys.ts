import { normalise, type Ranges, union } from '../packet/ranges.ts';
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
    const used = valuesOf(each.flatMap((one) => (one === undefined ? [] : partsOf(one))));
    const lost = partsOf(own).filter((one) => !isAmong(valuesOf([one]), used));
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

/** Values: numbers and ranges of them, as ports are, and texts. */
interface Values {
  readonly numbers: Ranges;
  readonly texts: ReadonlySet<string>;
}

function valuesOf(parts: readonly Located[]): Values {
  const numbers: [number, number][] = [];
  const texts = new Set<string>();
  for (const { value } of parts) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const [, lo, hi] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    if (lo !== undefined && Number(lo) <= Number(hi ?? lo)) numbers.push([Number(lo), Number(hi ?? lo)]);
    else texts.add(text);
  }
  return { numbers: normalise(numbers), texts };
}

const isAmong = ({ numbers, texts }: Values, all: Values): boolean =>
  union(all.numbers, numbers).join() === all.numbers.join() &&
  [...texts].every((text) => all.texts.has(text));
