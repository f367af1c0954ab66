import type { Action, TranslateAction } from './action.ts';
import type { Condition } from './condition.ts';
import { isListable } from './masked-ranges.ts';
import type { Rule } from './ruleset.ts';

/**
 * The rule with a translation to any address of its network, where it gives packets the addresses of one network and leaves them their
 * host bits, whatever network theirs were of (NETMAP without `-d`): what becomes one address was one in each network, which are too many
 * to list. The rule itself where it does not.
 */
export function withoutUnlistableMap(rule: Rule): Rule {
  const { match } = rule;
  const actions = rule.actions.map((action) => (mapsAnything(action, match) ? toAny(action) : action));
  return actions.every((action, at) => action === rule.actions[at]) ? rule : { ...rule, actions };
}

interface Mapping extends TranslateAction {
  readonly address: Extract<TranslateAction['address'], { kind: 'prefix' }>;
}

const mapsAnything = (action: Action, match: Condition): action is Mapping =>
  action.kind === 'translate' && hasMany(action) && !asks(match, fieldOf(action));

/** An address and a mask stand for both families: those of IPv6 are longer. */
const addressesOf = (mask: bigint): bigint => (1n << (mask >> 32n === 0n ? 32n : 128n)) - 1n;

function hasMany({ address }: TranslateAction): boolean {
  if (address?.kind !== 'prefix') return false;
  const { mask } = address;
  return !isListable(mask >> 32n === 0n ? 4 : 6, addressesOf(mask) ^ mask);
}

function toAny(action: Mapping): TranslateAction {
  const { mask, value } = action.address;
  const address = { kind: 'range', lo: value, hi: value | (addressesOf(mask) ^ mask) } as const;
  return { ...action, address };
}

const fieldOf = ({ what }: TranslateAction): 'src' | 'dst' => (what === 'dnat' ? 'dst' : 'src');

/** Whether it asks of all packets for the address. */
function asks(condition: Condition, field: 'src' | 'dst'): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.some((one) => asks(one, field));
    case 'or':
      return condition.of.length > 0 && condition.of.every((one) => asks(one, field));
    case 'address':
    case 'address-mask':
      return condition.field === field;
    default:
      return condition.kind === 'set';
  }
}
