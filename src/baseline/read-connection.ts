import { CONNECTION_STATES, type ConnectionState, PORT_PROTOCOLS } from '../packet/packet.ts';
import { textsOf } from './addresses.ts';
import { ANY, type Cluster, type Connection, type Feature, INTERNET } from './baseline.ts';
import type { Level, Parameter, Role } from './baseline.ts';
import { type Delivery, deliveryFamilies, deliveryIn, readDelivery } from './delivery.ts';
import type { Located } from './located.ts';
import { type Complaints, type PortTerm, readPorts } from './ports.ts';
import { absent, readFamilies, readIcmp, readProtocols } from './read-protocols.ts';
import { readReply } from './read-reply.ts';
import { complaint } from './complaint.ts';
import { oneOf, suggestion } from './suggest.ts';

/** The names that rows may use. */
export interface Names {
  readonly roles: ReadonlyMap<string, Role>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly features: ReadonlyMap<string, Feature>;
  readonly clusters: ReadonlyMap<string, Cluster>;
}

/** Where the keys of one connection stand: its own map first, then the row's. */
export type Keys = (key: string) => Located | undefined;

/**
 * One connection of a row (two where it is bidirectional). What cannot be read is complained about; the result is
 * used only where there was no complaint.
 *
 * @param place what to point at where a key is absent
 */
export function readConnection(
  id: string,
  keys: Keys,
  place: Located,
  names: Names,
  complaints: Complaints,
  because?: string,
): Connection[] {
  const loopback = keys('loopback')?.value === true;
  const parties = readParties(keys, place, loopback, names, complaints);
  const protocols = readProtocols(keys('protocols'), place, complaints);
  const level = (keys('level')?.value ?? 'required') as Level;
  const icmp = readIcmp(keys('icmp'), protocols, complaints);
  const ports = readDestinationPorts(keys('ports'), protocols, place, level, names, complaints);
  const sourcePorts = readSourcePorts(keys('sourcePorts'), protocols, names, complaints);
  const features = textsOf(keys('feature')).map(
    (one) => known('feature', one, names.features, complaints) ?? '',
  );
  const cluster = known('cluster', keys('cluster'), names.clusters, complaints);
  const hopLimit = keys('hopLimit')?.value as number | undefined;
  const delivery = readDelivery(
    keys('delivery'),
    { prohibited: level === 'prohibited', loopback },
    complaints,
  );
  const families = readFamilies(keys('families'), protocols, place, complaints);
  const reached =
    delivery === undefined ? families : reachedIn(families, delivery, keys('delivery'), complaints);
  const connection: Connection = {
    id,
    ...parties,
    protocols,
    ...(ports === undefined ? {} : { ports }),
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(hopLimit === undefined ? {} : { hopLimit }),
    ...(delivery === undefined ? {} : { delivery: deliveryIn(delivery, reached) }),
    ...readReply(keys('reply'), protocols, complaints),
    states: readStates(keys('state')),
    families: reached,
    level,
    features,
    ...(cluster === undefined ? {} : { cluster }),
    loopback,
    ...(because === undefined ? {} : { because }),
  };
  if (keys('bidirectional')?.value !== true || parties.source === parties.destination) return [connection];
  const { source, destination } = parties;
  return [connection, { ...connection, id: `${id}.reverse`, source: destination, destination: source }];
}

/** The families in which the connection goes anywhere: solicited-node groups are IPv6's, the broadcast address is IPv4's. */
function reachedIn(
  families: readonly (4 | 6)[],
  delivery: Delivery,
  value: Located | undefined,
  complaints: Complaints,
): readonly (4 | 6)[] {
  const there = deliveryFamilies(delivery);
  const reached = families.filter((family) => there.includes(family));
  if (reached.length === 0 && there.length > 0 && families.length > 0 && value !== undefined)
    complaints.push(
      complaint({
        code: 'delivery-family',
        message: `The delivery is about IPv${there.join(' and IPv')}, and the connection about IPv${families.join(' and IPv')}.`,
        span: value.span,
        expected: 'groups of the family that the protocol and `families` name',
      }),
    );
  return reached;
}

function readParties(
  keys: Keys,
  place: Located,
  loopback: boolean,
  names: Names,
  complaints: Complaints,
): { source: string; destination: string } {
  const source = keys('source') ?? (loopback ? keys('destination') : undefined);
  const destination = keys('destination') ?? (loopback ? keys('source') : undefined);
  if (loopback && source?.value !== destination?.value)
    complaints.push(
      complaint({
        code: 'loopback-parties',
        message: 'A loopback connection begins and ends at one role.',
        span: (destination ?? place).span,
        expected: 'the same `source` and `destination`, or only one of them',
      }),
    );
  return {
    source: readParty('source', source, place, names, complaints),
    destination: readParty('destination', destination, place, names, complaints),
  };
}

function readParty(
  key: string,
  value: Located | undefined,
  place: Located,
  names: Names,
  complaints: Complaints,
): string {
  if (value === undefined) {
    complaints.push(absent(key, place, 'a role of this baseline, `any` or `internet`'));
    return '';
  }
  const role = String(value.value);
  if (role === ANY || role === INTERNET || names.roles.has(role)) return role;
  const candidates = [...names.roles.keys(), ANY, INTERNET];
  complaints.push(
    complaint({
      code: 'unknown-role',
      message: `\`${role}\` is not a role of this baseline.`,
      span: value.span,
      expected: oneOf(candidates),
      help: suggestion(role, candidates) ?? `Define \`${role}\` under \`roles\`.`,
    }),
  );
  return role;
}

function readDestinationPorts(
  value: Located | undefined,
  protocols: readonly number[],
  place: Located,
  level: Level,
  names: Names,
  complaints: Complaints,
): readonly PortTerm[] | undefined {
  if (value === undefined && protocols.some((protocol) => PORT_PROTOCOLS.includes(protocol)))
    complaints.push(absent('ports', place, 'a list of ports, or `any`'));
  complainAboutPorts(value, protocols, names, complaints);
  const terms = readPorts(value, complaints);
  if (value !== undefined && level === 'prohibited' && terms?.some((term) => term.kind === 'choice'))
    complaints.push(
      complaint({
        code: 'prohibited-choice',
        message: 'A prohibited connection cannot offer a choice of ports.',
        span: value.span,
        help: 'List the ports: all of them are prohibited.',
      }),
    );
  return terms;
}

function readSourcePorts(
  value: Located | undefined,
  protocols: readonly number[],
  names: Names,
  complaints: Complaints,
): readonly PortTerm[] | undefined {
  complainAboutPorts(value, protocols, names, complaints);
  const terms = readPorts(value, complaints);
  if (value !== undefined && terms?.some((term) => term.kind === 'choice'))
    complaints.push(
      complaint({
        code: 'source-port-choice',
        message: 'Source ports cannot be a choice.',
        span: value.span,
        expected: 'ports, ranges or a parameter',
      }),
    );
  return terms;
}

function complainAboutPorts(
  value: Located | undefined,
  protocols: readonly number[],
  names: Names,
  complaints: Complaints,
): void {
  if (value === undefined) return;
  if (protocols.some((protocol) => !PORT_PROTOCOLS.includes(protocol)))
    complaints.push(
      complaint({
        code: 'ports-without-protocol',
        message: 'Ports stand beside a protocol that has none.',
        span: value.keySpan ?? value.span,
        expected: 'ports only with tcp, udp, udplite, sctp and dccp',
        help: 'Write one connection for each protocol.',
      }),
    );
  for (const item of value.items ?? [])
    known('parameter', item.entries?.get('parameter'), names.parameters, complaints);
}

function known(
  kind: 'feature' | 'cluster' | 'parameter',
  value: Located | undefined,
  names: ReadonlyMap<string, unknown>,
  complaints: Complaints,
): string | undefined {
  if (value === undefined) return undefined;
  const name = String(value.value);
  if (!names.has(name))
    complaints.push(
      complaint({
        code: `unknown-${kind}`,
        message: `\`${name}\` is not a ${kind} of this baseline.`,
        span: value.span,
        expected: oneOf(names.keys()),
        help: suggestion(name, names.keys()) ?? `Define \`${name}\` under \`${kind}s\`.`,
      }),
    );
  return name;
}

function readStates(value: Located | undefined): readonly ConnectionState[] {
  const named = (value?.value as ConnectionState[] | undefined) ?? ['new'];
  return CONNECTION_STATES.filter((state) => named.includes(state));
}
