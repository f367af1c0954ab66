import { formatRange } from '../packet/address.ts';
import { protocolName } from '../packet/protocol.ts';
import { pairsOf, type Ranges } from '../packet/ranges.ts';
import type { AddressSets } from './addresses.ts';
import type { Baseline, Connection, Role, Row } from './baseline.ts';
import { deliveryTexts } from './delivery.ts';
import { formatPorts, type PortTerm } from './ports.ts';
import { connectionText } from './read-rows.ts';

/** A baseline as plain JSON values in a stable order; for `baseline show --format json`. */
export function baselineJson(baseline: Baseline): Record<string, unknown> {
  const { id, title, product, description, document, review, closed, tables, rows, sha256 } = baseline;
  const extended = baseline.extends.map(({ name }) => name);
  return {
    schemaVersion: '1',
    id,
    title,
    ...(product === undefined ? {} : { product }),
    ...(description === undefined ? {} : { description }),
    document,
    ...(extended.length === 0 ? {} : { extends: extended }),
    sha256,
    ...(review.length === 0 ? {} : { review: review.map(({ text }) => text) }),
    closed: { in: closed.in, out: closed.out, forward: closed.forward },
    roles: Object.fromEntries([...baseline.roles].map(([name, role]) => [name, roleJson(role)])),
    parameters: Object.fromEntries(
      [...baseline.parameters].map(([name, { title: text, type, default: ports }]) => [
        name,
        { title: text, type, ...(ports === undefined ? {} : { default: portList(ports) }) },
      ]),
    ),
    features: Object.fromEntries(baseline.features),
    clusters: Object.fromEntries(baseline.clusters),
    tables: Object.fromEntries(tables),
    rows: rows.map(rowJson),
  };
}

function roleJson({ addresses, within, ...role }: Role): Record<string, unknown> {
  return {
    ...role,
    ...(addresses === undefined ? {} : { addresses: addressList(addresses) }),
    ...(within === undefined ? {} : { within: addressList(within) }),
  };
}

/** Addresses of both families as ranges in words. */
export function addressList({ ipv4, ipv6 }: AddressSets): string[] {
  return [
    ...pairsOf(ipv4).map(([lo, hi]) => formatRange(4, lo, hi)),
    ...pairsOf(ipv6).map(([lo, hi]) => formatRange(6, lo, hi)),
  ];
}

function rowJson({ origin, connections, written, ...row }: Row): Record<string, unknown> {
  return {
    ...row,
    line: origin.file.position(origin.start).line,
    connections: connections.map(connectionJson),
    ...(written.length === 0 ? {} : { written: written.map(connectionJson) }),
  };
}

function connectionJson(connection: Connection): Record<string, unknown> {
  const { protocols, ports, sourcePorts, delivery, ...rest } = connection;
  return {
    ...rest,
    protocols: protocols.map(protocolName),
    ...(ports === undefined ? {} : { ports: ports.flatMap(termJson) }),
    ...(sourcePorts === undefined ? {} : { sourcePorts: sourcePorts.flatMap(termJson) }),
    ...(delivery === undefined ? {} : { delivery: deliveryTexts(delivery) }),
    text: connectionText(connection),
  };
}

function termJson(term: PortTerm): unknown[] {
  if (term.kind === 'ports') return portList(term.ports);
  if (term.kind === 'parameter') return [{ parameter: term.name }];
  const choice = term.options.map(formatPorts);
  return [term.parameter === undefined ? { choice } : { choice, parameter: term.parameter }];
}

function portList(ports: Ranges): string[] {
  return pairsOf(ports).map(([lo, hi]) => formatPorts([lo, hi]));
}
