import type { Packet } from '../packet/packet.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { beginWalk } from './begin.ts';
import type { Circumstances } from './circumstances.ts';
import type { Domain } from './domain.ts';
import { answerOf, type Question, type Valuation } from './question.ts';
import { step, type Verdict } from './step.ts';
import type { Step, Walk } from './walk.ts';

/** What happened to one packet under one valuation. */
export interface Trace {
  /** `undetermined` only where the walk was given up: jumps in a circle, or more than {@link MAXIMUM_STEPS} steps. */
  readonly verdict: Verdict | 'undetermined';
  /** Every rule that did something and every policy that was met, in order. */
  readonly path: readonly Step[];
  /** What translation made of the packet, where rules translated it. */
  readonly translated: Translated | undefined;
  /** Where the packet went: its own hook, or the other one where translation sent it there. */
  readonly hook: Packet['hook'];
  /** Why the packet was dropped, where no rule and no policy did it: one sentence. */
  readonly stopped?: string;
  /** It was dropped before any chain could have translated its destination. */
  readonly endedEarly?: true;
}

/**
 * Translated fields, as sets `[lo, hi, …]` of the values that they can have: `[v, v]` where there is one. Absent
 * fields were not translated; an address of the host that is not known is every address.
 */
export interface Translated {
  readonly dst?: Domain<bigint>;
  readonly dport?: Domain;
  readonly src?: Domain<bigint>;
  readonly sport?: Domain;
}

/** After so many steps a walk is given up, so that jumps that multiply do not take for ever. */
export const MAXIMUM_STEPS = 20_000_000;

/**
 * Walks the packet through every hook on its way and gives verdict and path. Total: what the model does not decide
 * the valuation does, and a walk without an end is `undetermined`.
 */
export function interpret(
  ruleset: Ruleset,
  packet: Packet,
  valuation: Valuation,
  circumstances: Circumstances = {},
  maximumSteps: number = MAXIMUM_STEPS,
): Trace {
  const walk = beginWalk(ruleset, packet, circumstances, true);
  for (let steps = 0; steps < maximumSteps; steps++) {
    const progress = step(walk);
    if (progress === 'moved') continue;
    if (progress === 'loop') break;
    if ('verdict' in progress) return traceOf(walk, progress.verdict);
    progress.apply(walk, answerOf(valuation, progress.question));
  }
  return traceOf(walk, 'undetermined');
}

function traceOf(walk: Walk, verdict: Trace['verdict']): Trace {
  return {
    verdict,
    path: walk.path ?? [],
    translated: translatedOf(walk),
    hook: walk.destination,
    ...(walk.stopped === undefined ? {} : { stopped: walk.stopped }),
    ...(verdict !== 'accept' && isStillToTranslate(walk) ? { endedEarly: true } : {}),
  };
}

/** Whether chains that translate destinations were still to come where the walk ended. */
function isStillToTranslate(walk: Walk): boolean {
  const { order, packet } = walk.setting;
  if (walk.translated.dst.done) return false;
  if (walk.hook === 'cloud-ingress' || walk.hook === 'ingress') return true;
  if (walk.hook !== 'prerouting' && walk.hook !== 'output') return false;
  return order.units(walk.hook, packet.family).some(({ nat }, at) => nat && at >= walk.unit);
}

function translatedOf(walk: Walk): Translated | undefined {
  const { dst, src } = walk.translated;
  if (!dst.done && !src.done) return undefined;
  return {
    ...(dst.done ? { dst: walk.addresses.dst.map(BigInt), dport: walk.fields.dport } : {}),
    ...(src.done ? { src: walk.addresses.src.map(BigInt), sport: walk.fields.sport } : {}),
  };
}

/**
 * Runs the packet under every valuation, each way once, and gives each trace to `run`. Ways multiply with the
 * questions, so this is for small rule sets; {@link outcomes} gets the verdicts of large ones.
 * @param limit how many ways at most
 * @returns whether all of them were run
 */
export function enumerateValuations(
  ruleset: Ruleset,
  packet: Packet,
  run: (trace: Trace, asked: readonly Question[]) => void,
  circumstances: Circumstances = {},
  limit = 100_000,
): boolean {
  let answers: number[] = [];
  for (let count = 0; count < limit; count++) {
    const asked: Question[] = [];
    const scripted = script(answers, (question) => asked.push(question));
    run(interpret(ruleset, packet, scripted, circumstances), asked);
    const next = successor(answers, asked);
    if (next === undefined) return true;
    answers = next;
  }
  return false;
}

/** The valuation that gives the n-th question the n-th answer, and the first option after the last. */
export function script(answers: readonly number[], tell: (question: Question) => void = () => {}): Valuation {
  let at = 0;
  const next = (question: Question): number => {
    tell(question);
    return answers[at++] ?? 0;
  };
  return { opaque: (question) => next(question) === 1, choose: (question) => next(question) };
}

/** The answers of the next way in order: the last answer that can still grow grows, those behind it begin anew. */
function successor(answers: readonly number[], asked: readonly Question[]): number[] | undefined {
  for (let at = asked.length - 1; at >= 0; at--) {
    const answer = answers[at] ?? 0;
    if (answer + 1 < (asked[at]?.options.length ?? 0))
      return [...asked.slice(0, at).map((_, i) => answers[i] ?? 0), answer + 1];
  }
  return undefined;
}
