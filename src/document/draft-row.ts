import type { Names } from './draft-names.ts';
import type { PortTerm } from './reading/model.ts';
import type { ConnectionReading, RowReading } from './reading/row.ts';

type Values = Record<string, unknown>;

/** The draft's parameters by id, in the order in which rows ask for them. */
export type Parameters = Map<string, { readonly title: string; readonly type?: 'range' }>;

/** The keys of a row that say what it means. */
export interface RowMeaning {
  readonly values: Values;
  readonly review: readonly string[];
}

/** A row's meaning as a baseline writes it: one connection, or a list under `connections`. */
export function meaningOf(id: string, reading: RowReading, names: Names, parameters: Parameters): RowMeaning {
  const review: string[] = [];
  const written = reading.connections.map((connection) =>
    connectionValues(id, connection, reading, names, parameters, review),
  );
  const shared = {
    ...(reading.level === 'required' ? {} : { level: reading.level }),
    ...(reading.loopback ? { loopback: true } : {}),
    ...(reading.bidirectional ? { bidirectional: true } : {}),
  };
  const [only] = written;
  if (written.length === 1) return { values: { ...only, ...shared }, review };
  const connections = written.map((values, i) => ({ id: String(i + 1), ...values }));
  return { values: { ...shared, connections }, review };
}

function connectionValues(
  id: string,
  { source, destination, protocols, ports, icmp }: ConnectionReading,
  { level, sourcePorts }: RowReading,
  names: Names,
  parameters: Parameters,
  review: string[],
): Values {
  const from = names.party(source);
  const to = names.party(destination);
  const numbers = protocols.map((one) => (/^\d+$/.test(one) ? Number(one) : one));
  return {
    source: from,
    destination: to,
    protocols: numbers,
    ...(icmp === undefined ? {} : { icmp }),
    ...(ports === undefined ? {} : { ports: portValues(id, ports, level, parameters, review) }),
    ...(sourcePorts.length === 0 || ports === undefined
      ? {}
      : {
          sourcePorts: sourcePorts.flatMap((term) =>
            term.kind === 'range' ? [rangeText(term.from, term.to)] : [],
          ),
        }),
  };
}

function portValues(
  id: string,
  ports: 'any' | readonly PortTerm[],
  level: RowReading['level'],
  parameters: Parameters,
  review: string[],
): unknown {
  if (ports === 'any') return 'any';
  return ports.flatMap((term): unknown[] => {
    if (term.kind === 'range') return [rangeText(term.from, term.to)];
    if (term.kind === 'unknown') return [{ parameter: parameterOf(`${id}-ports`, term.one, parameters) }];
    const options = term.options.map(([from, to]) => rangeText(from, to));
    if (level !== 'prohibited')
      return [{ choice: options, parameter: parameterOf(`${id}-port`, 'ports', parameters) }];
    review.push('A prohibition offers no choice: all of the ports are prohibited.');
    return options;
  });
}

const rangeText = (from: number, to: number): number | string => (from === to ? from : `${from}-${to}`);

function parameterOf(id: string, one: 'ports' | 'range', parameters: Parameters): string {
  if (!parameters.has(id))
    parameters.set(id, {
      title: `Ports of the row ${id.replace(/-ports?$/, '')}`,
      ...(one === 'range' ? { type: 'range' } : {}),
    });
  return id;
}
