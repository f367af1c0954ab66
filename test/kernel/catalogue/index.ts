import { CONNECTION_MATCHES } from './connection.ts';
import { HEADER_MATCHES } from './header.ts';
import { NAT_TARGETS } from './nat-targets.ts';
import { SET_MATCHES } from './sets.ts';
import { CHANGING_TARGETS, VERDICT_TARGETS } from './targets.ts';
import { TRANSPORT_MATCHES } from './transport.ts';
import type { MatchEntry, RulesEntry } from './types.ts';

export { OPAQUE_MATCHES, OPAQUE_TARGETS } from './opaque.ts';
export { REFUSED } from './refused.ts';
export { SET_MATCHES } from './sets.ts';

/** Every match that postern models exactly, with its cases. */
export const EXACT_MATCHES: readonly MatchEntry[] = [
  ...HEADER_MATCHES,
  ...TRANSPORT_MATCHES,
  ...CONNECTION_MATCHES,
];

/** Every target that postern models exactly, as whole rule sets. */
export const EXACT_TARGETS: readonly RulesEntry[] = [...VERDICT_TARGETS, ...CHANGING_TARGETS, ...NAT_TARGETS];

/** All entries that are whole rule sets. */
export const RULE_SETS: readonly RulesEntry[] = [...SET_MATCHES, ...EXACT_TARGETS];
