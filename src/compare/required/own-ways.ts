import { type Node, NONE } from '../../packet/diagram.ts';
import type { NetfilterHook } from '../../rule/ruleset.ts';
import type { Analysis, Passage } from '../../symbolic/analysis.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';

/** What becomes of a hook's packets, and those that may go another way instead: nothing but the host's addresses tells. */
export interface Ways {
  readonly passage: Passage;
  readonly unsure: Node;
}

/**
 * Where a hook's translated packets go, by the addresses that the deployment gives the host and nobody else's: what is
 * translated to one of these comes in and is not forwarded (`net/ipv4/route.c`, ip_route_input_slow: fib_lookup in the local
 * table first). Of what is translated to another address it is not known that it comes in: it may be another machine's.
 *
 * @param ends gives the destinations that are the host's (`own`), and those of which nothing is sent on: the host's, and groups
 *   (`kept`). Most hosts translate nothing, and it is not asked
 */
export function waysByOwnAddresses(
  hook: NetfilterHook,
  analysis: Analysis,
  passage: Passage,
  ends: () => { readonly own: Node; readonly kept: Node },
): Ways {
  if (hook === 'output' || !passage.accept.some(isToAnAddress)) return { passage, unsure: NONE };
  const { diagram } = analysis;
  const { own, kept } = ends();
  const ending = (flow: Flow, set: Node): Node =>
    set === NONE || !isToAnAddress(flow) ? NONE : analysis.following(flow.set, set, flow.transform);
  const unsure = (set: Node): Node => diagram.orAll(passage.accept.map((flow) => ending(flow, set)));
  if (hook === 'input') return { passage, unsure: unsure(diagram.not(kept)) };
  const coming = unsure(own);
  if (coming === NONE) return { passage, unsure: NONE };
  const others = diagram.not(own);
  const accept = passage.accept
    .map((flow) => (isToAnAddress(flow) ? { ...flow, set: ending(flow, others) } : flow))
    .filter(({ set }) => set !== NONE);
  return { passage: accepting(passage, accept), unsure: coming };
}

/** A redirection is the host's, and what gets another port alone stays where it was sent. */
function isToAnAddress(flow: Flow): boolean {
  const { destination } = flow.transform;
  return isTranslated(flow) && destination?.address !== undefined && destination.address.kind !== 'local';
}

/** The passage with other flows; what it denies is found when it is asked for. */
function accepting(passage: Passage, accept: Passage['accept']): Passage {
  const { entry, stages, stopped, gone } = passage;
  return {
    entry,
    accept,
    stages,
    stopped,
    gone,
    certain: false,
    get deny() {
      return passage.deny;
    },
    get denyTranslated() {
      return passage.denyTranslated;
    },
  };
}
