import { type Node, NONE } from '../../packet/diagram.ts';
import { inSeveral } from '../../packet/relations.ts';
import type { BaseChain, Chain, Ruleset } from '../../rule/ruleset.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Changed } from '../../symbolic/scope.ts';
import { DESTINATION_NAT } from '../../symbolic/stages.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Transform, Translation } from '../../symbolic/translation/transform.ts';
import { groupBy } from '../../text/group-by.ts';
import { kept, onceOf } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { keptSources, ported } from './kept-sources.ts';
import { mirrored } from './mirror.ts';
import { someChains } from '../view/some-chains.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

/**
 * Replies to packets whose source a rule translates are sent to the address that it gave them. The nat table's place in prerouting
 * (-100, net/netfilter/nf_nat_core.c, nf_nat_packet) gives them their own destination again: chains before it see the one, chains
 * behind it the other. A filter of the raw table against private addresses from outside sees none of them.
 */
export interface FromSource {
  readonly packets: Node;
  /** What the source becomes; undefined: it stays, or chance decides, or it makes no difference. */
  readonly source: Translation | undefined;
}

/** Whether a base chain comes before destinations are translated. */
export function isEarly({ hook, priority, type }: BaseChain): boolean {
  return hook === 'ingress' || (hook === 'prerouting' && type !== 'nat' && priority < DESTINATION_NAT);
}

/** The same of what the host sends. */
export const isEarlyAtOutput = ({ hook, priority, type }: BaseChain): boolean =>
  hook === 'output' && type !== 'nat' && priority < DESTINATION_NAT;

/** Whether chains that come before destinations are translated decide anything; each published way asks. */
export const decidesBefore = (ruleset: Ruleset, are: typeof isEarly = isEarly): boolean =>
  kept(
    kept(DECIDING, ruleset, () => new Map<typeof isEarly, boolean>()),
    are,
    () =>
      ruleset.chains.some(
        ({ base, rules }) => base !== undefined && are(base) && (rules.length > 0 || base.policy === 'drop'),
      ),
  );

const DECIDING = new WeakMap<Ruleset, Map<typeof isEarly, boolean>>();

/**
 * First packets that a hook forwards or the host sends, by what rules make of their source.
 *
 * @param sentOn the one flow where a rule translates the destination
 */
export function bySource(
  view: FamilyView,
  [hook, back]: readonly [FlowHook, FlowHook],
  packets: Node,
  sentOn: Flow | undefined,
): readonly FromSource[] {
  const whole = [{ packets, source: undefined }];
  const { ruleset, diagram } = view;
  if (hook === 'input' || !decidesBefore(ruleset)) return whole;
  const { accept } = telling(view).hook(hook, 'new').passage;
  const all = sourcesOf(view, accept);
  const moved = all.filter(({ transform }) => transform.source !== undefined);
  if (moved.length === 0 || !changesNothing(view, back, packets, hook === 'output' && sentOn !== undefined))
    return whole;
  const part = (some: readonly Source[]): Node =>
    diagram.and(packets, diagram.orAll(some.map(({ visible }) => visible)));
  const groups = moved.map((one): FromSource => {
    const { transform } = one;
    const stays = staying(view, hook, transform);
    return { packets: diagram.difference(part([one]), stays), source: transform.source };
  });
  const still = part(all.filter(({ transform }) => transform.source === undefined));
  const twice = inSeveral(diagram, [still, ...groups.map((one) => one.packets)]);
  const sure = groups.map((one) => ({ ...one, packets: diagram.difference(one.packets, twice) }));
  const rest = diagram.difference(packets, diagram.orAll(sure.map((one) => one.packets)));
  return [...sure, { packets: rest, source: undefined }].filter((one) => one.packets !== NONE);
}

/** Packets that have a source already which the translation can give them. Of ports by chance each is looked at. */
function staying(view: FamilyView, hook: FlowHook, { source, out }: Transform): Node {
  if (source === undefined) return NONE;
  const { surely, perhaps } = keptSources(view, hook, source, out);
  const kept = view.diagram.or(surely, perhaps);
  return source.random === true ? view.diagram.difference(kept, ported(view)) : kept;
}

/** First packets to which rules give another source, surely and perhaps. */
export function readdressed(view: FamilyView, hook: FlowHook, packets: Node): { must: Node; may: Node } {
  const { diagram } = view;
  const { accept } = telling(view).hook(hook, 'new').passage;
  const moved: Node[] = [];
  const maybe: Node[] = [];
  const kept: Node[] = [];
  for (const { visible, transform } of sourcesOf(view, accept)) {
    const going = diagram.and(packets, visible);
    if (going === NONE) continue;
    if (transform.source === undefined) {
      kept.push(going);
      continue;
    }
    const { surely, perhaps } = keptSources(view, hook, transform.source, transform.out);
    maybe.push(diagram.difference(going, surely));
    const stays = diagram.and(going, diagram.or(surely, perhaps));
    kept.push(stays);
    moved.push(diagram.difference(going, stays));
  }
  return { must: diagram.difference(diagram.orAll(moved), diagram.orAll(kept)), may: diagram.orAll(maybe) };
}

/** Packets that get one source, and a transform of those that give it. */
interface Source {
  readonly transform: Transform;
  readonly visible: Node;
}

/** Of the thousand flows of a host that publishes as many ports few get another source than others. */
function sourcesOf({ diagram }: FamilyView, flows: readonly Flow[]): readonly Source[] {
  return kept(SOURCES, flows, () => {
    const usual = usualPackets(diagram);
    return [...groupBy(flows, keyOf).values()].flatMap((some): Source[] => {
      const all = diagram.orAll(some.map(({ set }) => set));
      const [first] = some;
      return first === undefined
        ? []
        : [{ transform: first.transform, visible: visibleOf(diagram, all, usual) }];
    });
  });
}

const SOURCES = new WeakMap<readonly Flow[], readonly Source[]>();

const keyOf = ({ transform: { source, out } }: Flow): string =>
  JSON.stringify([source?.address, source?.port, source?.random, out], (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );

/**
 * Whether the early chains only let replies to such packets pass or stop: what they do besides would have to be known behind them.
 * Marks make no difference where no chain behind asks for them, as where they choose a route (`CONNMARK --restore-mark` of hosts with
 * two providers).
 */
function changesNothing(view: FamilyView, hook: FlowHook, packets: Node, byAny: boolean): boolean {
  const { diagram } = view;
  const answer = { hook, tcpFlags: SYN_ACK };
  const analysis = answersAt(beforeTranslation(view), answer, 'no');
  const { asksMarks } = answersAt(behindTranslation(view), answer, 'no').surroundings;
  // Translations change the ends, not the protocol, and the interface of what the host sends alone.
  const ends = ['src', 'dst', 'sport', 'dport'] as const;
  const back = view.project(mirrored(view, packets), byAny ? [...ends, 'in'] : ends);
  const isMark = (field: string): boolean => field === 'mark' || field === 'ctmark';
  return analysis.pass(diagram.and(analysis.entry(), back)).accept.every(({ transform }) => {
    const { mark, ctmark, notrack, forgotten } = transform;
    // Nothing gives what is kept out of connection tracking its destination back; see arriving().
    if (notrack) return true;
    if (![...forgotten].every(isMark)) return false;
    return !asksMarks || (mark === undefined && ctmark === undefined && forgotten.size === 0);
  });
}

/** Which packets are sent back, and to which hook. */
export interface SentBack {
  readonly hook: FlowHook;
  readonly tcpFlags: number;
}

/** How what is sent back is looked at. */
export const answersAt = (view: FamilyView, { hook, tcpFlags }: SentBack, changed: Changed): Analysis =>
  view.analysis(hook, 'established', tcpFlags, false, changed);

/** The same host with the chains alone that see what arrives before its destination is translated. */
export const beforeTranslation = someChains(isEarly);

/** The same of what the host sends. */
export const beforeOutputs = someChains(isEarlyAtOutput);

/** The same host without these chains. */
export const behindTranslation = someChains((base) => !isEarly(base));

/** The same host with last chains that look at everything: only then analyses tell what sources become. */
export const telling = onceOf((view: FamilyView): FamilyView => {
  const [first] = view.ruleset.chains;
  if (first === undefined) return view;
  const last = (['input', 'postrouting'] as const).map(
    (hook): Chain => ({
      id: `what sources become at ${hook}`,
      name: `what sources become at ${hook}`,
      table: first.table,
      families: [view.family],
      layer: first.layer,
      rules: [{ match: { kind: 'always' }, actions: [], origin: first.origin }],
      base: { hook, priority: 0x7fff_ffff, type: 'filter', policy: 'accept', sequence: 0 },
      origin: first.origin,
    }),
  );
  return view.withChains((all) => [...all, ...last]);
});
