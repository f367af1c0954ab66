import type { ResolvedRow } from '../baseline/model.ts';
import type { ConnectionReport, ConnectionStatus } from '../finding/report.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import { nearest } from '../text/nearest.ts';
import { keysOf, unknownBinding } from './rows/parties.ts';

/** What a report says of a row. */
export function report(
  row: ResolvedRow,
  status: ConnectionStatus,
  reason: string | undefined,
): ConnectionReport {
  return {
    baseline: row.baseline,
    id: row.id,
    direction: row.direction,
    status,
    level: row.level,
    document: row.document,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Why the row could not be judged, or not against somebody. */
export function reasonOf(row: ResolvedRow, ruleset: Ruleset): string | undefined {
  const unknown = unknownBinding(ruleset, row);
  if (row.reason !== undefined || unknown === undefined) return row.reason;
  const { role, kind, name } = unknown;
  const why =
    kind === 'set'
      ? 'and no config says which addresses it has'
      : `which no config has${meantGroup(ruleset, name)}`;
  return `the role \`${role}\` is bound to the ${KINDS[kind]} \`${name}\`, ${why}`;
}

const KINDS = {
  set: 'set',
  securityGroups: 'group',
  applicationSecurityGroups: 'group',
  tags: 'tag',
  serviceAccounts: 'service account',
} as const;

/** What the deployment probably means by a name. */
function meantGroup(ruleset: Ruleset, name: string): string {
  const [key] = keysOf(ruleset, name);
  if (key !== undefined) return `; did you mean \`${key}: [${name}]\`?`;
  const near = nearGroup(ruleset, name);
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}

/** Of an account's names; all its hosts ask for the same few. */
const NEAR = new WeakMap<ReadonlyMap<string, string>, Map<string, string | undefined>>();

/** The group that was probably meant. */
function nearGroup({ cloud }: Ruleset, name: string): string | undefined {
  if (cloud === undefined) return undefined;
  const known = kept(NEAR, cloud.ids, () => new Map<string, string | undefined>());
  if (!known.has(name)) known.set(name, nearest(name, [...cloud.ids].flat()));
  return known.get(name);
}
