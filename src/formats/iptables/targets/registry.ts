import { nearest } from '../../../text/nearest.ts';
import type { Word } from '../ast.ts';
import { hasOption } from '../getopt.ts';
import type { Problems } from '../problems.ts';
import { dscp, ecn, hl, tos, ttl } from './header.ts';
import { connmark, hmark, mark } from './marks.ts';
import type { TargetModule } from './module.ts';
import { dnat, masquerade, netmap, redirect, snat } from './nat.ts';
import { NOTED_TARGETS } from './notes.ts';
import { OTHER_TARGETS } from './other.ts';
import { VERDICT_TARGETS } from './verdicts.ts';

const BY_NAME = new Map(
  [
    mark,
    connmark,
    hmark,
    tos,
    dscp,
    ttl,
    hl,
    ecn,
    dnat,
    snat,
    redirect,
    masquerade,
    netmap,
    ...VERDICT_TARGETS,
    ...NOTED_TARGETS,
    ...OTHER_TARGETS,
  ].map((module) => [module.name, module] as const),
);

/** The target of this name; `refused` where only the other family has it, which is reported. */
export function targetModule(
  name: string,
  family: 4 | 6,
  place: Word,
  problems: Problems,
): TargetModule | 'refused' | undefined {
  const module = BY_NAME.get(name);
  if (module?.family === undefined || module.family === family) return module;
  problems.error('wrong-family', place, `IPv${family} has no \`-j ${name}\``, {
    expected: `a target of ${family === 4 ? 'iptables' : 'ip6tables'}(8)`,
  });
  return 'refused';
}

/** The targets of the family that have an option of exactly this name. */
export function targetsWith(option: string, family: 4 | 6): TargetModule[] {
  return [...BY_NAME.values()].filter(
    (target) => (target.family ?? family) === family && hasOption(target, option),
  );
}

/** The target that was probably meant, as a message names it. */
export function nearTarget(name: string): string | undefined {
  const near = nearest(name, BY_NAME.keys());
  return near === undefined ? undefined : `the target \`${near}\`, or a user-defined chain`;
}

/** Whether a target of this name exists in either family. */
export function isTargetName(name: string): boolean {
  return BY_NAME.has(name);
}

const HOMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP'].map((name) => [name, 'nat'])),
  ...Object.fromEntries(
    ['TOS', 'DSCP', 'TTL', 'HL', 'ECN', 'CHECKSUM', 'TPROXY'].map((name) => [name, 'mangle']),
  ),
  NOTRACK: 'raw',
  CT: 'raw',
  REJECT: 'filter',
};

/** The one table in which the kernel takes a target (`.table` of its `struct xt_target`); undefined where it may be any. */
export function homeTable(name: string): string | undefined {
  return Object.hasOwn(HOMES, name) ? HOMES[name] : undefined;
}
