import { Diagram } from '../packet/diagram.ts';
import type { AddressNumbering } from '../packet/numbering.ts';
import { PacketSpace } from '../packet/set.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { layoutFor } from './layout-choice.ts';
import { numberingFor } from './numbering-choice.ts';

/** About how many diagram nodes each rule of a rule set takes in a whole comparison; measured on the benchmark's mix. */
const NODES_PER_RULE = 24;

/** A space for the analyses of a rule set: with the order of fields that suits it, and room for what they will need. */
export function spaceFor(
  ruleset: Ruleset,
  numbering: AddressNumbering | undefined = numberingFor(ruleset),
): PacketSpace {
  const rules = ruleset.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
  const layout = layoutFor(ruleset, numbering);
  return new PacketSpace(new Diagram({ layout, numbering, expected: NODES_PER_RULE * rules }));
}
