import { parseProtocol } from '../packet/protocol.ts';
import { normalise, type Ranges, union } from '../packet/ranges.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint } from './complaint.ts';

/** What a connection is made of. Who leaves one of these out has that of the row. */
const PARTS: readonly Part[] = ['source', 'destination', 'protocols', 'ports', 'icmp', 'sourcePorts'];
type Part = 'source' | 'destination' | 'protocols' | 'ports' | 'icmp' | 'sourcePorts';

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
    const used = valuesOf(
      part,
      each.flatMap((one) => (one === undefined ? [] : partsOf(one))),
    );
    const lost = partsOf(own).filter((one) => !isAmong(valuesOf(part, [one]), used));
    if (lost.length === 0) continue;
    const names = lost.map((one) => `\`${textOf(one)}\``);
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

const textOf = ({ value }: Located): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Values: numbers and ranges of them, as ports are, and texts. */
interface Values {
  readonly numbers: Ranges;
  readonly texts: ReadonlySet<string>;
}

function valuesOf(part: Part, nodes: readonly Located[]): Values {
  const numbers: (readonly [number, number])[] = [];
  const texts = new Set<string>();
  // Of a choice each port may be one of a connection's.
  for (const node of nodes.flatMap((one) => one.entries?.get('choice')?.items ?? [one])) {
    const text = textOf(node);
    const range = rangeOf(part, text);
    if (range === undefined) texts.add(text);
    else numbers.push(range);
  }
  return { numbers: normalise(numbers), texts };
}

/** What stands in several ways for one thing, as numbers: `tcp` and 6, all ports, a type of ICMP with all of its codes. */
function rangeOf(part: Part, text: string): readonly [number, number] | undefined {
  if (part === 'source' || part === 'destination') return undefined;
  if (part === 'protocols') {
    const protocol = parseProtocol(text);
    return protocol === undefined ? undefined : [protocol, protocol];
  }
  if (part === 'icmp') {
    const [, type, code] = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const first = Number(type) * 256;
    return type === undefined ? undefined : [first + Number(code ?? 0), first + Number(code ?? 255)];
  }
  const [, lo, hi] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text === 'any' ? '0-65535' : text) ?? [];
  return lo !== undefined && Number(lo) <= Number(hi ?? lo) ? [Number(lo), Number(hi ?? lo)] : undefined;
}

const isAmong = ({ numbers, texts }: Values, all: Values): boolean =>
  union(all.numbers, numbers).join() === all.numbers.join() &&
  [...texts].every((text) => all.texts.has(text));
