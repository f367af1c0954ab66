import type { Condition, InterfacePattern } from '../rule/condition.ts';
import { eachInterface } from '../rule/interfaces-named.ts';
import type { Rule, Ruleset } from '../rule/ruleset.ts';

const prepared = new WeakMap<Ruleset, readonly string[]>();

/**
 * Names that stand for every interface but the loopback ones: one for each way in which the rule set's names and
 * prefixes can match, the first for those that nothing matches. Interfaces of the host are among them, since their
 * addresses may matter. A verdict that holds for these holds for every name.
 */
export function representativeNames(ruleset: Ruleset): readonly string[] {
  const before = prepared.get(ruleset);
  if (before !== undefined) return before;
  const patterns = patternsOf(ruleset);
  const loopback = new Set(['lo', ...loopbacks(ruleset)]);
  const names = new Set([unnamed(patterns)]);
  for (const pattern of patterns) names.add(representative(pattern, patterns));
  for (const name of ruleset.host?.interfaces ?? []) names.add(name);
  const found = [...names].filter((name) => !loopback.has(name));
  prepared.set(ruleset, found);
  return found;
}

function loopbacks(ruleset: Ruleset): string[] {
  return (ruleset.host?.addresses ?? []).filter((a) => a.loopback).map((a) => a.interface);
}

/** Every pattern once, in the order of the rule set; the empty prefix, which tells no names apart, is left out. */
function patternsOf(ruleset: Ruleset): InterfacePattern[] {
  const found = new Map<string, InterfacePattern>();
  const add = (pattern: InterfacePattern) => {
    if (pattern.name !== '') found.set(`${pattern.name} ${pattern.prefix}`, pattern);
  };
  for (const chain of ruleset.chains)
    for (const rule of chain.rules)
      for (const condition of conditionsOf(rule)) eachInterface(condition, ({ names }) => names.forEach(add));
  for (const set of ruleset.sets.values())
    for (const { parts } of set.elements)
      for (const part of parts) if (part.kind === 'iface') add({ name: part.name, prefix: part.wildcard });
  return [...found.values()];
}

function conditionsOf(rule: Rule): Condition[] {
  return [rule.match, ...rule.actions.flatMap((action) => (action.kind === 'require' ? [action.match] : []))];
}

function matches(name: string, pattern: InterfacePattern): boolean {
  return pattern.prefix ? name.startsWith(pattern.name) : name === pattern.name;
}

/** A name that no pattern matches: a usual one if possible. Patterns are finite, so one of the characters is free. */
function unnamed(patterns: readonly InterfacePattern[]): string {
  const free = (name: string) => !patterns.some((pattern) => matches(name, pattern));
  for (const usual of ['eth0', 'ens3', 'if0']) if (free(usual)) return usual;
  for (let code = 0x61; ; code++) {
    const name = `${String.fromCodePoint(code)}0`;
    if (free(name)) return name;
  }
}

/** A name that the pattern matches, and of the others only those that match whatever it does. */
function representative(pattern: InterfacePattern, patterns: readonly InterfacePattern[]): string {
  if (!pattern.prefix) return pattern.name;
  const narrower = patterns.filter((p) => p !== pattern && p.name.startsWith(pattern.name));
  if (!narrower.some((p) => matches(`${pattern.name}0`, p))) return `${pattern.name}0`;
  for (let code = 0x61; ; code++) {
    const name = pattern.name + String.fromCodePoint(code);
    if (!narrower.some((p) => matches(name, p))) return name;
  }
}
