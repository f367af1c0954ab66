import { type IcmpReading, type IcmpType, readIcmpTypes } from './icmp.ts';
import type { PortTerm, RowCells } from './model.ts';
import { type PortItem, type PortReading, readPorts } from './ports.ts';
import { isPortless, readProtocolCell } from './protocols.ts';

/** Ports with the protocols that they go with. */
export interface PortGroup {
  readonly protocols: readonly string[];
  /** Absent where the protocols have no ports. */
  readonly ports?: 'any' | readonly PortTerm[];
  /** Absent where all types are meant. */
  readonly icmp?: readonly IcmpType[];
}

/** What a row says about protocols and ports. */
export interface RowPorts {
  /** At least one; several where the row's ports have different protocols. */
  readonly groups: readonly PortGroup[];
  readonly sourcePorts: readonly PortTerm[];
  readonly review: readonly string[];
  readonly read: boolean;
}

/** Reads the cells of ports and protocols of a row. */
export function readRowPorts(cells: RowCells): RowPorts {
  const review: string[] = [];
  const named = rowProtocols(cells, review);
  const guesses: string[] = [];
  const own = portReadings(cells, guesses);
  const loose = [...new Set(own.flatMap(({ reading }) => reading.transports))];
  const protocols = named.length > 0 ? named : loose;
  const portless = protocols.filter(isPortless);
  const items = own.flatMap(({ reading, transport }) =>
    reading.items.map((item) =>
      item.transports.length > 0 || transport === undefined ? item : { ...item, transports: [transport] },
    ),
  );
  const any = own.some(({ reading }) => reading.extent === 'any');
  const groups: PortGroup[] = [];
  const carried = protocols.filter((one) => !isPortless(one));
  const beside =
    carried.length === 0 && portless.length > 0 && items.every(({ transports }) => transports.length === 0);
  const instead = beside && items.length > 0;
  const types = instead ? icmpTypes(cells, portless) : undefined;
  if (portless.length > 0)
    groups.push({ protocols: portless, ...(types === undefined ? {} : { icmp: types.types }) });
  review.push(...(types?.review ?? (instead ? [notRead(cells, portless)] : guesses)));
  if (!beside && (any || items.length > 0)) groups.push(...grouped(items, any, carried, review));
  else if (carried.length > 0 || portless.length === 0) {
    review.push('No port is named; the site sets it by the parameter.');
    groups.push({ protocols: defaulted(carried, review), ports: [{ kind: 'unknown', one: 'ports' }] });
  }
  const unread = own.flatMap(({ reading }) => reading.unread);
  const read = any || portless.length > 0 || items.length > unread.length;
  return { groups, sourcePorts: readSourcePorts(cells, review), review, read };
}

/** What stands beside ICMP alone, in the one column of ports. */
function icmpTypes(cells: RowCells, [protocol, other]: readonly string[]): IcmpReading | undefined {
  const [column, second] = cells.of('port');
  if (protocol === undefined || other !== undefined || column === undefined || second !== undefined)
    return undefined;
  return readIcmpTypes(column.text, protocol);
}

function notRead(cells: RowCells, portless: readonly string[]): string {
  const written = cells.of('port').map(({ text }) => `\`${text}\``);
  const what = written.length === 0 ? 'What looks like ports' : written.join(', ');
  const all = portless.some((one) => one.startsWith('icmp')) ? '; all of its types are taken' : '';
  return `${what} stands beside ${portless.join(', ')}, which has no ports, and was not read${all}.`;
}

function rowProtocols(cells: RowCells, review: string[]): readonly string[] {
  const found = new Set<string>();
  for (const { text } of cells.of('protocol')) {
    const reading = readProtocolCell(text);
    for (const one of reading.protocols) found.add(one);
    review.push(...reading.review);
  }
  return [...found];
}

type ColumnReading = { readonly reading: PortReading; readonly transport?: 'tcp' | 'udp' };

/** The readings of the columns of ports; where there is none, of those in which ports may stand beside a name. */
function portReadings(cells: RowCells, review: string[]): readonly ColumnReading[] {
  const columns = cells.of('port');
  const instead = [...cells.of('service'), ...cells.of('protocol')].filter(({ text }) => /\d/.test(text));
  if (columns.length === 0 && instead.length > 0)
    review.push(`There is no column of ports; they are read from \`${instead[0]?.heading}\`.`);
  return (columns.length > 0 ? columns : instead.slice(0, 1)).map(({ text, meaning, heading }) => {
    const reading = readPorts(text);
    review.push(...reading.review);
    for (const part of reading.unread)
      review.push(
        `\`${part}\` under \`${heading}\` could not be read as ports; the site sets the parameter.`,
      );
    return { reading, ...(meaning.transport === undefined ? {} : { transport: meaning.transport }) };
  });
}

/** The items by their protocols, in the cell's order. */
function grouped(
  items: readonly PortItem[],
  any: boolean,
  carried: readonly string[],
  review: string[],
): PortGroup[] {
  const groups = new Map<string, PortItem[]>();
  for (const item of items) {
    const key = item.transports.join('+');
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const made = [...groups.values()].map((some): PortGroup => {
    const transports = some[0]?.transports ?? [];
    const other = transports.filter((one) => carried.length > 0 && !carried.includes(one));
    if (other.length > 0)
      review.push(
        `The ports' protocol (${other.join(', ')}) is not the row's (${carried.join(', ')}); the ports' is taken.`,
      );
    const ports = some.map(({ term }) => term);
    if (transports.length > 0) return { protocols: transports, ports };
    return { protocols: defaulted(carried, review), ports };
  });
  if (!any) return made;
  return [{ protocols: defaulted(carried, review), ports: 'any' }, ...made];
}

function defaulted(carried: readonly string[], review: string[]): readonly string[] {
  if (carried.length > 0) return carried;
  review.push('No protocol is named that is known here; TCP is taken.');
  return ['tcp'];
}

/** Source ports: `ANY`, and words for the ephemeral ones, are what every connection has. */
function readSourcePorts(cells: RowCells, review: string[]): readonly PortTerm[] {
  return cells.of('source-port').flatMap(({ text, heading }) => {
    const { items, unread } = readPorts(text);
    for (const part of unread)
      review.push(`\`${part}\` under \`${heading}\` could not be read; all source ports are taken.`);
    if (items.some(({ term }) => term.kind === 'choice'))
      review.push(`\`${text}\` under \`${heading}\` is a choice; all of the ports are taken.`);
    if (unread.length > 0) return [];
    return items.flatMap(({ term }): PortTerm[] => {
      if (term.kind === 'choice') return term.options.map(([from, to]) => ({ kind: 'range', from, to }));
      return term.kind === 'range' ? [term] : [];
    });
  });
}
