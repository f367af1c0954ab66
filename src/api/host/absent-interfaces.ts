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

/** What IP sees instead of interfaces that are parts of another. */
const wholesOf = ({ interfaces }: Party, { below = new Map(), ports }: HostFacts): readonly string[] =>
  [...below]
    .filter(([, parts]) =>
      parts.some(({ name }) => ports?.has(name) && interfaces.some((pattern) => isMeant(pattern, name))),
    )
    .map(([whole]) => whole);

function absentHere(host: string, party: Party, facts: HostFacts): Diagnostic {
  const { role, interfaces } = party;
  const wholes = wholesOf(party, facts);
  const bound = `\`${role}\` is bound to ${interfaces.map(interfaceText).join(', ')}`;
  const message =
    wholes.length > 0
      ? `${bound}, a part of ${wholes.join(', ')} on \`${host}\`: rules see packets by the whole alone`
      : `${bound}, which \`${host}\` does not have: it has ${namesOf(facts)}`;
  return {
    severity: 'warning',
    code: 'absent-interface',
    message,
    span: facts.origin,
    help:
      wholes.length > 0
        ? `bind \`${role}\` to ${wholes.join(', ')}`
        : `correct \`interfaces:\` of \`${role}\`, or capture \`ip -j addr\` while they are there`,
  };
}

function namesOf(facts: HostFacts): string {
  const names = facts.interfaces.slice(0, MOST_NAMES);
  const more = facts.interfaces.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
