import type { ConnectionReport, HostReport } from '../finding/report.ts';

/**
 * What a host's documented connections are called: by the row's id, and by `baseline:id`, as waivers and comments write it, where
 * two baselines of the host have a row of that id.
 */
export function connectionNames({ connections }: HostReport): (connection: ConnectionReport) => string {
  const owner = new Map<string, string>();
  const shared = new Set<string>();
  for (const { id, baseline } of connections) {
    const first = owner.get(id);
    if (first === undefined) owner.set(id, baseline);
    else if (first !== baseline) shared.add(id);
  }
  return ({ id, baseline }) => (shared.has(id) ? `${baseline}:${id}` : id);
}
