import { allOf, type Condition, type InterfaceCondition, negate } from '../../../rule/condition.ts';
import type { OptionUse } from '../ast.ts';
import { argument, type MatchModule, opaqueOption, signed } from './module.ts';
import { opaqueMatch } from './opaque.ts';

/** The interface has one of the names; the empty name is that of no interface. */
const named = (field: InterfaceCondition['field'], ...names: readonly string[]): Condition => ({
  kind: 'interface',
  field,
  names: names.map((name) => ({ name, prefix: false })),
});

/**
 * Nothing but what came in by a bridge's port meets any of the conditions: neither what the host sends nor what comes by lo, which no
 * bridge takes (iptables-extensions(8), physdev: "If the packet didn't arrive through a bridge device, this packet won't match this
 * option, unless '!' is used"; so in the kernel, seen on 6.18).
 */
const ARRIVED = negate(named('in', '', 'lo'));
/** The port by which a packet leaves is known at forward and postrouting only. */
const LEAVES = negate(named('out', ''));

/**
 * `-m physdev`: ports of bridges are not modelled. Where a packet can have none a condition is false, and its negation true, so that
 * chains of a hypervisor which INPUT calls too leave the host's own traffic alone.
 */
export const physdev: MatchModule = {
  ...opaqueMatch(
    'physdev',
    // Which ports are known differs from hook to hook.
    { stateful: true, separate: true },
    '!physdev-in=1',
    '!physdev-out=1',
    '!physdev-is-in',
    '!physdev-is-out',
    '!physdev-is-bridged',
  ),
  lower: (use, context) =>
    allOf(
      use.options.map((option) => {
        const asked = opaqueOption(context, use, { ...option, negated: false }, true);
        return signed(option, allOf([ARRIVED, ...(needsWayOut(option) ? [LEAVES] : []), asked]));
      }),
    ),
};

/**
 * Where a port is not known yet, `! --physdev-out` is false for what came in by a bridge, as `--physdev-out` is: of those that are
 * negated only `--physdev-is-bridged` is surely true there.
 */
function needsWayOut(option: OptionUse): boolean {
  if (option.name === 'physdev-is-bridged') return true;
  if (option.negated) return false;
  return option.name === 'physdev-is-out' || (option.name === 'physdev-out' && argument(option).text !== '+');
}
