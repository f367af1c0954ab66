import { ICMP_REQUESTS, ICMP_UNTRACKED } from '../packet/packet.ts';
import type { Chain, Rule } from '../rule/ruleset.ts';
import type { Span } from '../text/source.ts';
import { type Effect, perform } from './actions.ts';
import { evaluate } from './condition.ts';
import { without } from './domain.ts';
import { fieldIsIn } from './narrow.ts';
import type { Unit } from './order.ts';
import type { Pending } from './question.ts';
import { route, routeAgain } from './routing.ts';
import { followConnection } from './translate.ts';
import { isFirstPacket } from './translation-state.ts';
import { cameByLoopback, type Frame, hasConnection, isFirstMessage, type Walk } from './walk.ts';

/** What became of a packet. */
export type Verdict = 'accept' | 'drop' | 'reject';

/** One step further, or what stands in the way, or the end. `loop`: jumps go round in circles. */
export type Progress = 'moved' | 'loop' | { readonly verdict: Verdict } | Pending;

/** A path is shown; only where it gets longer than anybody reads are idle chains left out of it. */
const LONG_PATH = 50_000;

/** Takes a walk one step further: into a chain, past a rule, or on to the next hook. */
export function step(walk: Walk): Progress {
  const progress = advance(walk);
  // The answer changes what is known of the packet.
  if (typeof progress === 'object') walk.changes++;
  return progress;
}

function advance(walk: Walk): Progress {
  const type = isFirstMessage(walk.setting.packet) ? whichMessage(walk) : undefined;
  if (type !== undefined) return type;
  if (walk.frames.length > 0) return stepInChain(walk);
  const { order, packet } = walk.setting;
  const unit = order.units(walk.hook, packet.family)[walk.unit];
  return unit === undefined ? leaveHook(walk) : stepInUnit(walk, unit);
}

/** The question what the message is to conntrack, where its type is not known. */
function whichMessage(walk: Walk): Pending | undefined {
  const { family } = walk.setting.packet;
  const others = without([0, 255], ICMP_REQUESTS[family]);
  for (const types of [others, ICMP_UNTRACKED[family]]) {
    const truth = fieldIsIn(walk, 'icmpType', types);
    if (typeof truth === 'object') return truth;
  }
  return undefined;
}

/** Begins the next base chain of the unit, or goes on to the next unit. */
function stepInUnit(walk: Walk, unit: Unit): Progress {
  const begins = walk.chain === -1;
  const passes = !unit.nat || !begins || passesNat(walk);
  const chain = passes ? unit.chains[walk.chain + 1] : undefined;
  if (!passes) followConnection(walk);
  if (chain === undefined) leaveUnit(walk);
  else {
    walk.chain++;
    walk.frames = [{ chain, rule: 0, depth: 0, since: walk.changes }];
    if (walk.idle.size > 0) walk.idle = new Map();
    nextVisit(walk);
  }
  return 'moved';
}

function leaveUnit(walk: Walk): void {
  walk.unit++;
  walk.chain = -1;
}

/**
 * Whether nat chains see the packet: only the first of a connection, and on the loopback interface only on its way
 * out, where its translation was settled (`net/netfilter/nf_nat_core.c`, nf_nat_inet_fn).
 */
function passesNat(walk: Walk): boolean {
  if (!hasConnection(walk) || !isFirstPacket(walk) || walk.setting.connection !== undefined) return false;
  const arriving = walk.hook === 'prerouting' || walk.hook === 'input';
  return !(arriving && cameByLoopback(walk));
}

/** From one hook to the next; between them the packet is routed. */
function leaveHook(walk: Walk): Progress {
  const { packet } = walk.setting;
  walk.unit = 0;
  walk.chain = -1;
  switch (walk.hook) {
    case 'cloud-ingress':
      walk.hook = 'ingress';
      return 'moved';
    case 'ingress':
      if (packet.hook === 'ingress') return { verdict: 'accept' };
      walk.hook = 'prerouting';
      return 'moved';
    case 'prerouting':
      return resumeAt(walk, route(walk));
    case 'forward':
      walk.hook = 'postrouting';
      return 'moved';
    case 'output': {
      const question = routeAgain(walk);
      if (question === undefined) walk.hook = 'postrouting';
      return resumeAt(walk, question);
    }
    case 'postrouting':
      walk.hook = 'egress';
      return 'moved';
    case 'egress':
      if (packet.hook === 'egress') return { verdict: 'accept' };
      walk.hook = 'cloud-egress';
      return 'moved';
    case 'input':
    case 'cloud-egress':
      return { verdict: 'accept' };
  }
}

/** A question between two hooks is asked from behind the last chain, so that the answered walk asks routing again. */
function resumeAt(walk: Walk, question: Pending | 'drop' | undefined): Progress {
  if (question === undefined) return 'moved';
  if (question === 'drop') return { verdict: 'drop' };
  walk.unit = Number.MAX_SAFE_INTEGER;
  return question;
}

function stepInChain(walk: Walk): Progress {
  const frame = walk.frames[walk.frames.length - 1] as Frame;
  const rule = frame.chain.rules[frame.rule];
  if (rule === undefined) return leaveChain(walk);
  if (walk.action === -1) {
    const truth = evaluate(rule.match, walk);
    if (typeof truth === 'object') return truth;
    if (truth) walk.action = 0;
    else nextRule(walk);
    return 'moved';
  }
  const action = rule.actions[walk.action];
  if (action === undefined) {
    nextRule(walk);
    return 'moved';
  }
  const { effect, did } = perform(walk, action);
  if (did !== undefined) record(walk, frame.chain, rule, did);
  return follow(walk, effect);
}

function follow(walk: Walk, effect: Effect): Progress {
  if (typeof effect === 'object') return 'enter' in effect ? enterChain(walk, effect) : effect;
  switch (effect) {
    case 'next-action':
      walk.action++;
      return 'moved';
    case 'next-rule':
      nextRule(walk);
      return 'moved';
    case 'return':
      return leaveChain(walk);
    case 'accept':
      walk.frames = [];
      return 'moved';
    case 'translated':
      walk.frames = [];
      leaveUnit(walk);
      return 'moved';
    default:
      return { verdict: effect };
  }
}

/**
 * Chains that do not lead back to themselves are fewer than there are chains. One from which the same packet has returned
 * unchanged is not entered again: chains that each call the next one twice would take 2^n steps.
 */
function enterChain(walk: Walk, { enter, keepsPlace }: { enter: Chain; keepsPlace: boolean }): Progress {
  const depth = (walk.frames[walk.frames.length - 1]?.depth ?? 0) + 1;
  if (depth > walk.setting.order.chainCount) return 'loop';
  if (keepsPlace) nextRule(walk);
  else walk.frames.pop();
  const isShort = walk.path !== undefined && walk.path.length < LONG_PATH;
  if (keepsPlace && !isShort && walk.idle.get(enter) === walk.changes) return 'moved';
  walk.frames.push({ chain: enter, rule: 0, depth, since: walk.changes });
  nextVisit(walk);
  return 'moved';
}

/** Back to where the jump was; from a base chain (or from a chain that it went to) to its policy. */
function leaveChain(walk: Walk): Progress {
  const left = walk.frames.pop();
  if (left !== undefined && left.since === walk.changes) walk.idle.set(left.chain, left.since);
  nextVisit(walk);
  if (walk.frames.length > 0) return 'moved';
  const { order, packet } = walk.setting;
  const chain = order.units(walk.hook, packet.family)[walk.unit]?.chains[walk.chain];
  const policy = chain?.base?.policy ?? 'accept';
  if (chain !== undefined)
    walk.path?.push({ hook: walk.hook, chain, origin: chain.origin, kind: 'policy', did: policy });
  return policy === 'drop' ? { verdict: 'drop' } : 'moved';
}

function nextRule(walk: Walk): void {
  (walk.frames[walk.frames.length - 1] as Frame).rule++;
  nextVisit(walk);
}

function nextVisit(walk: Walk): void {
  walk.action = -1;
  walk.visit++;
  if (walk.local.size > 0) walk.local = new Map();
}

/** Several actions of one rule are one step of the path. */
function record(walk: Walk, chain: Chain, rule: Rule, did: string): void {
  const { path } = walk;
  if (path === undefined) return;
  const origin: Span = rule.origin;
  const last = path[path.length - 1];
  if (last !== undefined && walk.pathVisit === walk.visit)
    path[path.length - 1] = { ...last, did: `${last.did}, ${did}` };
  else path.push({ hook: walk.hook, chain, origin, kind: 'rule', did });
  walk.pathVisit = walk.visit;
}
