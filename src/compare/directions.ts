import type { ResolvedBaseline, ResolvedHost } from '../baseline/model.ts';
import type { DirectionReport } from '../finding/report.ts';

/** A direction, or, at a firewall between zones, what goes to a role behind it or comes from it. */
type Place = Omit<DirectionReport, 'closed'>;

/**
 * Where excess is judged on a host, and by which baselines: what a baseline leaves open holds no excess, and who signs a report
 * must see that nobody looked for it.
 */
export function directionsOf({ baselines }: Pick<ResolvedHost, 'baselines'>): DirectionReport[] {
  const places = new Map<string, DirectionReport & { readonly closed: string[] }>();
  for (const baseline of baselines)
    for (const { closed, ...place } of placesOf(baseline)) {
      const key = JSON.stringify([place.direction, place.to, place.from]);
      const known = places.get(key) ?? { closed: [], ...place };
      if (closed && !known.closed.includes(baseline.id)) known.closed.push(baseline.id);
      places.set(key, known);
    }
  return [...places.values()];
}

function placesOf({ closed, behind = [] }: ResolvedBaseline): (Place & { readonly closed: boolean })[] {
  return [
    { direction: 'in', closed: closed.in },
    { direction: 'out', closed: closed.out },
    { direction: 'forward', closed: closed.forward },
    ...behind.flatMap(({ party: { role }, in: inward, out }) => [
      { direction: 'forward' as const, to: role, closed: inward },
      { direction: 'forward' as const, from: role, closed: out },
    ]),
  ];
}
