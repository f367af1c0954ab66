import type { Evidence } from '../../finding/report.ts';
import { answering, interpret, type Step, type Valuation } from '../../interpreter/index.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { ForgettableField } from '../../rule/action.ts';
import { plainPackets } from '../../symbolic/bounds.ts';
import { evidenceOf } from '../finding/finding.ts';
import type { Carried } from './carried.ts';
import { type FamilyView, flagsIn } from '../view/view.ts';
import { witnessOf } from '../finding/witness.ts';

const GIVEN: Readonly<Partial<Record<ForgettableField, string>>> = {
  mark: 'sets the mark',
  ctmark: "sets the connection's mark",
  tos: 'sets TOS or DSCP',
  ttl: 'sets the TTL',
};

/**
 * The lines that gave one of the packets, on its way out, what it comes in with. The plain engine tells them: the other one is not
 * asked who marks a packet, which would have to be noted at each of thousands of marking rules.
 */
export function givingLines(view: FamilyView, { left }: Carried, state: ConnectionState): Evidence[] {
  const { diagram, ruleset } = view;
  const entry = view.hook('output', state).analysis.entry();
  const packets = view.all(entry, left, view.loopback('out'), plainPackets(diagram));
  const sent = witnessOf(view, packets, { hook: 'output', state, tcpFlags: flagsIn(state) });
  if (sent === undefined) return [];
  const told = (valuation: Valuation): Evidence[] =>
    givingSteps(interpret(ruleset, sent.packet, valuation).path);
  const surely = told(answering());
  // Where only an unmodelled match gives it, as if it matched.
  return surely.length > 0 ? surely : told({ ...answering(), opaque: () => true });
}

function givingSteps(path: readonly Step[]): Evidence[] {
  return path.flatMap(({ chain, origin }) => {
    const rule = chain.rules.find((one) => one.origin === origin);
    const notes = (rule?.actions ?? []).flatMap((action) =>
      action.kind === 'assign' || action.kind === 'forget' ? (GIVEN[action.field] ?? []) : [],
    );
    return notes[0] === undefined ? [] : [evidenceOf(origin, notes[0])];
  });
}
