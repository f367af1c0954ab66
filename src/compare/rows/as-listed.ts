import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { noOtherMachine } from '../../baseline/resolve-row.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { without } from '../addresses/addresses.ts';
import { addressSet } from '../addresses/wide-addresses.ts';
import { partyAddresses } from './parties.ts';

/** The host, whose role has other machines for certain or for certain not where `ip -j addr` lists all of the role's addresses. */
export function asListed(host: ResolvedHost, ruleset: Ruleset): ResolvedHost {
  const isAsked = host.baselines.some(({ rows }) => rows.some(({ ownMayBeAll }) => ownMayBeAll));
  if (!isAsked || !hasAll(host, ruleset)) return host;
  const baselines = host.baselines.map((baseline) => ({ ...baseline, rows: baseline.rows.map(ofOne) }));
  return { ...host, baselines };
}

/** On whatever interface: an address of a service that several machines serve stands on the loopback one. */
function hasAll({ own }: ResolvedHost, ruleset: Ruleset): boolean {
  const listed = ruleset.host?.addresses ?? [];
  return ([4, 6] as const).every((family) => {
    const here = addressSet(
      listed.filter((one) => one.family === family),
      family,
    );
    return without(family, partyAddresses(ruleset, own, family) ?? [], here).length === 0;
  });
}

function ofOne(row: ResolvedRow): ResolvedRow {
  if (row.ownMayBeAll !== true) return row;
  const { role } = row.direction === 'out' ? row.destination : row.source;
  return {
    ...row,
    status: 'not-applicable',
    reason: noOtherMachine(role),
    dormant: row.undecided,
    undecided: [],
  };
}
