import { Diagram } from '../../packet/diagram.ts';
import type { Layout } from '../../packet/layout.ts';
import type { AddressNumbering } from '../../packet/numbering.ts';
import { PacketSpace } from '../../packet/set.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import { layoutFor } from './choice.ts';
import { numberingFor } from './numbering-choice.ts';

/** About how many diagram nodes each rule of a rule set takes in a whole comparison; measured on the benchmark's mix. */
const NODES_PER_RULE = 24;

/** How a diagram has the fields of packets: in which order, and with which numbers for addresses. */
export interface Encoding {
  readonly layout: Layout;
  /** Made for one rule set; undefined where addresses are their own numbers. */
  readonly numbering: AddressNumbering | undefined;
}

const ENCODINGS = new WeakMap<Ruleset, Encoding>();

/** What suits the rule set. */
export function encodingFor(ruleset: Ruleset): Encoding {
  return kept(ENCODINGS, ruleset, () => {
    const numbering = numberingFor(ruleset);
    return { layout: layoutFor(ruleset, numbering), numbering };
  });
}

/** A space for the analyses of a rule set: with the encoding that suits it, and room for what they will need. */
export function spaceFor(ruleset: Ruleset, encoding: Encoding = encodingFor(ruleset)): PacketSpace {
  const rules = ruleset.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
  return new PacketSpace(new Diagram({ ...encoding, expected: NODES_PER_RULE * rules }));
}
