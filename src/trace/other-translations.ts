import { type Circumstances, interpret, type Question, script, type Trace } from '../interpreter/index.ts';
import type { Packet } from '../packet/packet.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';

/** So many ways are looked at, and fewer where a walk is long. */
const MOST_WAYS = 64;
const MOST_RULES = 200_000;

/** What a rule set's walks cost, and whether any of its rules gives packets another destination. */
interface Walks {
  readonly ways: number;
  readonly translates: boolean;
}

const known = new WeakMap<Ruleset, Walks>();

function walksOf(ruleset: Ruleset): Walks {
  return kept(known, ruleset, () => {
    const rules = ruleset.chains.flatMap((chain) => chain.rules);
    return {
      ways: Math.min(MOST_WAYS, Math.ceil(MOST_RULES / (rules.length + 1))),
      translates: rules.some(({ actions }) =>
        actions.some((action) => action.kind === 'translate' && action.what === 'dnat'),
      ),
    };
  });
}

/**
 * The ways of a packet on which unmodelled matches answer otherwise than in the plain one, those first that differ early: chance sends
 * a packet here or there (`-m statistic`) though its verdict is the same. None where no rule translates destinations.
 */
export function otherWays(ruleset: Ruleset, packet: Packet, circumstances: Circumstances): readonly Trace[] {
  const { ways, translates } = walksOf(ruleset);
  if (!translates) return [];
  const found: Trace[] = [];
  const waiting: (readonly number[])[] = [[]];
  for (
    let answers = waiting.shift();
    answers !== undefined && found.length < ways;
    answers = waiting.shift()
  ) {
    const asked: Question[] = [];
    found.push(
      interpret(
        ruleset,
        packet,
        script(answers, (question) => asked.push(question)),
        circumstances,
      ),
    );
    waiting.push(...flipped(answers, asked));
  }
  return found.slice(1);
}

/** The answers given, then the first option, and last another one: for each question behind those that were answered. */
function flipped(answers: readonly number[], asked: readonly Question[]): number[][] {
  return asked.slice(answers.length, answers.length + MOST_WAYS).flatMap(({ options }, i) => {
    const before = [...answers, ...Array.from({ length: i }, () => 0)];
    return options.slice(1).map((_, option) => [...before, option + 1]);
  });
}
