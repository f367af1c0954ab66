import { interfaceText } from '../rule/condition.ts';
import type { AddressSets } from './addresses.ts';
import { ANY, type Baseline, type Closed, type Connection, INTERNET, type Row } from './baseline.ts';
import type { Party, Protected, ResolvedBaseline, ResolvedRow } from './model.ts';
import { notNeeding } from './parties.ts';
import { apply, assemble, type HostContext, resolveConnection } from './resolve-row.ts';

/**
 * One baseline for one host: the rows in which a role of the host is an end, and, for a firewall, those that cross it.
 *
 * @param protectedRoles roles behind the host, as a firewall between zones
 */
export function resolveBaseline(
  baseline: Baseline,
  context: HostContext,
  protectedRoles: readonly string[],
): ResolvedBaseline {
  const rows: ResolvedRow[] = [];
  for (const row of baseline.rows)
    for (const connection of row.connections)
      for (const { variant, inherited } of variants(baseline, connection, context)) {
        rows.push(...resolveConnection(baseline, row, variant, context, inherited));
        rows.push(...crossings(baseline, row, variant, context, protectedRoles, inherited));
      }
  const closed = closedFor(baseline, context.roles);
  const known = protectedRoles.filter((role) => baseline.roles.has(role));
  if (known.length === 0) return { id: baseline.id, closed, rows };
  return { id: baseline.id, closed, behind: known.map((role) => protectedBy(baseline, role, context)), rows };
}

/**
 * Where the baseline closes `forward`, everything that passes is its business, unless a role says otherwise of itself. Where
 * it does not, what goes to its hosts is as closed at the firewall in front of them as at the hosts.
 */
function protectedBy(baseline: Baseline, role: string, { parties }: HostContext): Protected {
  const { closed: general } = baseline;
  const base = general.forward ? { in: true, out: true } : { in: general.in, out: general.out };
  const closed = { ...base, ...baseline.roles.get(role)?.closed };
  return { party: parties.of(role, baseline), in: closed.in, out: closed.out };
}

/** A role's own word counts before the baseline's; a firewall that has no role in the baseline is judged at forward. */
function closedFor(baseline: Baseline, roles: ReadonlySet<string>): Closed {
  if (roles.size === 0) return { in: false, out: false, forward: baseline.closed.forward };
  let closed = baseline.closed;
  // The host's own role comes last in the set and so has the last word.
  for (const role of roles) closed = { ...closed, ...baseline.roles.get(role)?.closed };
  return closed;
}

interface Variant {
  readonly variant: Connection;
  readonly inherited?: 'optional';
}

/**
 * The connection, and the same for members of a declared cluster in the primary's place ("rules for the Primary
 * application on secondary members"). With no deployment a member has the primary's connections as optional ones.
 */
function variants(baseline: Baseline, connection: Connection, context: HostContext): Variant[] {
  const out: Variant[] = [{ variant: connection }];
  for (const [id, { primary, member }] of baseline.clusters) {
    if (connection.source !== primary && connection.destination !== primary) continue;
    const declared = context.settings.clusters.get(id)?.value;
    const presumed = context.clusters === undefined && context.roles.has(member);
    if (declared !== true && !presumed) continue;
    const swap = (role: string): string => (role === primary ? member : role);
    const { source, destination } = connection;
    out.push({
      variant: {
        ...connection,
        id: `${connection.id}.${member}`,
        source: swap(source),
        destination: swap(destination),
      },
      ...(declared === true ? {} : { inherited: 'optional' as const }),
    });
  }
  return out;
}

/** Said of rows that their document may need: whoever reads that they are closed must know why that is no finding. */
const NEEDLESS = {
  unknown:
    'both ends are behind this firewall, and no interface tells whether it crosses, so it is not needed here',
  beside: 'both ends are on one interface behind this firewall, so it need not cross',
} as const;

/** The connection as it crosses a firewall, in front of the protected roles. */
function crossings(
  baseline: Baseline,
  row: Row,
  connection: Connection,
  context: HostContext,
  protectedRoles: readonly string[],
  inherited?: 'optional',
): ResolvedRow[] {
  if (protectedRoles.length === 0 || connection.loopback) return [];
  return behind(baseline, connection, protectedRoles).flatMap(({ variant, general }) => {
    const prohibited = variant.level === 'prohibited';
    const find = prohibited ? context.parties.prohibited : context.parties.of;
    const source = find(variant.source, baseline);
    const destination = find(variant.destination, baseline);
    const side = sides(source, destination, protectedRoles);
    if (side === 'elsewhere') return [];
    const needless = side === 'across' ? undefined : NEEDLESS[side];
    const level = general || needless !== undefined ? 'optional' : inherited;
    const applied = apply(baseline, variant, context, level);
    const said = needless !== undefined && applied.status === 'active' && applied.level === 'optional';
    const known = said ? { ...applied, reason: needless } : applied;
    return [
      assemble(baseline, row, known, 'forward', outside(source, destination), outside(destination, source)),
    ];
  });
}

/** A role that every host has stands for each protected role; whether the peer is across the firewall is not known. */
function behind(
  baseline: Baseline,
  connection: Connection,
  protectedRoles: readonly string[],
): { variant: Connection; general: boolean }[] {
  const every = (role: string): boolean => baseline.roles.get(role)?.everyHost === true;
  if (!every(connection.source) && !every(connection.destination))
    return [{ variant: connection, general: false }];
  return protectedRoles.map((role) => ({
    variant: {
      ...connection,
      id: `${connection.id}.${role}`,
      source: every(connection.source) ? role : connection.source,
      destination: every(connection.destination) ? role : connection.destination,
    },
    general: true,
  }));
}

/**
 * Where the ends are: `across` where one of them is behind the firewall and the other is not, or both are behind it and an
 * interface of one is another than one of the other's; `beside` where both are on one interface; `unknown` where both are
 * behind it and no interface tells; `elsewhere` where none is.
 */
function sides(
  source: Party,
  destination: Party,
  protectedRoles: readonly string[],
): 'across' | 'beside' | 'unknown' | 'elsewhere' {
  const inner = [source, destination].filter((party) => protectedRoles.includes(party.role));
  if (inner.length === 0) return 'elsewhere';
  if (inner.length === 1) return 'across';
  const [a, b] = [source, destination].map(({ interfaces }) => new Set(interfaces.map(interfaceText)));
  if (a === undefined || b === undefined || a.size === 0 || b.size === 0) return 'unknown';
  const all = new Set([...a, ...b]);
  if (all.size > 1) return 'across';
  // Behind one prefix there may be several interfaces.
  return source.interfaces.some(({ prefix }) => prefix) ? 'unknown' : 'beside';
}

/** Seen from one end, "anybody" and "the Internet" are on the other side: the end's own addresses are not needed. */
function outside(party: Party, other: Party): Party {
  if (party.role !== ANY && party.role !== INTERNET && party.binding !== 'internet') return party;
  const inner: AddressSets | undefined =
    other.ipv4 === undefined || other.ipv6 === undefined || other.binding !== 'bound'
      ? undefined
      : { ipv4: other.ipv4, ipv6: other.ipv6 };
  return notNeeding(party, inner);
}
