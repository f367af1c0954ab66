import type { Certainty } from '../../finding/report.ts';
import { DEFAULT_BOUNDS, verdictsFor } from '../../interpreter/index.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { asksBitsOfChoices, asksOneInterfaceTwice, leavesChoices } from '../../rule/left-open.ts';
import type { Ruleset } from '../../rule/ruleset.ts';

/** Thrown where the two engines disagree about a witness: a bug, and no report must come of it. */
export class EngineDisagreement extends Error {}

/** How many rules the witnesses of one host may be walked through; a replay is a check, not the analysis. */
const BUDGET = 80_000;

/**
 * How many steps may be taken for what possible findings depend on, which only the replay tells: about a second, and enough
 * for a thousand findings of thousands of rules.
 */
const STEPS = 1_000_000;
/** What a walk takes that has no rules, in steps. */
const SETTING_OUT = 100;

/** What is said instead where more findings are possible than are walked through. */
export const UNTRACED =
  'a match that was not looked for, as very many findings are possible: `trace` the witness';

/** What is said where the plain engine knows better than the symbolic one that a witness does not show what its set may do. */
export const CHOSEN_ANEW =
  'a value that a rule leaves open, which each chain behind it may take for another one: `trace` the witness';

/** What the plain engine says of a witness. */
interface Confirmed {
  readonly dependsOn: readonly string[];
  /** It passes whatever the unmodelled matches do. */
  readonly passes: boolean;
}

/** What is said of a witness that is not replayed. */
export const UNKNOWN: Confirmed = { dependsOn: [], passes: false };

type Verdicts = ReturnType<typeof verdictsFor>;
type Destinations = Ranges<number> | Ranges<bigint>;

/** Replays witnesses in the interpreter: no finding is reported that the plain engine does not confirm. */
export class Replay {
  private spent = 0;
  private readonly cost: number;

  constructor(
    private readonly ruleset: Ruleset,
    private steps = STEPS,
  ) {
    this.cost = ruleset.chains.reduce((sum, chain) => sum + chain.rules.length + 1, 1);
  }

  /** What the packet's verdict depends on. */
  depends(packet: Packet): readonly string[] {
    return this.steps <= 0 ? [UNTRACED] : this.walked(packet).dependsOn;
  }

  /**
   * @param passes whether the finding is that the packet passes
   * @param otherThan what is sent to one of these destinations has not passed to where it was to go
   * @returns what the verdict depends on, for a possible finding, and whether it surely passes all the same. Throws an
   *   EngineDisagreement.
   */
  confirm(packet: Packet, certainty: Certainty, passes: boolean, otherThan?: Destinations): Confirmed {
    const isPossible = certainty === 'possible';
    if (isPossible && this.steps <= 0) return UNSAID;
    // The first witnesses of a host are always replayed; with very many findings of a very large rule set the rest is not.
    if (!isPossible && this.spent > BUDGET) return UNKNOWN;
    const found = isPossible ? this.walked(packet, otherThan) : this.checked(packet, otherThan);
    const compares = compared(found, certainty, passes);
    if (compares !== undefined) return compares;
    const dependsOn = isPossible ? this.chosenAnew(packet) : [];
    if (dependsOn.length > 0) return { dependsOn, passes: !passes };
    // What is certain to the symbolic engine may be open to the plain one alone.
    if (!isPossible && found.verdicts.length > 1 && asksBitsOfChoices(this.ruleset)) return UNKNOWN;
    throw new EngineDisagreement(
      `the engines disagree about ${describe(packet)}: ${found.verdicts.join(' or ')}`,
    );
  }

  /**
   * What is possible to the symbolic engine alone: where rules leave a value open it may have more behaviours than there are, never fewer
   * (docs/packet-sets.md).
   */
  chosenAnew(packet: Packet): readonly string[] {
    return leavesChoices(this.ruleset) || asksOneInterfaceTwice(this.ruleset, packet) ? [CHOSEN_ANEW] : [];
  }

  /** What does not change a finding may still open many ways: all that could be answered otherwise, and is of no account. */
  private checked(packet: Packet, otherThan?: Destinations): Verdicts {
    const found = this.verdicts(packet, otherThan);
    this.spent += Math.max(this.cost, found.steps);
    return found;
  }

  /** What is to be forwarded and is redirected to the host itself is not forwarded, whatever it meets at input. */
  private verdicts(packet: Packet, otherThan?: Destinations): Verdicts {
    const hook = packet.hook === 'forward' ? 'forward' : undefined;
    return verdictsFor(this.ruleset, packet, {}, DEFAULT_BOUNDS, { hook, otherThan });
  }

  private walked(packet: Packet, otherThan?: Destinations): Verdicts {
    const found = this.verdicts(packet, otherThan);
    this.steps -= found.steps + SETTING_OUT;
    return found;
  }
}

/** What is confirmed; undefined where it is not. */
function compared(
  { verdicts, dependsOn, note }: Verdicts,
  certainty: Certainty,
  passes: boolean,
): Confirmed | undefined {
  if (note !== undefined) return { dependsOn, passes: false };
  const accepted = verdicts.includes('accept');
  const denied = verdicts.some((verdict) => verdict !== 'accept');
  const agrees = certainty === 'definite' ? (passes ? !denied : !accepted) : passes ? accepted : denied;
  if (!agrees) return undefined;
  // Whether it is dropped or rejected may depend on something; that it does not pass is certain all the same.
  return { dependsOn: certainty === 'definite' ? [] : dependsOn, passes: !denied };
}

const UNSAID: Confirmed = { dependsOn: [UNTRACED], passes: false };

function describe(packet: Packet): string {
  return JSON.stringify(packet, (_, value) => (typeof value === 'bigint' ? value.toString(16) : value));
}
