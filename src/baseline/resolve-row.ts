import type { Diagnostic } from '../text/diagnostic.ts';
import type { AddressSets } from './addresses.ts';
import type { Baseline, Connection, Level, Row } from './baseline.ts';
import type { Settings } from './deployment.ts';
import { featureValue } from './feature-value.ts';
import type { Party, ResolvedRow, RowDirection } from './model.ts';
import { loopbackParty, notNeeding, others, type Parties } from './parties.ts';
import { type ResolvedTraffic, resolveTraffic } from './traffic.ts';

/** What a row is resolved for. */
export interface HostContext {
  readonly settings: Settings;
  readonly parties: Parties;
  /** The host's roles in this baseline: its own, and those that every host has. */
  readonly roles: ReadonlySet<string>;
  readonly self: Party;
  /** The host's own addresses, where they are known. */
  readonly own: AddressSets | undefined;
  /** These are all that its role is bound to, and several: nobody said which of them it has. */
  readonly ownIsGuessed: boolean;
  /** Some of them may be other machines', that a cloud guards alike: what these send one another is judged where exports say it. */
  readonly ownMayBeOthers: true | undefined;
  /** `undefined` where there is no deployment: then nothing is decided about clusters. */
  readonly clusters: ((cluster: string, baseline: Baseline) => boolean) | undefined;
  /** What {@link apply} found, for all hosts of the same settings. */
  readonly applied: Map<Baseline, Map<string, Applied>>;
  readonly errors: Diagnostic[];
}

/** A connection with what the site's decisions leave of it. */
export interface Applied {
  readonly connection: Connection;
  readonly level: Level;
  readonly status: ResolvedRow['status'];
  readonly reason?: string;
  readonly traffic: ResolvedTraffic;
  /** See {@link ResolvedRow}. */
  readonly ownMayBeAll?: true;
}

/** The rows of one connection in the directions that concern the host. */
export function resolveConnection(
  baseline: Baseline,
  row: Row,
  connection: Connection,
  context: HostContext,
  inherited?: 'optional',
): ResolvedRow[] {
  const directions = directionsOf(connection, context.roles);
  if (directions.length === 0) return [];
  const applied = apply(baseline, connection, context, inherited);
  return directions.map((direction) => {
    const { source, destination, alone } = ends(baseline, connection, direction, context);
    const lonely =
      alone && applied.status !== 'not-applicable' ? amongItself(applied, alone, context) : applied;
    return assemble(baseline, row, lonely, direction, source, destination);
  });
}

function directionsOf(connection: Connection, roles: ReadonlySet<string>): RowDirection[] {
  const out = roles.has(connection.source);
  if (connection.loopback) return out ? ['loopback'] : [];
  return [
    ...(out ? (['out'] as const) : []),
    ...(roles.has(connection.destination) ? (['in'] as const) : []),
  ];
}

/** The features, clusters and parameters of the site, put into a connection; once for all hosts that share them. */
export function apply(
  baseline: Baseline,
  connection: Connection,
  context: HostContext,
  inherited?: 'optional',
): Applied {
  let known = context.applied.get(baseline);
  if (known === undefined) {
    known = new Map();
    context.applied.set(baseline, known);
  }
  const key = `${connection.id} ${inherited ?? ''}`;
  let found = known.get(key);
  if (found === undefined) {
    found = applySettings(baseline, connection, context, inherited);
    known.set(key, found);
  }
  return found;
}

function applySettings(
  baseline: Baseline,
  connection: Connection,
  context: HostContext,
  inherited?: 'optional',
): Applied {
  const traffic = resolveTraffic(connection, baseline, context.settings);
  context.errors.push(...traffic.errors);
  const feature = featureValue(baseline, connection, context.settings);
  const cluster =
    connection.cluster === undefined ? true : clusterValue(baseline, connection.cluster, context);
  const optional = inherited === 'optional' || feature.value === 'optional' || cluster === 'optional';
  const level = optional && connection.level === 'required' ? 'optional' : connection.level;
  const base = { connection, level, traffic } as const;
  if (feature.value === false)
    return { ...base, status: 'not-applicable', reason: `${featuresText(feature.names)} off` };
  if (cluster === false)
    return {
      ...base,
      status: 'not-applicable',
      reason: `the cluster \`${connection.cluster}\` is not declared`,
    };
  if (feature.value === 'undecided') return undecidedFeature(base, feature.names);
  if (traffic.unset.length > 0)
    return { ...base, status: 'undetermined', reason: `the site does not set ${namesOf(traffic.unset)}` };
  if (traffic.none) return { ...base, status: 'not-applicable', reason: 'the site has no such ports' };
  return { ...base, status: 'active' };
}

function undecidedFeature(
  base: Pick<Applied, 'connection' | 'level' | 'traffic'>,
  features: readonly string[],
): Applied {
  const { traffic } = base;
  const undecided = [...traffic.all, ...traffic.choices.flat(), ...traffic.undecided];
  return {
    ...base,
    status: 'undetermined',
    reason: `the site does not decide the ${features.length > 1 ? 'features' : 'feature'} ${namesOf(features)}`,
    traffic: { ...traffic, all: [], choices: [], undecided },
  };
}

const featuresText = (names: readonly string[]): string =>
  names.length > 1 ? `the features ${namesOf(names)} are` : `the feature ${namesOf(names)} is`;

function namesOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `\`${name}\``).join(' and ');
}

function clusterValue(baseline: Baseline, cluster: string, context: HostContext): boolean | 'optional' {
  if (context.clusters !== undefined) return context.clusters(cluster, baseline);
  // A member is proof of a cluster.
  return context.roles.has(baseline.clusters.get(cluster)?.member ?? '') ? true : 'optional';
}

/** Both ends of a row in one direction; `alone` names the peer's role where the host is its only machine. */
function ends(
  baseline: Baseline,
  connection: Connection,
  direction: RowDirection,
  context: HostContext,
): { source: Party; destination: Party; alone?: string } {
  const { self, own, ownMayBeOthers, roles } = context;
  if (direction === 'loopback') return { source: loopbackParty(self), destination: loopbackParty(self) };
  const peerRole = direction === 'out' ? connection.destination : connection.source;
  const prohibited = connection.level === 'prohibited';
  const party = prohibited
    ? context.parties.prohibited(peerRole, baseline)
    : context.parties.of(peerRole, baseline);
  const other = roles.has(peerRole) ? others(party, own) : party;
  const peer = ownMayBeOthers ? (other ?? party) : notNeeding(other ?? party, own);
  const both =
    direction === 'out' ? { source: self, destination: peer } : { source: peer, destination: self };
  return other === undefined ? { ...both, alone: peerRole } : both;
}

/**
 * What is left of a row between machines of one role where all of that role's addresses are taken for the host's. Of several that nobody gave it
 * other machines may have some: then nobody knows whether the row is about anybody.
 */
function amongItself(applied: Applied, role: string, { ownIsGuessed }: HostContext): Applied {
  const { all, choices, undecided } = applied.traffic;
  if (ownIsGuessed)
    return {
      ...applied,
      status: 'undetermined',
      reason: `nobody says which addresses of the role \`${role}\` are this host’s own, and which other machines’: write \`addresses:\` beside the host`,
      traffic: { ...applied.traffic, ...NO_TRAFFIC, undecided: [...all, ...choices.flat(), ...undecided] },
      ownMayBeAll: true,
    };
  return {
    ...applied,
    status: 'not-applicable',
    reason: noOtherMachine(role),
    traffic: { ...applied.traffic, ...NO_TRAFFIC },
  };
}

/** Why a row between machines of one role does not apply to the only one. */
export const noOtherMachine = (role: string): string => `no other machine has the role \`${role}\``;

const NO_TRAFFIC = { all: [], choices: [], undecided: [] } as const;

/** One resolved row from its parts. */
export function assemble(
  baseline: Baseline,
  row: Row,
  applied: Applied,
  direction: RowDirection,
  source: Party,
  destination: Party,
): ResolvedRow {
  const { connection, level } = applied;
  const { status, reason } = judged(applied, source, destination);
  // What does not apply is neither needed nor documented.
  const applies = status !== 'not-applicable';
  const traffic = applies ? applied.traffic : NO_TRAFFIC;
  const dormant = applies ? [] : [...applied.traffic.all, ...applied.traffic.choices.flat()];
  return {
    baseline: baseline.id,
    id: connection.id,
    level,
    direction,
    status,
    reason,
    source,
    destination,
    all: traffic.all,
    choices: traffic.choices,
    undecided: traffic.undecided,
    dormant: dormant.length === 0 ? undefined : dormant,
    ownMayBeAll: applied.ownMayBeAll,
    because: connection.because,
    delivery: connection.delivery,
    reply: connection.reply,
    states: connection.states,
    families: connection.families,
    document: row.document,
    origin: row.origin,
  };
}

/** What is forbidden to somebody unknown cannot be told from what is allowed to everybody else. */
function judged(
  applied: Applied,
  source: Party,
  destination: Party,
): { status: ResolvedRow['status']; reason: string | undefined } {
  const unknown = [source, destination].find((party) => party.binding === 'unbound');
  if (applied.level !== 'prohibited' || applied.status !== 'active' || unknown === undefined)
    return { status: applied.status, reason: applied.reason };
  return { status: 'undetermined', reason: `the role \`${unknown.role}\` is not bound` };
}
