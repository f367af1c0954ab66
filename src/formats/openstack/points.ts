import { whichGroups } from '../exports/problems.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../../text/diagnostic.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { parsePrefix } from '../../packet/address.ts';
import type { CloudPoint, OwnAddress } from '../cloud.ts';
import type { CloudSelector } from '../../rule/cloud-selector.ts';
import { carriedBesides } from '../exports/carried-besides.ts';
import { unknownName } from '../exports/unknown.ts';
import type { Port, Server } from './content.ts';
import type { OpenstackModel } from './model.ts';

/** What guards some ports alike. */
export interface Placement {
  readonly groups: readonly string[];
  /** Undefined where the export does not say. */
  readonly security: boolean | undefined;
  /** Why the groups need not filter, where an export shows such a thing. */
  readonly bypass?: string | undefined;
  /** Empty where the exports have no port that is meant. */
  readonly ports: readonly Port[];
}

/** The account's own note of a point. */
export interface OpenstackPoint {
  readonly placements: readonly Placement[];
  /** What of the server that is meant is taken for granted. */
  readonly notes?: readonly CoverageEntry[];
}

/** One point for each distinct set of groups that a port carries, or for each group where there are no ports. */
export function pointsOf(model: OpenstackModel): CloudPoint[] {
  if (model.ports.length === 0) return [...model.groups.keys()].map((id) => pointOfGroups(model, [id]));
  const placements = placementsOf(model.ports);
  const alike = new Map<string, Placement[]>();
  for (const one of placements) {
    const key = [...one.groups, one.groups.length === 0 ? String(one.security) : ''].join('+');
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].map((some) => pointOf(some));
}

/**
 * The ports without groups that have the address. Where no port has it, those that have none of its family: of these the ones that
 * may use any address, if there are such.
 */
export function barePoint(model: OpenstackModel, { family, address }: OwnAddress): CloudPoint | undefined {
  const ranges = ({ addresses }: Port) =>
    addresses.flatMap((text) => parsePrefix(text) ?? []).filter((range) => range.family === family);
  const has = (port: Port): boolean => ranges(port).some(({ lo, hi }) => lo <= address && address <= hi);
  const holders = model.ports.filter(has);
  const without = model.ports.filter((port) => ranges(port).length === 0);
  const free = without.filter(({ security }) => security === false);
  const meant = [holders, free, without].find(({ length }) => length > 0) ?? [];
  const [only, second] = placementsOf(meant.filter(({ groups }) => groups.length === 0));
  const isBare = holders.every(({ groups }) => groups.length === 0);
  return only !== undefined && second === undefined && isBare ? pointOf([only]) : undefined;
}

/** The point that a selector names. */
export function findPoint(model: OpenstackModel, selector: CloudSelector): Result<CloudPoint> {
  if (selector.instance !== undefined) return pointOfInstance(model, selector.instance, selector);
  const names = selector.securityGroups ?? selector.groups ?? [];
  if (names.length === 0) return failure(whichGroups('project’s security groups', selector.span));
  const known = new Set([...model.groups.keys(), ...model.ports.flatMap(({ groups }) => groups)]);
  const ids: string[] = [];
  const errors: Diagnostic[] = [];
  for (const name of names) {
    const found = known.has(name)
      ? [name]
      : [...model.groups.values()].filter((group) => group.name === name).map(({ id }) => id);
    const [id, second] = found;
    if (id !== undefined && second === undefined) ids.push(id);
    else
      errors.push(
        unknownName(
          'security group',
          name,
          found,
          [...known].map((one) => ({ id: one, name: model.groups.get(one)?.name })),
          selector.span,
        ),
      );
  }
  return errors.length > 0 ? failure(...errors) : success(pointOfGroups(model, [...new Set(ids)].sort()));
}

function pointOfGroups(model: OpenstackModel, groups: readonly string[]): CloudPoint {
  const key = groups.join('+');
  const carrying = model.ports.filter((port) => port.groups.join('+') === key);
  if (carrying.length > 0) return pointOf(placementsOf(carrying));
  const origin = model.groups.get(groups[0] ?? '')?.span as Span;
  const notes = carriedBesides(
    groups,
    model.ports.map((port) => ({ name: port.name ?? port.id, groups: port.groups })),
    origin,
  );
  const content: OpenstackPoint = { placements: [{ groups, security: true, ports: [] }], notes };
  return { name: key, groups, origin, content };
}

/** A server by the id of its ports' device; or one port by its id or name. */
function pointOfInstance(
  model: OpenstackModel,
  instance: string,
  selector: CloudSelector,
): Result<CloudPoint> {
  const withId = model.ports.filter(({ device, id }) => [device, id].includes(instance));
  const servers = model.servers.filter(({ id, name }) => [id, name].includes(instance));
  if (withId.length > 0) {
    const named = servers.filter(({ id }) => id === instance && withId.every(({ device }) => device === id));
    return success({ ...pointOf(placementsOf(withId), notHeld(named, withId)), name: instance });
  }
  // Names of servers and of ports need not be of one alone.
  const own = model.ports.filter(({ name }) => name === instance);
  const found = [
    ...new Set([...servers.map(({ id }) => id), ...own.map((port) => whosePort(port, servers))]),
  ];
  const [server] = servers;
  if (found.length === 1)
    return server === undefined
      ? success({ ...pointOf(placementsOf(own), notHeld([], own)), name: instance })
      : pointOfServer(model, server, instance, selector);
  const known = [
    ...new Set([
      ...model.ports.map(({ device, id }) => device ?? id),
      ...model.servers.map(({ name, id }) => name ?? id),
    ]),
  ];
  return failure(unknownName('server or port', instance, found, known, selector.span));
}

/** The server of a port, as far as the port or one of these servers says; else the port. */
function whosePort({ id, device, addresses }: Port, servers: readonly Server[]): string {
  const having = servers.find((server) => addresses.some((one) => server.addresses.includes(one)));
  return device ?? having?.id ?? id;
}

/**
 * A server that is known by itself: its ports are those that name it and, where ports do not say whose they are, as in
 * `port list`, those that have its addresses. Without ports it is taken to have one, with the groups that it shows.
 */
function pointOfServer(
  model: OpenstackModel,
  server: Server,
  instance: string,
  selector: CloudSelector,
): Result<CloudPoint> {
  const named = model.ports.filter(({ device }) => device === server.id);
  const having = model.ports.filter(
    ({ device, addresses }) =>
      device === undefined && addresses.some((one) => server.addresses.includes(one)),
  );
  const own = named.length > 0 ? named : having;
  const held = own.flatMap(({ addresses }) => addresses);
  if (named.length === 0 && new Set(held).size < held.length)
    return failure(placed(sharedAddress(server, own), selector.span));
  if (own.length > 0)
    return success({ ...pointOf(placementsOf(own), notHeld([server], own)), name: instance });
  if (model.hasPorts || server.groups === undefined || server.groups.length === 0)
    return failure(withoutPorts(server, selector.span));
  const { span } = selector;
  const point = findPoint(model, { securityGroups: server.groups, ...(span === undefined ? {} : { span }) });
  if (!point.ok) return point;
  const note: CoverageEntry = { span: server.span, status: 'approximated', reason: WITHOUT_PORTS };
  const shown = point.value.content as OpenstackPoint;
  const content: OpenstackPoint = { ...shown, notes: [...(shown.notes ?? []), note] };
  return success({ ...point.value, name: instance, content });
}

const WITHOUT_PORTS =
  'the server’s ports were not given: it is taken to have one with all the groups that it shows (`openstack port list --long` has them)';

/** Addresses of a server that none of its ports has; a list of servers does not say which of them are floating. */
function notHeld(servers: readonly Server[], ports: readonly Port[]): CoverageEntry[] {
  const held = new Set(ports.flatMap(({ addresses }) => addresses));
  return servers.flatMap(({ addresses, span }) => {
    const others = addresses.filter((one) => !held.has(one));
    if (others.length === 0) return [];
    const reason = `no exported port of the server has ${others.join(', ')}: where that is no floating address, a port is missing, and what its groups let through is not judged (\`openstack port list --long\` has all of them)`;
    return [{ span, status: 'approximated', reason } as const];
  });
}

function sharedAddress({ span }: Server, ports: readonly Port[]): Diagnostic {
  return {
    severity: 'error',
    code: 'ambiguous-port',
    message: `several ports have an address of the ${span.label ?? 'server'}, and none says whose it is: ${ports.map(({ id }) => `\`${id}\``).join(', ')}`,
    expected: 'ports that say of which server they are',
    help: 'export them with `openstack port show -f json`, which says `device_id`',
  };
}

function withoutPorts({ span }: Server, said: Span | undefined): Diagnostic {
  return placed(
    {
      severity: 'error',
      code: 'server-without-ports',
      message: `no exported port is one of the ${span.label ?? 'server'}: which groups guard it is not known`,
      expected: 'its ports, with their groups',
      help: 'export them with `openstack port list --long -f json`',
    },
    said,
  );
}

function pointOf(placements: readonly Placement[], notes: readonly CoverageEntry[] = []): CloudPoint {
  const groups = [...new Set(placements.flatMap((one) => one.groups))].sort();
  const [first] = placements;
  const port = first?.ports[0] as Port;
  const content: OpenstackPoint = { placements, notes };
  const name =
    groups.length > 0
      ? groups.join('+')
      : first?.security === false
        ? 'port security disabled'
        : 'no security group';
  return { name, groups, origin: port.span, content };
}

function placementsOf(ports: readonly Port[]): Placement[] {
  const found = new Map<string, Port[]>();
  for (const port of ports) {
    // A port with groups has port security: it cannot be switched off while there are groups.
    const key = port.security === false ? ' ' : [...port.groups, port.bypass ?? ''].join('+');
    found.set(key, [...(found.get(key) ?? []), port]);
  }
  return [...found.values()].map((alike) => {
    const { groups, security, bypass } = alike[0] as Port;
    const said = alike.every((port) => port.security === security) ? security : undefined;
    return {
      groups: security === false ? [] : groups,
      security: groups.length > 0 && security !== false ? true : said,
      bypass,
      ports: alike,
    };
  });
}
