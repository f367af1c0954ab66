import type { Packet } from '../packet/packet.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { beginWalk } from './begin.ts';
import type { Circumstances } from './circumstances.ts';
import { type Arrival, type Bounds, type Ending, explore, type Explored } from './explore.ts';
import { interpret, script, type Trace } from './interpret.ts';
import type { Verdict } from './step.ts';

/** The verdicts that one packet can get, whatever the unmodelled matches do. */
export interface Reachable {
  /** In the order accept, drop, reject; never empty. */
  readonly verdicts: readonly Verdict[];
  /** What the verdict depends on, sorted: texts of those questions whose answers lead to different verdicts. */
  readonly dependsOn: readonly string[];
  /** Why exploring was given up; then every verdict is listed and nothing is definite. */
  readonly note?: string;
}

/** Everything that can happen to one packet, whatever the unmodelled matches do. */
export interface Outcomes extends Reachable {
  /** `definite`: every behaviour gives the same verdict. */
  readonly certainty: 'definite' | 'possible';
  /** One way to each verdict. Where exploring was given up (`note`) some may be missing. */
  readonly traces: readonly Trace[];
  /**
   * What happens where no unmodelled match holds; verdict and path of an answer come from here. Its verdict is
   * `undetermined` only where exploring was given up.
   */
  readonly plain: Trace;
}

export const VERDICTS: readonly Verdict[] = ['accept', 'drop', 'reject'];

/** How far exploring goes before it is given up. */
export const DEFAULT_BOUNDS: Bounds = { steps: 20_000_000, places: 100_000, characters: 100_000_000 };

/**
 * All verdicts that the packet can get. Ways that come to the same place with the same packet and the same answers
 * are followed once, so that any number of independent questions in a row costs no more than their number.
 */
export function outcomes(
  ruleset: Ruleset,
  packet: Packet,
  circumstances: Circumstances = {},
  bounds: Bounds = DEFAULT_BOUNDS,
): Outcomes {
  const explored = explore(beginWalk(ruleset, packet, circumstances, false), bounds);
  const replay = (answers: readonly number[]) =>
    interpret(ruleset, packet, script(answers), circumstances, bounds.steps);
  const plain = replay([]);
  const traces = explored.endings.map((ending: Ending) => replay(ending.answers));
  const found = reachableOf(explored);
  const isDefinite = found.note === undefined && found.verdicts.length === 1;
  return { certainty: isDefinite ? 'definite' : 'possible', ...found, traces, plain };
}

/**
 * The verdicts of {@link outcomes} without the ways to them, for whoever asks about very many packets; and what it took.
 *
 * @param there see {@link explore}
 */
export function verdictsFor(
  ruleset: Ruleset,
  packet: Packet,
  circumstances: Circumstances = {},
  bounds: Bounds = DEFAULT_BOUNDS,
  there?: Arrival,
): Reachable & { readonly steps: number } {
  const explored = explore(beginWalk(ruleset, packet, circumstances, false), bounds, there);
  return { steps: explored.steps, ...reachableOf(explored) };
}

function reachableOf({ endings, dependsOn, gaveUp }: Explored): Reachable {
  if (gaveUp !== undefined) return { verdicts: VERDICTS, dependsOn, note: gaveUp };
  const verdicts = VERDICTS.filter((verdict) => endings.some((ending) => ending.verdict === verdict));
  return { verdicts, dependsOn: verdicts.length === 1 ? [] : dependsOn };
}
