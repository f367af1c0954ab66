import { badAddress, problemsOf } from '../exports/problems.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { bareInFiles } from './bare-rules.ts';
import type { AddressGroup, OpenstackContent, Port, SecurityGroup, SecurityRule, Server } from './content.ts';
import { withNames } from './label.ts';
import {
  distinctAddressGroups,
  distinctPorts,
  distinctRules,
  distinctServers,
  mergedGroup,
  tellStray,
} from './same.ts';

/** A security group with its rules. */
export interface Group {
  readonly id: string;
  readonly name: string | undefined;
  /** Undefined where the export does not say. */
  readonly stateful: boolean | undefined;
  readonly rules: readonly SecurityRule[];
  readonly span: Span;
}

/** A project's exports, put together. */
export interface OpenstackModel {
  /** Groups whose rules are known, by id. */
  readonly groups: ReadonlyMap<string, Group>;
  /** Groups that the exports list and whose rules nobody gave. */
  readonly withoutRules: readonly SecurityGroup[];
  /** Ports of instances. */
  readonly ports: readonly Port[];
  readonly servers: readonly Server[];
  /** Ports were listed: members of groups are known. */
  readonly hasPorts: boolean;
  /** Addresses of every group of the project, of every other that ports carry, and of address groups, by id. */
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Groups that ports carry and that are not among those exported: ports of another project may carry them too. */
  readonly shared: ReadonlySet<string>;
  /** Ids by name, of groups and address groups. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Puts the files of one project together. What is given twice must say the same. */
export function buildModel(contents: readonly OpenstackContent[]): Result<OpenstackModel> {
  const errors: Diagnostic[] = [];
  const all = <T>(pick: (content: OpenstackContent) => readonly T[]): T[] => contents.flatMap(pick);
  const exported = exportedGroups(
    all((c) => c.groups),
    errors,
  );
  errors.push(...bareInFiles(contents));
  const unnamed = groupsWithRules(contents, exported, errors);
  const ports = distinctPorts(
    all((c) => c.ports),
    errors,
  );
  const hasPorts = contents.some(({ allPorts }) => allPorts);
  const addressGroups = distinctAddressGroups(
    all((c) => c.addressGroups),
    errors,
  );
  const ids = idsOf([...exported.values(), ...addressGroups]);
  const groups = new Map(
    [...unnamed].map(([id, group]) => [id, { ...group, rules: withNames(group.rules, ids) }]),
  );
  const known = new Set([...exported.keys(), ...groups.keys()]);
  const carried = new Set(ports.flatMap((port) => port.groups).filter((id) => !known.has(id)));
  const model: OpenstackModel = {
    groups,
    withoutRules: [...exported.values()].filter(({ id }) => !groups.has(id)),
    ports: ports.filter(({ trusted }) => !trusted),
    servers: distinctServers(
      all((c) => c.servers),
      errors,
    ),
    hasPorts,
    members: new Map([
      ...(hasPorts ? membersOf([...known, ...carried], ports, errors) : []),
      ...addressMembers(addressGroups, errors),
    ]),
    // Rules and ports alone do not say which groups the project has.
    shared: exported.size > 0 ? carried : new Set(),
    ids,
  };
  return errors.length > 0 ? problemsOf(errors) : success(model);
}

function exportedGroups(given: readonly SecurityGroup[], errors: Diagnostic[]): Map<string, SecurityGroup> {
  const found = new Map<string, SecurityGroup>();
  for (const group of given) {
    const before = found.get(group.id);
    found.set(group.id, before === undefined ? group : mergedGroup(before, group, errors));
  }
  return found;
}

/** Groups with their own rules and those that stand beside them; those of which no rules were given are left out. */
function groupsWithRules(
  contents: readonly OpenstackContent[],
  exported: ReadonlyMap<string, SecurityGroup>,
  errors: Diagnostic[],
): Map<string, Group> {
  const beside = contents.flatMap((content) => content.rules);
  const loose = looseRules(beside, exported);
  const complete = contents.some(({ allRules }) => allRules);
  const groups = new Map<string, Group>();
  for (const [id, group] of exported) {
    const rules = [...(group.rules ?? []), ...(loose.get(id) ?? [])];
    if (group.rules === undefined && !loose.has(id) && !complete) continue;
    tellStray(group, loose.get(id) ?? [], errors);
    groups.set(id, { ...group, rules: distinctRules(rules, errors) });
  }
  for (const [id, rules] of loose)
    if (!exported.has(id)) {
      const span = { ...(rules[0] as SecurityRule).span, label: id };
      groups.set(id, { id, name: undefined, stateful: undefined, rules: distinctRules(rules, errors), span });
    }
  return groups;
}

/** Rules by their group's id. A group that only a file's name tells may be named there by its name. */
function looseRules(
  rules: readonly SecurityRule[],
  exported: ReadonlyMap<string, SecurityGroup>,
): Map<string, SecurityRule[]> {
  const named = idsOf([...exported.values()]);
  const found = new Map<string, SecurityRule[]>();
  for (const rule of rules) {
    const id = exported.has(rule.group) ? rule.group : (named.get(rule.group) ?? rule.group);
    const list = found.get(id);
    if (list === undefined) found.set(id, [rule]);
    else list.push(rule);
  }
  return found;
}

/** Ids by names that one thing only has. */
function idsOf(
  things: readonly { readonly id: string; readonly name: string | undefined }[],
): Map<string, string> {
  const found = new Map<string, string>();
  const several = new Set<string>();
  for (const { id, name } of things) {
    if (name === undefined || name === id) continue;
    if (found.has(name) && found.get(name) !== id) several.add(name);
    found.set(name, id);
  }
  return new Map([...found].filter(([name]) => !several.has(name)));
}

/**
 * A remote group means the fixed addresses of the ports that carry it, and their allowed address pairs.
 * (https://docs.openstack.org/api-ref/network/v2/index.html#allowed-address-pairs; neutron, db/securitygroups_rpc_base.py)
 */
function membersOf(
  known: readonly string[],
  ports: readonly Port[],
  errors: Diagnostic[],
): Map<string, GroupMembers> {
  const gathered = new Map(known.map((id) => [id, new AddressGatherer()]));
  for (const { groups, addresses, pairs = [], span } of ports)
    for (const text of [...addresses, ...pairs]) {
      for (const id of groups) gathered.get(id)?.add(text);
      if (!new AddressGatherer().add(text)) errors.push(badAddress(text, span));
    }
  return new Map([...gathered].map(([id, addresses]) => [id, addresses.members]));
}

function addressMembers(groups: readonly AddressGroup[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const found = new Map<string, GroupMembers>();
  for (const { id, addresses, span } of groups) {
    if (addresses === undefined) continue;
    const gathered = new AddressGatherer();
    for (const text of addresses) if (!gathered.add(text)) errors.push(badAddress(text, span));
    found.set(id, gathered.members);
  }
  return found;
}
