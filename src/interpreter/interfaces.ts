import type { InterfacePattern } from '../rule/condition.ts';
import type { HostFacts } from '../rule/ruleset.ts';
import type { Walk } from './walk.ts';

const NONE: readonly string[] = [''];

/**
 * Names that the interface can have at the present hook; the empty string stands for no interface. Netfilter shows
 * `in` up to forward, and at postrouting for forwarded packets (net/ipv4/ip_output.c, ip_output passes the
 * device of arrival), `out` from forward and output on.
 */
export function visibleNames(walk: Walk, field: 'in' | 'out'): readonly string[] {
  const { packet } = walk.setting;
  if (packet.hook === 'ingress' || packet.hook === 'egress') return walk.names[field];
  const shown =
    field === 'in'
      ? packet.hook !== 'output'
      : walk.hook === 'forward' ||
        walk.hook === 'output' ||
        walk.hook === 'postrouting' ||
        walk.hook === 'egress' ||
        walk.hook === 'cloud-egress';
  return shown ? walk.names[field] : NONE;
}

/** Whether a name is of a pattern: the empty prefix matches every name, the absent one too; the empty whole name that one alone. */
export function matchesPattern(name: string, pattern: InterfacePattern): boolean {
  return pattern.prefix ? name.startsWith(pattern.name) : name === pattern.name;
}

/** Whether a name is a loopback interface's: by the host's facts, and `lo`, which Linux always calls it. */
export function loopbackTest(host: HostFacts | undefined): (name: string) => boolean {
  const names = new Set(host?.addresses.filter((a) => a.loopback).map((a) => a.interface));
  return (name) => name === 'lo' || names.has(name);
}
