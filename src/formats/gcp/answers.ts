import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { ConfigPart } from '../reader.ts';
import type { Firewall, GcpContent, GcpInterface } from './content.ts';
import type { GcpModel } from './model.ts';

/**
 * Answers to get-effective-firewalls that may be of one interface of an instance: they look like those of its network, and have only
 * the rules that apply to that interface. (https://cloud.google.com/compute/docs/reference/rest/v1/instances/getEffectiveFirewalls)
 */
export function answersOfWhat(model: GcpModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const contents = parts.flatMap((part) => (part.cloud?.content as GcpContent | undefined) ?? []);
  const answers = contents.flatMap(({ effective }) => effective);
  const answered = new Set(answers.flatMap(({ firewalls }) => firewalls));
  const listed = contents.flatMap(({ firewalls }) => firewalls).filter((one) => !answered.has(one));
  const known = new Set(listed.map(({ network }) => network));
  return (
    answers
      // Where the network's rules themselves were listed nothing is missing.
      .filter(({ networks }) => known.size === 0 || !networks.every((network) => known.has(network)))
      .filter(({ firewalls }) => mayBeOfOne(model.interfaces, firewalls))
      .map(({ span }): CoverageEntry => {
        const reason =
          'the answer does not say whether it is of a network or of one interface, which has no rules for other instances: it is taken for that of the network (`gcloud compute firewall-rules list` has all rules)';
        return { span, status: 'approximated', reason };
      })
  );
}

/** Whether one interface may have all of the rules, and others have some besides. */
function mayBeOfOne(interfaces: readonly GcpInterface[], firewalls: readonly Firewall[]): boolean {
  const hasAll = ({ tags, accounts }: GcpInterface): boolean =>
    firewalls.every(({ rule: { targets } }) => {
      const named = [...targets.tags, ...targets.accounts];
      return named.length === 0 || named.some((name) => tags.includes(name) || accounts.includes(name));
    });
  if (interfaces.length === 0) return true;
  const carried = new Set(interfaces.map(({ tags, accounts }) => [...tags, '', ...accounts].join(' ')));
  return carried.size > 1 && interfaces.some(hasAll);
}
