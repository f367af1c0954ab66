import { deliveryTexts } from '../../baseline/delivery.ts';
import type { Party, ResolvedRow, Traffic } from '../../baseline/model.ts';
import type { PartyReading, RowReading, TrafficReading } from '../../finding/report.ts';
import { formatRange } from '../../packet/address.ts';
import { pairsOf, type Ranges } from '../../packet/ranges.ts';

/** How a row is read at the site: who stands behind its parties, and which traffic it is about. */
export function readingOf(row: ResolvedRow): RowReading {
  const onlyNew = row.states.length === 1 && row.states[0] === 'new';
  return {
    source: partyReading(row.source),
    destination: partyReading(row.destination),
    all: row.all.map(trafficReading),
    choices: row.choices.map((choice) => choice.map(trafficReading)),
    families: row.families.map((family) => (family === 4 ? 'ipv4' : 'ipv6')),
    ...(onlyNew ? {} : { states: row.states }),
    ...(row.delivery === undefined ? {} : { delivery: deliveryTexts(row.delivery) }),
    ...(row.reply === undefined ? {} : { reply: row.reply }),
    ...(row.because === undefined ? {} : { because: row.because }),
  };
}

function partyReading(party: Party): PartyReading {
  // Who is nobody else, or anybody, is said in a word; the ranges that it comes to say nothing to a reader.
  const open = party.binding === 'internet' || party.binding === 'any';
  const addresses = open ? [] : [...texts(4, party.ipv4 ?? []), ...texts(6, party.ipv6 ?? [])];
  const interfaces = party.interfaces.map(({ name, prefix }) => (prefix ? `${name}+` : name));
  return {
    role: party.role,
    binding: party.binding,
    ...list('addresses', addresses),
    ...list('interfaces', interfaces),
    ...list('sets', party.sets),
    ...list(
      'groups',
      party.groups.map(({ name }) => name),
    ),
    ...list('dns', party.dns ?? []),
  };
}

function trafficReading({ protocol, ports, sourcePorts, icmp }: Traffic): TrafficReading {
  return {
    protocol: String(protocol),
    ...list('destinationPorts', numbers(ports)),
    ...list('sourcePorts', numbers(sourcePorts)),
    ...list('icmp', icmp?.map(({ type, code }) => `${type}/${code ?? '*'}`) ?? []),
  };
}

function list<K extends string>(
  key: K,
  values: readonly string[],
): { readonly [P in K]?: readonly string[] } {
  return (values.length === 0 ? {} : { [key]: values }) as { readonly [P in K]?: readonly string[] };
}

const numbers = (ranges: Ranges | undefined): string[] =>
  pairsOf(ranges ?? []).map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}-${hi}`));

const texts = (family: 4 | 6, ranges: Ranges<number> | Ranges<bigint>): string[] =>
  pairsOf(ranges as Ranges<bigint>).map(([lo, hi]) => formatRange(family, lo, hi));
