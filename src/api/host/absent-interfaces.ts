import type { Party, ResolvedHost } from '../../baseline/model.ts';
import { type InterfacePattern, interfaceText } from '../../rule/condition.ts';
import type { HostFacts, Ruleset } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/** So many of a host's interfaces are named. */
const MOST_NAMES = 8;

/** Roles that are bound to interfaces of which the host has none: a slip in a name closes every row of the role. */
export function absentInterfaces(host: ResolvedHost, { host: facts }: Ruleset): readonly Diagnostic[] {
  if (facts === undefined || facts.interfaces.length === 0) return [];
  const absent = new Map<string, Party>();
  for (const { rows } of host.baselines)
    for (const { status, source, destination } of rows)
      for (const party of status === 'not-applicable' ? [] : [source, destination])
        if (party.interfaces.length > 0 && !party.interfaces.some((pattern) => isThere(pattern, facts)))
          absent.set(party.role, party);
  return [...absent.values()].map((party) => absentHere(host.name, party, facts));
}

const isThere = ({ name, prefix }: InterfacePattern, { interfaces }: HostFacts): boolean =>
  interfaces.some((one) => (prefix ? one.startsWith(name) : one === name));

function absentHere(host: string, { role, interfaces }: Party, facts: HostFacts): Diagnostic {
  const names = facts.interfaces.slice(0, MOST_NAMES);
  const more = facts.interfaces.length - names.length;
  return {
    severity: 'warning',
    code: 'absent-interface',
    message: `\`${role}\` is bound to ${interfaces.map(interfaceText).join(', ')}, which \`${host}\` does not have: it has ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    span: facts.origin,
    help: `correct \`interfaces:\` of \`${role}\`, or capture \`ip -j addr\` while they are there`,
  };
}
