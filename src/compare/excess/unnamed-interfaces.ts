import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { within } from '../../packet/relations.ts';
import { type InterfaceCondition, type InterfacePattern, interfaceText } from '../../rule/condition.ts';
import { eachInterface } from '../../rule/interfaces-named.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { halfOpen } from '../half-open/half-open.ts';
import { takesEverything } from '../half-open/way.ts';
import type { InFamily } from '../required/families-disagree.ts';
import { endsOf } from '../rows/row-ends.ts';
import { isCloudOnly } from '../view/clouds.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';
import { onceOf } from '../../text/kept.ts';

type Named = Readonly<Record<'in' | 'out', readonly InterfacePattern[]>>;

/**
 * Why a row that is satisfied may be none in truth: where nobody gave the host's interfaces, some interface is enough, and it or
 * some of it passes by none that any rule names, or its connections go on by none of them. `-i eth0 -j DROP` on a host that has eth0 alone lets nothing in. Undefined where all
 * of it passes by one that a rule names, or rules name none.
 */
export function passesByUnnamedOnly(
  row: ResolvedRow,
  families: readonly InFamily[],
  ruleset: Ruleset,
): string | undefined {
  if (ruleset.host !== undefined || isCloudOnly(ruleset)) return undefined;
  // Which interfaces such sets name is not looked for.
  if ([...ruleset.sets.values()].some(({ dimensions }) => dimensions.includes('iface'))) return undefined;
  const named = namedInterfaces(ruleset);
  // A reply leaves by the interface that its first packet came in by.
  const everywhere = [
    ...named.in,
    ...named.out.filter((one) => !named.in.some((other) => isSame(one, other))),
  ];
  if (everywhere.length === 0) return undefined;
  for (const { field, party } of endsOf(row).interfaces) {
    if (party.interfaces.length > 0) continue;
    for (const { check, judgement } of families) {
      const { view } = check;
      for (const { open, free } of judgement.needs) {
        const works = goingOn(view, row, open);
        const names = works === open ? named[field] : everywhere;
        if (works === NONE || names.length === 0) continue;
        const there = view.diagram.and(works, view.named(field, names));
        if (within(view.diagram, view.project(works, free), view.project(there, free))) continue;
        const what = there === NONE ? 'it' : 'some of it';
        return `${what} passes by interfaces alone that no rule names (rules name ${textOf(names)}); \`ip -j addr\` tells whether the host has others`;
      }
    }
  }
  return undefined;
}

const isSame = (one: InterfacePattern, other: InterfacePattern): boolean =>
  one.name === other.name && one.prefix === other.prefix;

/** First packets that pass, but for those whose connections surely stop. */
function goingOn(view: FamilyView, row: ResolvedRow, open: Node): Node {
  const backs: readonly FlowHook[] = row.direction === 'in' ? ['output', 'forward'] : ['input', 'forward'];
  const passes = (back: FlowHook): boolean =>
    takesEverything(view.analysis(back, 'established', SYN_ACK, false));
  if (open === NONE || backs.every(passes)) return open;
  return view.diagram.difference(open, halfOpen(view, row, open).definite);
}

/** Names that the reason shows. */
const SHOWN = 5;

function textOf(names: readonly InterfacePattern[]): string {
  // In the order of the alphabet: the same rules in another order say the same.
  const all = names.map(interfaceText).sort();
  const more = all.length > SHOWN ? [`${all.length - SHOWN} more`] : [];
  return [...all.slice(0, SHOWN), ...more].join(', ');
}

/** The interfaces that rules ask for, but for the loopback one. */
const namedInterfaces = onceOf(
  (ruleset: Ruleset): Named => ({ in: namesOf(ruleset, 'in'), out: namesOf(ruleset, 'out') }),
);

function namesOf(ruleset: Ruleset, field: 'in' | 'out'): readonly InterfacePattern[] {
  const found = new Map<string, InterfacePattern>();
  const add = (one: InterfaceCondition): void => {
    if (one.field !== field) return;
    for (const pattern of one.names)
      if (pattern.name !== '' && pattern.name !== 'lo' && pattern.implied !== true)
        found.set(`${pattern.name} ${pattern.prefix}`, pattern);
  };
  for (const { rules } of ruleset.chains) for (const { match } of rules) eachInterface(match, add);
  return [...found.values()];
}
