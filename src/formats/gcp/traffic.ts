import { type PortRange, parseGcp } from '../../../grammars/gcp/parser.ts';
import { parseProtocol } from '../../packet/protocol.ts';
import { normalise } from '../../packet/ranges.ts';
import { allOf, ALWAYS, anyOf, type Condition } from '../../rule/condition.ts';
import type { GcpRule } from './content.ts';

/** A condition, or why the rule cannot be read. */
export type Traffic = { readonly match: Condition } | { readonly problem: string };

/**
 * The names that the API knows. `ipip` is IP in IP (4), not the IPIP (94) of /etc/protocols.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewalls, allowed[].IPProtocol)
 */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['esp', 50],
  ['ah', 51],
  ['sctp', 132],
  ['ipip', 4],
]);

/** Only these have ports that a rule can name. */
const WITH_PORTS: readonly number[] = [6, 17, 132];

/** Any of a rule's protocols with their ports. */
export function trafficOf(layer4: GcpRule['layer4']): Traffic {
  // Rules of policies that Google supplies have no protocols: they are about all.
  if (layer4.length === 0) return { match: ALWAYS };
  const found: Condition[] = [];
  for (const { protocol, ports } of layer4) {
    const read = oneProtocol(protocol, ports);
    if ('problem' in read) return read;
    found.push(read.match);
  }
  return { match: anyOf(found) };
}

function oneProtocol(protocol: string, ports: readonly string[]): Traffic {
  const written = protocol.trim().toLowerCase();
  if (written === 'all')
    return ports.length === 0
      ? { match: ALWAYS }
      : { problem: 'there are ports, and no protocol that has ports' };
  const number = NAMES.get(written) ?? parseProtocol(written);
  if (number === undefined) return { problem: `\`${protocol}\` is no protocol` };
  const own: Condition = { kind: 'field', field: 'protocol', values: [number, number] };
  if (ports.length === 0) return { match: own };
  if (!WITH_PORTS.includes(number)) return { problem: `the protocol \`${protocol}\` has no ports` };
  const ranges: [number, number][] = [];
  for (const text of ports) {
    const read = readPorts(text);
    if (read === undefined) return { problem: `\`${text}\` is no port or range of ports` };
    for (const { from, to } of read) ranges.push([from, to]);
  }
  return { match: allOf([own, { kind: 'field', field: 'dport', values: normalise(ranges) }]) };
}

const known = new Map<string, readonly PortRange[] | undefined>();
/** Rules repeat the same few strings; more different ones than this are not kept. */
const KEPT = 10_000;

/** A port or a range of ports; undefined where the text is none, or its ends are the wrong way round. */
function readPorts(text: string): readonly PortRange[] | undefined {
  if (known.has(text)) return known.get(text);
  const read = parseGcp(text, (parser) => parser.ports());
  const good = read?.every(({ from, to }) => from <= to && to <= 65_535) === true ? read : undefined;
  if (known.size < KEPT) known.set(text, good);
  return good;
}
