import type { CloudFacts } from '../../rule/ruleset.ts';

/**
 * Whether interfaces are of one machine: one by itself, or several that say so. Which of its addresses a machine sends from makes
 * no difference: a packet to any of its own never reaches a wire (RFC 1122, 3.3.4.2; Linux: routing table `local`).
 * @param machines of each interface, where it says whose it is
 */
export function machinesAmong(machines: readonly (string | undefined)[]): Pick<CloudFacts, 'machines'> {
  const said = new Set(machines.filter((one) => one !== undefined));
  if (said.size > 1) return { machines: 'several' };
  const isOne = machines.length === 1 || (said.size === 1 && !machines.includes(undefined));
  return isOne ? { machines: 'one' } : {};
}
