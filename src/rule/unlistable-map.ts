import type { Span } from '../text/source.ts';
import type { TranslateAction } from './action.ts';
import type { Condition } from './condition.ts';
import { isListable } from './masked-ranges.ts';
import type { Rule, Ruleset } from './ruleset.ts';

/**
 * Where a rule gives packets the addresses of one network and leaves them their host bits, whatever network theirs were of (NETMAP
 * without `-d`): what becomes one address was one in each network, which are too many to list. Undefined where none does.
 */
export function unlistableMap({ chains }: Ruleset): Span | undefined {
  for (const { rules } of chains) for (const rule of rules) if (mapsAnything(rule)) return rule.origin;
  return undefined;
}

const mapsAnything = ({ match, actions }: Rule): boolean =>
  actions.some((action) => action.kind === 'translate' && hasMany(action) && !asks(match, fieldOf(action)));

/** An address and a mask stand for both families: those of IPv6 are longer. */
function hasMany({ address }: TranslateAction): boolean {
  if (address?.kind !== 'prefix') return false;
  const family = address.mask >> 32n === 0n ? 4 : 6;
  const all = (1n << (family === 4 ? 32n : 128n)) - 1n;
  return !isListable(family, all ^ address.mask);
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
