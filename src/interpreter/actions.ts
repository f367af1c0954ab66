import type { Action, Tracks } from '../rule/action.ts';
import type { Chain } from '../rule/ruleset.ts';
import { assign, forget } from './assign.ts';
import { evaluate } from './condition.ts';
import type { Pending, Question } from './question.ts';
import { translate } from './translate.ts';
import { hasConnection, visibleState, type Walk } from './walk.ts';

/** What an action does to the way: on to the next action or rule, to another chain, or the end of something. */
export type Effect =
  | 'next-action'
  | 'next-rule'
  | 'return'
  /** The base chain has accepted. */
  | 'accept'
  /** The packet has been translated: no other nat chain of the hook sees it. */
  | 'translated'
  | 'drop'
  | 'reject'
  | { readonly enter: Chain; readonly keepsPlace: boolean }
  | Pending;

/** What may change the packet. */
const CHANGING: ReadonlySet<Action['kind']> = new Set(['assign', 'forget', 'notrack', 'translate']);

/**
 * Carries out one action.
 * @returns what follows, and in a few words what was done, where that belongs into a path
 */
export function perform(walk: Walk, action: Action): { effect: Effect; did?: string } {
  if (CHANGING.has(action.kind)) walk.changes++;
  switch (action.kind) {
    case 'verdict':
      return { effect: action.verdict, did: action.verdict };
    case 'return':
      return { effect: 'return', did: 'return' };
    case 'jump':
    case 'goto':
      return enter(walk, action.chain, action.kind);
    case 'require':
      return require(walk, action.match);
    case 'assign':
      assign(walk, action);
      return { effect: 'next-action', did: `set ${action.field}` };
    case 'forget':
      forget(walk, action.field);
      return { effect: 'next-action', did: `set ${action.field} to something unknown` };
    case 'notrack':
      return notrack(walk);
    case 'translate': {
      const done = translate(walk, action);
      if (typeof done === 'object') return { effect: done };
      return done === 'drop'
        ? { effect: 'drop', did: 'drop: the interface has no address' }
        : { effect: 'translated', did: action.what };
    }
    case 'unknown':
      return unknownTarget(walk, action);
    case 'note':
      if (action.tracks !== undefined) prepare(walk, action.tracks);
      return { effect: 'next-action', did: 'note' };
  }
}

function enter(walk: Walk, id: string, kind: 'jump' | 'goto'): { effect: Effect; did?: string } {
  const chain = walk.setting.order.chain(id);
  // The assembler refuses jumps to chains that do not exist; a ruleset made otherwise goes on as after an empty chain.
  if (chain === undefined) return { effect: kind === 'goto' ? 'return' : 'next-action' };
  return { effect: { enter: chain, keepsPlace: kind === 'jump' }, did: `${kind} ${chain.name}` };
}

function require(walk: Walk, match: Parameters<typeof evaluate>[0]): { effect: Effect } {
  const truth = evaluate(match, walk);
  if (typeof truth === 'object') return { effect: truth };
  return { effect: truth ? 'next-action' : 'next-rule' };
}

/** A packet that has a connection entry keeps it (`net/netfilter/xt_CT.c`, xt_ct_target: "Previously seen"). */
function notrack(walk: Walk): { effect: Effect; did: string } {
  if (walk.prepared || hasConnection(walk) || visibleState(walk) === 'untracked')
    return { effect: 'next-action', did: 'note' };
  walk.notrack = true;
  return { effect: 'next-action', did: 'notrack' };
}

/** What a zone or a helper is given to has a connection to come: of iptables only where nothing keeps it out already. */
function prepare(walk: Walk, tracks: Tracks): void {
  if (hasConnection(walk) || (walk.notrack && tracks === 'first')) return;
  walk.changes++;
  walk.notrack = false;
  walk.prepared = true;
}

function unknownTarget(walk: Walk, action: Action & { kind: 'unknown' }): { effect: Effect; did?: string } {
  const local = `outcome ${walk.action}`;
  const answer = action.outcomes.length === 1 ? action.outcomes[0] : walk.local.get(local);
  if (answer === undefined) return { effect: whichOutcome(walk, action, local) };
  if (answer === 'continue') return { effect: 'next-action', did: 'unknown target: continue' };
  return { effect: answer === 'accept' ? 'accept' : 'drop', did: `unknown target: ${answer}` };
}

function whichOutcome(walk: Walk, action: Action & { kind: 'unknown' }, local: string): Pending {
  const frame = walk.frames[walk.frames.length - 1];
  const span = frame?.chain.rules[frame.rule]?.origin;
  const question: Question = {
    kind: 'outcome',
    key: `${action.text} at ${span?.file.path} ${span?.start} visit ${walk.visit}`,
    text: action.text,
    stateful: true,
    options: action.outcomes,
    ...(span === undefined ? {} : { span }),
  };
  return {
    question,
    apply: (w, option) => w.local.set(local, action.outcomes[option] ?? 'drop'),
  };
}
