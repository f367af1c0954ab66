import { type Node, NONE } from '../../packet/diagram.ts';
import { type Bounds, boundsBetween } from '../../symbolic/bounds.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { groupBy } from '../../text/group-by.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** Accepted packets that go to the same places. */
export interface Sent {
  readonly packets: Node;
  /** Where they may go, one place or several; undefined: where they were sent to. What is sure, or comes first, stands first. */
  readonly translations: readonly (Translation | undefined)[];
  readonly flows: readonly Flow[];
}

/** One destination with what certainly goes there, and what may. */
interface Destination {
  readonly translation: Translation | undefined;
  readonly bounds: Bounds;
  readonly flows: readonly Flow[];
}

/**
 * What a hook lets through for certain, and what it may let through, each divided by where it goes. A packet is in one set only:
 * where chance (`-m statistic`) or a mark sends it here or there, it passes for certain if it passes on each of its ways.
 */
export function sentPackets(view: FamilyView, hook: HookView): { definite: Sent[]; possible: Sent[] } {
  const { diagram } = view;
  const all = destinations(view, hook);
  const sure = all.map(({ bounds }) => bounds.must);
  // With one destination its own bounds say everything.
  const must = all.length === 1 ? (sure[0] as Node) : diagram.orAll([...sure, hook.bounds.must]);
  const definite = new Division(view);
  const possible = new Division(view);
  for (const one of all) definite.add(one, one.bounds.must);
  for (const one of all) definite.add(one, diagram.and(one.bounds.may, must));
  for (const one of all) possible.add(one, diagram.difference(one.bounds.may, must));
  return { definite: definite.sets(), possible: possible.sets() };
}

/** Sets that share no packet, each with the destinations of its packets. */
class Division {
  /** By the set: where two destinations have the same packets, mostly all of them. */
  private readonly parts = new Map<Node, readonly Destination[]>();
  private all: Node = NONE;

  constructor(private readonly view: FamilyView) {}

  add(to: Destination, packets: Node): void {
    const { diagram } = this.view;
    if (packets === NONE) return;
    const rest = this.addTo(to, packets);
    if (rest === NONE) return;
    this.parts.set(rest, [to]);
    this.all = diagram.or(this.all, rest);
  }

  /** @returns the packets that no part has */
  private addTo(to: Destination, packets: Node): Node {
    const { diagram } = this.view;
    if (diagram.and(packets, this.all) === NONE) return packets;
    const same = this.parts.get(packets);
    if (same !== undefined) {
      this.parts.set(packets, withOne(same, to));
      return NONE;
    }
    let rest = packets;
    for (const [part, known] of [...this.parts]) {
      if (rest === NONE) break;
      const both = diagram.and(part, rest);
      if (both === NONE) continue;
      rest = diagram.difference(rest, both);
      if (known.includes(to)) continue;
      this.parts.delete(part);
      const left = diagram.difference(part, both);
      if (left !== NONE) this.parts.set(left, known);
      this.parts.set(both, withOne(known, to));
    }
    return rest;
  }

  sets(): Sent[] {
    return [...this.parts].map(([packets, to]) => ({
      packets,
      translations: to.map(({ translation }) => translation),
      flows: to.flatMap(({ flows }) => flows),
    }));
  }
}

const withOne = (known: readonly Destination[], to: Destination): readonly Destination[] =>
  known.includes(to) ? known : [...known, to];

/** The accepted packets by where their destination is translated to. */
function destinations({ diagram }: FamilyView, hook: HookView): Destination[] {
  const plain: Destination = {
    translation: undefined,
    bounds: hook.plain.bounds,
    flows: hook.plain.flows,
  };
  const groups = groupBy(hook.translated.flows.filter(isTranslated), ({ transform }) =>
    JSON.stringify(transform.destination, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  const moved = [...groups.values()].map((flows): Destination => {
    const own = diagram.orAll(flows.map((flow) => flow.set));
    const others = hook.passage.accept.filter((flow) => !flows.includes(flow)).map((flow) => flow.set);
    const against = diagram.orAll([hook.passage.deny, hook.passage.gone, ...others]);
    return {
      translation: flows[0]?.transform.destination,
      bounds: boundsBetween(diagram, own, against),
      flows,
    };
  });
  return [plain, ...moved];
}
