import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { givenTwice } from '../exports/problems.ts';
import type { AddressGroup, GivenPort, Port, SecurityGroup, SecurityRule, Server } from './content.ts';
import { portWithoutGroups } from './problems.ts';

const ICMP = /^(?:icmp|icmpv6|ipv6-icmp|1|58)$/;

/**
 * Rules once each; the API's form tells more than the command's columns.
 * @param errors gets rules of one id that differ
 */
export function distinctRules(rules: readonly SecurityRule[], errors: Diagnostic[]): SecurityRule[] {
  const kept: SecurityRule[] = [];
  const byId = new Map<string, number>();
  for (const rule of rules) {
    const at = rule.id === undefined ? undefined : byId.get(rule.id);
    const before = at === undefined ? undefined : kept[at];
    if (before === undefined || at === undefined) {
      if (rule.id !== undefined) byId.set(rule.id, kept.length);
      kept.push(rule);
    } else if (unsaid(rule) + unsaid(before) > 0) {
      if (unsaid(rule) < unsaid(before)) kept[at] = rule;
    } else if (!isSameRule(before, rule)) errors.push(twice(`the rule \`${rule.id}\``, rule, before));
    else if (before.fromColumns) kept[at] = rule;
  }
  return kept;
}

const unsaid = ({ leftOut, isFamilyTaken }: SecurityRule): number => leftOut.length + (isFamilyTaken ? 1 : 0);

/** What two rules say, as far as both can say it: where one is of the columns, what these print of the other. */
function isSameRule(a: SecurityRule, b: SecurityRule): boolean {
  const columns = a.fromColumns || b.fromColumns;
  const plain = (rule: SecurityRule): string => {
    const { direction, family, protocol, prefix, remoteGroup, remoteAddresses, problem } = rule;
    const { min, max } = columns ? printed(rule) : rule;
    const peer = [networkOf(prefix), remoteGroup, remoteAddresses];
    return JSON.stringify([direction, family, protocol, ...peer, problem, min, max].map((one) => one ?? ''));
  };
  return plain(a) === plain(b);
}

/** The columns write the family's whole network where there is none. */
function networkOf(prefix: string | undefined): string | undefined {
  if (prefix === undefined || prefix === '0.0.0.0/0' || prefix === '::/0') return undefined;
  const addresses = new AddressGatherer();
  return addresses.add(prefix) ? membersText(addresses) : prefix;
}

/** Ports as the column "Port Range" has them: of ICMP it leaves out a type and a code that are 0. */
function printed({ protocol, min, max }: SecurityRule): { min: number | undefined; max: number | undefined } {
  if (protocol === undefined || !ICMP.test(protocol)) return { min: min ?? max, max: max ?? min };
  const code = max === 0 ? undefined : max;
  return { min: min === undefined || min === 0 ? (code === undefined ? undefined : 0) : min, max: code };
}

/**
 * A group that two files have: what the one says and the other does not is added.
 * @param errors gets groups that differ
 */
export function mergedGroup(
  before: SecurityGroup,
  after: SecurityGroup,
  errors: Diagnostic[],
): SecurityGroup {
  const differs =
    isOther(before.stateful, after.stateful) ||
    isOther(before.rules && rulesText(before.rules), after.rules && rulesText(after.rules));
  if (differs) errors.push(twice(`the security group \`${after.id}\``, after, before));
  const fuller = before.rules === undefined ? after : before;
  return {
    ...fuller,
    rules: before.rules === undefined ? after.rules : [...before.rules, ...(after.rules ?? [])],
    stateful: before.stateful ?? after.stateful,
  };
}

/** Whether both are said, and not alike. */
const isOther = <T>(a: T | undefined, b: T | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

/** Which rules a group has; what each of them says is compared by {@link distinctRules}. */
function rulesText(rules: readonly SecurityRule[]): string {
  return JSON.stringify(rules.map(({ id, span }) => id ?? span.label ?? '').sort());
}

/** A list of rules may have been asked for some of them only; one that the group does not have is of another day. */
export function tellStray(group: SecurityGroup, listed: readonly SecurityRule[], errors: Diagnostic[]): void {
  if (group.rules === undefined) return;
  const own = new Set(group.rules.map(({ id }) => id));
  const stray = own.has(undefined) ? undefined : listed.find(({ id }) => id !== undefined && !own.has(id));
  if (stray !== undefined) errors.push(twice(`the security group \`${group.id}\``, stray, group));
}

/**
 * Ports once each: what `port show` says of one tells more than its row in a list, and a row of a list with `--long` more than
 * one without.
 * @param errors gets ports that differ, and those whose groups nobody said
 */
export function distinctPorts(ports: readonly GivenPort[], errors: Diagnostic[]): Port[] {
  const found = new Map<string, GivenPort>();
  for (const port of ports) {
    const before = found.get(port.id);
    if (before !== undefined && !isSamePort(before, port))
      errors.push(twice(`the port \`${port.id}\``, port, before));
    found.set(port.id, before === undefined ? port : mergedPort(before, port));
  }
  return [...found.values()].flatMap((port): Port[] => {
    const { groups, span } = port;
    if (groups !== undefined) return [{ ...port, groups }];
    errors.push(portWithoutGroups(span));
    return [];
  });
}

function mergedPort(before: GivenPort, port: GivenPort): GivenPort {
  const isFuller = before.groups === undefined || (before.pairs === undefined && port.groups !== undefined);
  return {
    ...before,
    span: isFuller ? port.span : before.span,
    name: before.name ?? port.name,
    mac: before.mac ?? port.mac,
    groups: before.groups ?? port.groups,
    pairs: before.pairs ?? port.pairs,
    security: before.security ?? port.security,
    bypass: before.bypass ?? port.bypass,
    typed: before.typed || port.typed,
    device: before.device ?? port.device,
    machine: before.machine ?? port.machine,
    trusted: before.trusted || port.trusted,
  };
}

function isSamePort(a: GivenPort, b: GivenPort): boolean {
  const list = (texts: readonly string[] | undefined): string | undefined =>
    texts && [...texts].sort().join();
  return !(
    isOther(list(a.groups), list(b.groups)) ||
    isOther(list(a.addresses), list(b.addresses)) ||
    isOther(list(a.pairs), list(b.pairs)) ||
    isOther(a.security, b.security) ||
    isOther(a.device, b.device)
  );
}

/**
 * Address groups once each; a list may leave their addresses out.
 * @param errors gets groups that differ
 */
export function distinctAddressGroups(groups: readonly AddressGroup[], errors: Diagnostic[]): AddressGroup[] {
  const found = new Map<string, AddressGroup>();
  for (const group of groups) {
    const before = found.get(group.id);
    const text = ({ addresses }: AddressGroup): string | undefined =>
      addresses && [...addresses].sort().join();
    if (before !== undefined && isOther(text(before), text(group)))
      errors.push(twice(`the address group \`${group.id}\``, group, before));
    if (before?.addresses === undefined) found.set(group.id, group);
  }
  return [...found.values()];
}

/**
 * Servers once each; what shows one tells more than its row in a list.
 * @param errors gets servers that differ
 */
export function distinctServers(servers: readonly Server[], errors: Diagnostic[]): Server[] {
  const found = new Map<string, Server>();
  for (const server of servers) {
    const before = found.get(server.id);
    if (
      before !== undefined &&
      (isOther(before.name, server.name) || isOther(groupsText(before), groupsText(server)))
    )
      errors.push(twice(`the server \`${server.id}\``, server, before));
    const addresses = [...new Set([...(before?.addresses ?? []), ...server.addresses])];
    const [name, groups] = [before?.name ?? server.name, before?.groups ?? server.groups];
    found.set(server.id, { ...(before ?? server), name, addresses, groups });
  }
  return [...found.values()];
}

const groupsText = ({ groups }: Server): string | undefined => groups && [...groups].sort().join();

function membersText(addresses: AddressGatherer): string {
  const { ipv4, ipv6 } = addresses.members;
  return [...ipv4, ...ipv6].join();
}

function twice(what: string, one: { readonly span: Span }, before: { readonly span: Span }): Diagnostic {
  return givenTwice(what, one.span, before.span, 'project');
}
