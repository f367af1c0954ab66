import { rewritten } from '../../rule/rewrite.ts';
import { allOf, type Condition } from '../../rule/condition.ts';
import type { Chain, CoverageEntry } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import type { CloudLayers } from '../cloud.ts';
import { addressIs, EVERYBODY } from './addresses.ts';

/** The one family that interfaces surely have no address of; undefined where they have both, or one of them does not say. */
export function lackedBy(interfaces: readonly { readonly lacks: 4 | 6 | undefined }[]): 4 | 6 | undefined {
  const [first] = interfaces;
  return interfaces.every(({ lacks }) => lacks === first?.lacks) ? first?.lacks : undefined;
}

/**
 * The chains of a point whose interfaces have no address of a family: a rule that names a group of machines means connections
 * between these and the instance, so it means none of that family; nor do rules that the provider writes into every group. What
 * rules name by addresses stays open in both: the day the interface gets an address, it is.
 */
export function ofOwnFamilies({ chains, lacks, ...rest }: CloudLayers, origin: Span): CloudLayers {
  if (lacks === undefined) return { chains, ...rest };
  const machines = new Set(rest.facts.machineGroups);
  const own = addressIs('src', EVERYBODY[lacks === 4 ? 6 : 4]);
  const narrowed = (one: Condition): Condition =>
    one.kind === 'group' && one.side === 'peer' && machines.has(one.group) ? allOf([one, own]) : one;
  const within = (chain: Chain): Chain => ({
    ...chain,
    rules: chain.rules.map((rule) => {
      const match = rewritten(rule.match, narrowed);
      return { ...rule, match: rule.standard === true ? allOf([match, own]) : match };
    }),
  });
  const coverage = machines.size === 0 ? rest.coverage : [...rest.coverage, lackingTold(lacks, origin)];
  return { ...rest, chains: chains.map(within), coverage };
}

/** What is made of a family that interfaces have no address of. */
export function lackingTold(lacks: 4 | 6, span: Span): CoverageEntry {
  const reason = `the export shows no IPv${lacks} address of the interfaces: what rules say of groups whose members nobody gave, and what the provider lets pass by itself, is taken to be about IPv${lacks === 4 ? 6 : 4} alone`;
  return { span, status: 'approximated', reason };
}
