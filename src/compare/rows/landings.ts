import type { RowDirection } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { meets } from '../../packet/relations.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { kept } from '../../text/kept.ts';
import type { Excess } from '../excess/excess.ts';
import type { FlowHook, HookView } from '../view/hook-view.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { translatedParts } from './translated-parts.ts';
import type { FamilyView } from '../view/view.ts';

/** Documented packets that rules translate, as the chains behind the translation see them. */
export class Landings {
  private readonly byHook = new Map<FlowHook, Node>();

  /** @param documented what rows of the directions document of packets that go so */
  constructor(
    private readonly view: FamilyView,
    private readonly documented: (directions: readonly RowDirection[], flows: readonly Flow[]) => Node,
  ) {}

  /** Whether what a rule lets through beyond the documents is also what documented packets have become. */
  isBeside({ hook, opener, flows, packets }: Excess): boolean {
    const view = this.view.hook(hook);
    const isRule = opener !== undefined && 'match' in opener;
    if (!isRule || hook === 'output' || view.translated.flows.length === 0 || flows.some(isTranslated))
      return false;
    return meets(this.view.diagram, packets, this.of(view));
  }

  private of(hook: HookView): Node {
    return kept(this.byHook, hook.hook, () => {
      const directions: readonly RowDirection[] = hook.hook === 'forward' ? ['in', 'forward'] : ['in'];
      const sets = translatedParts(this.view, hook).map(({ flows, bounds }) => {
        const packets = this.view.diagram.and(bounds.may, this.documented(directions, flows));
        const destination = flows[0]?.transform.destination;
        return packets === NONE || destination === undefined ? NONE : this.landed(packets, destination);
      });
      return this.view.diagram.orAll(sets);
    });
  }

  /** The same as {@link translatedSet}, without boxes where all get one address or port. */
  private landed(packets: Node, translation: Translation): Node {
    const { view } = this;
    const { address, port } = translation;
    if (address?.kind === 'prefix') return translatedSet(view, packets, translation);
    const given: DiagramField[] = [
      ...(address === undefined ? [] : (['dst'] as const)),
      ...(port === undefined ? [] : (['dport'] as const)),
    ];
    return view.all(
      view.project(packets, given),
      address?.kind === 'range' ? view.field('dst', inFamily(view.family, address.lo, address.hi)) : ALL,
      port === undefined ? ALL : view.field('dport', [port.lo, port.hi]),
    );
  }
}
