import { visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import { translatedText } from './translated.ts';
import type { FamilyView, HookView, Part } from './view.ts';

/**
 * The packets of a hook whose destination rules translate, one part for each place that they go to. What else is done to
 * them makes no difference: Docker masquerades what a container sends to its own published port.
 */
export function translatedParts({ diagram, family }: FamilyView, { translated }: HookView): readonly Part[] {
  const groups = new Map<string, Flow[]>();
  for (const flow of translated.flows) {
    const key = JSON.stringify(translatedText([flow], family));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [flow]);
    else group.push(flow);
  }
  if (groups.size === 1) return [translated];
  return [...groups.values()].map((flows) => {
    const may = visible(diagram, diagram.orAll(flows.map((flow) => flow.set)));
    return { flows, bounds: { must: diagram.and(may, translated.bounds.must), may } };
  });
}
