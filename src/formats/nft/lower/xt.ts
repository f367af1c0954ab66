import { addressMaximum } from '../../../packet/address.ts';
import type { Action, AssignableField, ForgettableField, TranslateAction } from '../../../rule/action.ts';
import { changedByUnknown } from '../../../rule/unknown-targets.ts';
import type { Statement } from '../ast/ast.ts';
import { opaque, type RuleContext } from './context.ts';
import { anything } from './verdict.ts';

type Xt = Extract<Statement, { kind: 'xt' }>;

/** Targets that let the rule's packets go on and change nothing that a condition reads (iptables-extensions(8)). */
const WITHOUT_EFFECT = new Set(
  'AUDIT CHECKSUM CLASSIFY CONNSECMARK IDLETIMER LED LOG NFLOG RATEEST SECMARK TCPMSS TCPOPTSTRIP TEE TRACE ULOG'.split(
    ' ',
  ),
);

/** Targets that let them go on with other bits in a field: which ones is not in the listing. */
const CHANGES: Readonly<Record<string, readonly AssignableField[]>> = {
  CONNMARK: ['mark', 'ctmark'],
  DSCP: ['tos'],
  ECN: ['tos', 'tcpFlags'],
  HL: ['ttl'],
  HMARK: ['mark'],
  MARK: ['mark'],
  // `--map-set --map-mark`: an element of a set may have a mark for the packet.
  SET: ['mark'],
  TOS: ['tos'],
  TTL: ['ttl'],
};

/** What somebody else decides. */
const DECIDED: Readonly<Record<string, readonly ('accept' | 'drop' | 'continue')[]>> = {
  NFQUEUE: ['accept', 'drop'],
  QUEUE: ['accept', 'drop'],
  SYNPROXY: ['drop', 'continue'],
  TPROXY: ['accept', 'drop'],
  DNPT: ['drop', 'continue'],
  SNPT: ['drop', 'continue'],
};

/** What the targets that decide change too. */
const CHANGED: Readonly<Record<string, ForgettableField>> = { TPROXY: 'mark', DNPT: 'dst', SNPT: 'src' };

/**
 * What a target of iptables does, as far as its name says. Translations take an address and a port that the listing does not
 * have: any of them, and not none, as a rule for the address that really comes out may stand in a later chain.
 */
export function xtActions(statement: Xt, context: RuleContext): readonly Action[] {
  const { name, text } = statement;
  if (WITHOUT_EFFECT.has(name)) return [{ kind: 'note', text }];
  if (name === 'REJECT') return [{ kind: 'verdict', verdict: 'reject' }];
  if (name === 'NOTRACK') return [{ kind: 'notrack' }];
  // A helper, a zone, or `--notrack`: each goes on (net/netfilter/xt_CT.c, xt_ct_target), and a target stands last.
  if (name === 'CT')
    return [
      { kind: 'note', text, zone: { direction: 'unknown' }, expects: 'any' },
      { kind: 'require', match: opaque(`${text} is --notrack`, false, statement, context) },
      { kind: 'notrack' },
    ];
  const fields = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
  if (fields !== undefined) {
    const reason = `what it sets is not in the listing: ${fields.join(' and ')} of the packet may be anything from here on`;
    context.problems.cover('approximated', statement, reason);
    return fields.map((field) => ({ kind: 'forget', field }));
  }
  const translation = translationOf(statement, context);
  if (translation !== undefined) return [translation];
  const outcomes = Object.hasOwn(DECIDED, name) ? DECIDED[name] : undefined;
  const field = Object.hasOwn(CHANGED, name) ? CHANGED[name] : undefined;
  const own: readonly Action[] = field === undefined ? [] : [{ kind: 'forget', field }];
  const changed = outcomes === undefined ? changedByUnknown(name) : own;
  return [...changed, anything(text, statement, context, outcomes)];
}

function translationOf(statement: Xt, context: RuleContext): TranslateAction | undefined {
  const what = directionOf(statement.name, context.hooks());
  if (what === undefined) return undefined;
  const local = statement.name === 'MASQUERADE' || statement.name === 'REDIRECT';
  const reason = 'what it translates to is not in the listing: any address and port that it may be';
  context.problems.cover('approximated', statement, reason);
  const hi = addressMaximum(context.table.family === 'ip6' ? 6 : 4);
  const address = local ? ({ kind: 'local' } as const) : ({ kind: 'range', lo: 0n, hi } as const);
  return { kind: 'translate', what, address, port: { lo: 0, hi: 0xffff } };
}

/** NETMAP translates the end that its hook is about (net/netfilter/xt_NETMAP.c). */
function directionOf(name: string, hooks: ReadonlySet<string>): TranslateAction['what'] | undefined {
  if (name === 'DNAT' || name === 'REDIRECT') return 'dnat';
  if (name === 'SNAT' || name === 'MASQUERADE') return 'snat';
  if (name !== 'NETMAP' || hooks.size === 0) return undefined;
  const ends = new Set(
    [...hooks].map((hook) => (hook === 'prerouting' || hook === 'output' ? 'dnat' : 'snat')),
  );
  return ends.size === 1 ? [...ends][0] : undefined;
}
