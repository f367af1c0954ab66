import type { Action } from './action.ts';
import type { Condition } from './condition.ts';
import type { Chain } from './ruleset.ts';

/** What a chain asks of a packet, and what it changes, by the names of fields. */
export interface Changes {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** What a chain asks and changes, with the chains that it calls. */
export function changesOf(chain: Chain, chainOf: (id: string) => Chain | undefined): Changes {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const seen = new Set([chain]);
  for (const { rules } of seen)
    for (const { match, actions } of rules) {
      read(match, reads);
      for (const action of actions) {
        act(action, reads, writes);
        const called = action.kind === 'jump' || action.kind === 'goto' ? chainOf(action.chain) : undefined;
        if (called !== undefined) seen.add(called);
      }
    }
  return { reads, writes };
}

/**
 * Whether it matters which of two chains a packet passes first. Two translations of sources do not count: what comes of them is
 * no other verdict.
 */
export function orderMatters(one: Changes, other: Changes): boolean {
  const meets = (writes: ReadonlySet<string>, asked: ReadonlySet<string>): boolean =>
    [...writes].some((field) => asked.has(field));
  const lasting = new Set([...one.writes].filter((field) => field !== 'src' && field !== 'sport'));
  return meets(one.writes, other.reads) || meets(other.writes, one.reads) || meets(lasting, other.writes);
}

/** What two nat chains are to each other: the first that translates a packet is the last that it passes there, so none asks for new ends. */
export function amongNat({ reads, writes }: Changes): Changes {
  return { reads: new Set([...reads].filter((field) => !ENDS.includes(field))), writes };
}

/** Sets and types of addresses read both ends: which of them, is not looked at. */
const ENDS = ['src', 'dst', 'sport', 'dport'];

function read(condition: Condition, reads: Set<string>): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      for (const part of condition.of) read(part, reads);
      break;
    case 'not':
      read(condition.of, reads);
      break;
    case 'field':
    case 'masked':
    case 'address':
    case 'address-mask':
      reads.add(condition.field);
      break;
    case 'address-type':
    case 'set':
      for (const field of [...ENDS, 'mark']) reads.add(field);
      break;
    case 'translated':
      reads.add(condition.what === 'dnat' ? 'dst' : 'src');
  }
}

function act(action: Action, reads: Set<string>, writes: Set<string>): void {
  switch (action.kind) {
    case 'require':
      read(action.match, reads);
      break;
    case 'assign':
      writes.add(action.field);
      if (action.from !== undefined) reads.add(action.from);
      break;
    case 'forget':
      writes.add(action.field);
      break;
    case 'notrack':
      for (const field of ['state', 'ctmark']) writes.add(field);
      break;
    case 'translate':
      for (const field of action.what === 'dnat' ? ['dst', 'dport'] : ['src', 'sport']) writes.add(field);
  }
}
