import type { Baseline, Connection, Row } from '../baseline/baseline.ts';
import { ANY, INTERNET } from '../baseline/baseline.ts';
import { deliveryTexts } from '../baseline/delivery.ts';
import { formatPorts, type PortTerm } from '../baseline/ports.ts';
import { connectionText } from '../baseline/read-rows.ts';
import { align, textLikeness } from './align.ts';

/** One connection of a baseline, with what is compared. */
export interface Meant {
  readonly row: Row;
  readonly connection: Connection;
  /** In words, its parties by this baseline's own names. */
  readonly text: string;
  /** What its packets are: equal for equal packets, whatever the row is called. Roles by the first baseline's names. */
  readonly packets: string;
  /** Its two parties and its protocols alone. */
  readonly pair: string;
}

/** What of a connection reads otherwise in the other baseline. */
export interface FieldChange {
  readonly field:
    | 'source'
    | 'destination'
    | 'loopback'
    | 'protocols'
    | 'ports'
    | 'sourcePorts'
    | 'details'
    | 'level'
    | 'features'
    | 'cluster'
    | 'cells'
    | 'note';
  readonly from: string;
  readonly to: string;
}

/** A connection that both baselines have, not alike. */
export interface ConnectionChange {
  readonly from: Meant;
  readonly to: Meant;
  readonly fields: readonly FieldChange[];
}

/** What two baselines ask for, compared connection by connection. */
export interface ConnectionDiff {
  readonly same: number;
  readonly added: readonly Meant[];
  readonly removed: readonly Meant[];
  readonly changed: readonly ConnectionChange[];
}

/**
 * Compares by meaning: connections of the same packets are one, whatever their rows are called. Of the rest those with one
 * id, and those between the same parties whose rows read much alike, are one that changed.
 */
export function diffConnections(a: Baseline, b: Baseline): ConnectionDiff {
  const names = commonRoles(a, b);
  const [before, after] = [meant(a, (role) => role), meant(b, (role) => names.get(role) ?? role)];
  const byPackets = pairUp(before, after, ({ packets }) => packets);
  const byId = pairUp(byPackets.before, byPackets.after, ({ connection }) => connection.id);
  const byPair = alikeOnes(byId.before, byId.after);
  const pairs = [...byPackets.pairs, ...byId.pairs, ...byPair.pairs].map(
    ([from, to]): ConnectionChange => ({
      from,
      to,
      fields: fieldChanges(from, to, names, a, b),
    }),
  );
  const changed = pairs.filter(({ fields }) => fields.length > 0);
  const place = new Map(after.map((one, i) => [one, i]));
  changed.sort((x, y) => (place.get(x.to) ?? 0) - (place.get(y.to) ?? 0));
  return { same: pairs.length - changed.length, added: byPair.after, removed: byPair.before, changed };
}

/** The second baseline's roles by the first one's names: the same id, or a name of the document that both give. */
export function commonRoles(a: Baseline, b: Baseline): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const [id, { names }] of a.roles) for (const name of names) known.set(name.toLowerCase(), id);
  const found = new Map<string, string>();
  for (const [id, { names }] of b.roles) {
    const other = names.map((name) => known.get(name.toLowerCase())).find((one) => one !== undefined);
    if (a.roles.has(id)) found.set(id, id);
    else if (other !== undefined && !b.roles.has(other)) found.set(id, other);
  }
  return found.set(ANY, ANY).set(INTERNET, INTERNET);
}

function meant(baseline: Baseline, roleOf: (role: string) => string): Meant[] {
  return baseline.rows.flatMap((row) =>
    row.connections.map((connection): Meant => {
      const [source, destination] = [roleOf(connection.source), roleOf(connection.destination)];
      const { protocols, loopback } = connection;
      return {
        row,
        connection,
        text: connectionText(connection),
        pair: JSON.stringify([source, destination, protocols, loopback]),
        packets: JSON.stringify([
          [source, destination, protocols, loopback],
          portsText(connection.ports, baseline),
          portsText(connection.sourcePorts, baseline),
          detailsText(connection),
          connection.level === 'prohibited',
        ]),
      };
    }),
  );
}

/** What the ports come to while the site sets nothing, and what it may set; in which order they are written says nothing. */
function portsText(terms: readonly PortTerm[] | undefined, { parameters }: Baseline): string {
  if (terms === undefined) return 'any';
  const texts = terms.map((term) => {
    if (term.kind === 'ports') return formatPorts(term.ports);
    if (term.kind === 'choice') return sorted(term.options.map(formatPorts)).join(' or ');
    const value = parameters.get(term.name)?.default;
    return value === undefined ? `<${term.name}>` : formatPorts(value);
  });
  return sorted(texts).join(', ');
}

function detailsText({ icmp, hopLimit, delivery, reply, states, families }: Connection): string {
  return JSON.stringify({
    icmp: icmp && [...icmp].sort((a, b) => a.type - b.type || (a.code ?? -1) - (b.code ?? -1)),
    hopLimit,
    delivery: delivery === undefined ? undefined : deliveryTexts(delivery),
    reply,
    states,
    families,
  });
}

const sorted = (texts: readonly string[]): string[] => [...texts].sort();

interface Paired {
  readonly pairs: readonly (readonly [Meant, Meant])[];
  readonly before: readonly Meant[];
  readonly after: readonly Meant[];
}

/** Pairs connections with equal keys; among several of one key those of one id first. */
function pairUp(before: readonly Meant[], after: readonly Meant[], key: (one: Meant) => string): Paired {
  const waiting = new Map<string, Meant[]>();
  for (const one of before) {
    const list = waiting.get(key(one));
    if (list === undefined) waiting.set(key(one), [one]);
    else list.push(one);
  }
  const pairs: (readonly [Meant, Meant])[] = [];
  const take = (to: Meant, wanted: (from: Meant) => boolean): boolean => {
    const list = waiting.get(key(to)) ?? [];
    const at = list.findIndex(wanted);
    if (at < 0) return false;
    pairs.push([list.splice(at, 1)[0] as Meant, to]);
    return true;
  };
  const rest = after.filter((to) => !take(to, (from) => from.connection.id === to.connection.id));
  const left = rest.filter((to) => !take(to, () => true));
  const paired = new Set(pairs.map(([from]) => from));
  return { pairs, before: before.filter((one) => !paired.has(one)), after: left };
}

/** Between the same parties, by the same protocols: rows that read much alike. */
function alikeOnes(before: readonly Meant[], after: readonly Meant[]): Paired {
  const keys = {
    before: ({ row }: Meant) => `before ${row.id}`,
    after: ({ row }: Meant) => `after ${row.id}`,
  };
  const groups = new Set(before.map(({ pair }) => pair));
  const pairs = [...groups].flatMap((pair) => {
    const [left, right] = [before, after].map((list) => list.filter((one) => one.pair === pair));
    return align(left ?? [], right ?? [], keys, (a, b) =>
      textLikeness(a.row.document.text, b.row.document.text),
    ).changed;
  });
  const paired = new Set(pairs.flat());
  const left = (list: readonly Meant[]): Meant[] => list.filter((one) => !paired.has(one));
  return { pairs, before: left(before), after: left(after) };
}

function fieldChanges(
  from: Meant,
  to: Meant,
  names: ReadonlyMap<string, string>,
  a: Baseline,
  b: Baseline,
): FieldChange[] {
  const [x, y] = [from.connection, to.connection];
  const changes: FieldChange[] = [];
  const compare = (field: FieldChange['field'], one: string, other: string): void => {
    if (one !== other) changes.push({ field, from: one, to: other });
  };
  if ((names.get(y.source) ?? y.source) !== x.source) compare('source', x.source, y.source);
  if ((names.get(y.destination) ?? y.destination) !== x.destination)
    compare('destination', x.destination, y.destination);
  compare('loopback', String(x.loopback), String(y.loopback));
  compare('protocols', x.protocols.join(', '), y.protocols.join(', '));
  compare('ports', portsText(x.ports, a), portsText(y.ports, b));
  compare('sourcePorts', portsText(x.sourcePorts, a), portsText(y.sourcePorts, b));
  compare('details', detailsText(x), detailsText(y));
  compare('level', x.level, y.level);
  compare('features', sorted(x.features).join(', '), sorted(y.features).join(', '));
  compare('cluster', x.cluster ?? '', y.cluster ?? '');
  const [cells, others] = [from, to].map(({ row }) => Object.values(row.cells).join(' | ')) as [
    string,
    string,
  ];
  compare('cells', cells, others);
  const bothDigests = from.row.digest !== undefined && to.row.digest !== undefined;
  if (bothDigests && cells === others) compare('note', from.row.digest ?? '', to.row.digest ?? '');
  return changes;
}
