import type { Party, ResolvedHost } from '../../baseline/model.ts';
import { type InterfacePattern, interfaceText } from '../../rule/condition.ts';
import { interfacesOfIp } from '../../rule/ip-interfaces.ts';
import type { HostFacts, Ruleset } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/** So many of a host's interfaces are named. */
const MOST_NAMES = 8;

/** Roles that are bound to interfaces of which the host has none, or by which IP sees nothing: a slip in a name closes every row of the role. */
export function absentInterfaces(host: ResolvedHost, { host: facts }: Ruleset): readonly Diagnostic[] {
  if (facts === undefined || facts.interfaces.length === 0) return [];
  const absent = new Map<string, Party>();
  for (const { rows } of host.baselines)
    for (const { status, source, destination } of rows)
      for (const party of status === 'not-applicable' ? [] : [source, destination])
        if (party.interfaces.length > 0 && !isThere(party, facts)) absent.set(party.role, party);
  return [...absent.values()].map((party) => absentHere(host.name, party, facts));
}

const isThere = ({ interfaces }: Party, facts: HostFacts): boolean =>
  interfacesOfIp(facts).some((name) => interfaces.some((pattern) => isMeant(pattern, name)));

const isMeant = ({ name, prefix }: InterfacePattern, one: string): boolean =>
  prefix ? one.startsWith(name) : one === name;

/** What IP sees instead of interfaces that are parts of another, which may be a part itself: a bond below a bridge. */
function wholesOf({ interfaces }: Party, { below, ports = new Set() }: HostFacts): readonly string[] {
  let names = [...ports].filter((name) => interfaces.some((pattern) => isMeant(pattern, name)));
  const above = (part: string): string[] =>
    [...(below ?? [])].filter(([, parts]) => parts.some(({ name }) => name === part)).map(([whole]) => whole);
  // No chain of parts is longer than there are parts, unless the listing has a circle.
  for (let left = ports.size; left > 0 && names.some((name) => ports.has(name)); left--)
    names = [...new Set(names.flatMap((name) => (ports.has(name) ? above(name) : [name])))];
  return names;
}

/** The master of all ports of Open vSwitch's switches, by which nothing passes (net/openvswitch/vport-netdev.c). */
const OPEN_VSWITCH = 'ovs-system';

function absentHere(host: string, party: Party, facts: HostFacts): Diagnostic {
  const { role, interfaces } = party;
  const wholes = wholesOf(party, facts);
  const bound = `\`${role}\` is bound to ${interfaces.map(interfaceText).join(', ')}`;
  const told = (what: string, help: string): Diagnostic => {
    return {
      severity: 'warning',
      code: 'absent-interface',
      message: `${bound}, ${what}`,
      span: facts.origin,
      help,
    };
  };
  if (wholes.length === 0)
    return told(
      `which \`${host}\` does not have: it has ${namesOf(facts)}`,
      `correct \`interfaces:\` of \`${role}\`, or capture \`ip -j addr\` while they are there`,
    );
  if (wholes.includes(OPEN_VSWITCH))
    return told(
      `a part of a switch on \`${host}\`: rules see packets by the switch's internal ports alone`,
      `bind \`${role}\` to the internal port by which its packets come, such as br-ex`,
    );
  return told(
    `a part of ${wholes.join(', ')} on \`${host}\`: rules see packets by the whole alone`,
    `bind \`${role}\` to ${wholes.join(', ')}`,
  );
}

function namesOf(facts: HostFacts): string {
  const names = facts.interfaces.slice(0, MOST_NAMES);
  const more = facts.interfaces.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
