import { ALWAYS, allOf, type Condition, NEVER } from '../../rule/condition.ts';
import type { Action } from '../../rule/action.ts';
import { changedByUnknown, maySendElsewhere } from '../../rule/unknown-targets.ts';
import type { Rule } from '../../rule/ruleset.ts';
import type { MatchUse, OptionUse, RuleSpec, TargetUse, Word } from './ast.ts';
import {
  addressConditions,
  fragmentCondition,
  interfaceCondition,
  protocolCondition,
  protocolNumber,
} from './lower-base.ts';
import type { RuleContext } from './matches/module.ts';
import { matchModule } from './matches/registry.ts';
import { hasNeededOptions } from './needed-options.ts';
import { hasGoodValues } from './option-values.ts';
import type { Problems } from './problems.ts';
import { unknownOutcome } from './targets/module.ts';
import { FOREIGN_TARGETS } from './targets/other.ts';
import { nearTarget, targetModule } from './targets/registry.ts';
import { whereItStands } from './targets/wrong-place.ts';
import { quoteWord } from './words.ts';

/** Where a rule stands, and what it can jump to. */
export interface RulePlace {
  readonly family: 4 | 6;
  readonly table: string;
  readonly chain: string;
  /** The id of a chain; `builtin` for one that cannot be jumped to; undefined where there is none. */
  chainId(name: string): string | 'builtin' | undefined;
}

/**
 * The meaning of one rule. Several sources or destinations give several rules, in the order in which iptables
 * makes them. Errors go to the problems; what is returned then does not matter.
 */
export function lowerRule(spec: RuleSpec, place: RulePlace, problems: Problems): readonly Rule[] {
  const protocol = spec.base.find((option) => option.name === 'protocol');
  const number = protocol === undefined ? 0 : protocolNumber(protocol, problems);
  if (number === undefined) return [];
  const context: RuleContext = {
    family: place.family,
    problems,
    protocol: number === 0 || protocol?.negated ? undefined : number,
    writtenProtocol: number,
    table: place.table,
    chain: place.chain,
    span: problems.span(spec),
  };
  const conditions: Condition[] = [];
  for (const option of spec.base) conditions.push(baseCondition(option, number, context));
  for (const use of spec.matches) conditions.push(lowerMatch(use, context));
  const actions = spec.target === undefined ? NO_ACTIONS : lowerTarget(spec.target, place, context);
  const rules = addressPairs(spec, context).map((pair) => ({
    match: allOf([pair, ...conditions]),
    actions,
    origin: context.span,
  }));
  return spec.matches.some(restoresMark) ? rules.flatMap((rule) => [forgetsMark(rule), rule]) : rules;
}

const NO_ACTIONS: readonly Action[] = [];
const ANY: readonly Condition[] = [ALWAYS];

/** Every source with every destination. */
function addressPairs(spec: RuleSpec, context: RuleContext): readonly Condition[] {
  let sources = ANY;
  let destinations = ANY;
  for (const option of spec.base) {
    if (option.name === 'source') sources = addressConditions(option, 'src', context);
    else if (option.name === 'destination') destinations = addressConditions(option, 'dst', context);
  }
  if (destinations === ANY) return sources;
  if (sources === ANY) return destinations;
  if (sources.length * destinations.length <= MAX_PRODUCT)
    return sources.flatMap((source) => destinations.map((destination) => allOf([source, destination])));
  context.problems.error('too-many-addresses', context.span, 'the address lists make too many rules', {
    expected: `at most ${MAX_PRODUCT}`,
  });
  return [];
}

/** Rules that one line may make; iptables sets no limit, but two long lists would exhaust any memory. */
const MAX_PRODUCT = 65_536;

function baseCondition(option: OptionUse, protocol: number, context: RuleContext): Condition {
  switch (option.name) {
    case 'protocol':
      return protocolCondition(option, protocol, context);
    case 'in-interface':
      return interfaceCondition(option, 'in', context);
    case 'out-interface':
      return interfaceCondition(option, 'out', context);
    case 'fragments':
      return fragmentCondition(option, context);
    default:
      return ALWAYS;
  }
}

function lowerMatch(use: MatchUse, context: RuleContext): Condition {
  const module = matchModule(
    use.name,
    context.family,
    { text: use.name, start: use.start, end: use.end },
    context.problems,
  );
  if (module === 'refused') return NEVER;
  if (module === undefined) return unknownMatch(use, context);
  if (!module.repeatable && repeats(use.options, context)) return NEVER;
  if (!hasNeededOptions(use, '-m', context) || !hasGoodValues(use, '-m', context)) return NEVER;
  return module.lower(use, context);
}

/** An option of a module that stands twice, which the tools refuse. */
function repeats(list: readonly OptionUse[], context: RuleContext): boolean {
  for (let i = 1; i < list.length; i++) {
    const option = list[i] as OptionUse;
    for (let j = 0; j < i; j++) {
      if (list[j]?.name !== option.name) continue;
      context.problems.error('repeated-option', option, `\`--${option.name}\` stands twice`, {
        expected: 'one',
      });
      return true;
    }
  }
  return false;
}

/** A module that postern has never heard of: everything after it that nobody else claims is its condition. */
function unknownMatch(use: MatchUse, context: RuleContext): Condition {
  const [first, ...more] = use.rest;
  const negated = first?.text === '!' && !more.some((word) => word.text === '!');
  const words = (negated ? more : use.rest).map((word) => quoteWord(word.text));
  const text = [`-m ${quoteWord(use.name)}`, ...words].join(' ');
  context.problems.cover(
    'unrecognised',
    context.span,
    `the match \`${text}\` is not known: what depends on it is reported as possible, never as certain`,
  );
  const condition: Condition = { kind: 'opaque', text, stateful: true, span: context.problems.span(use) };
  return negated ? { kind: 'not', of: condition } : condition;
}

function lowerTarget(use: TargetUse, place: RulePlace, context: RuleContext): readonly Action[] {
  const name = use.name.text;
  const id = place.chainId(name);
  if (id !== undefined && id !== 'builtin') return toChain(use, id, context);
  if (name === 'DROP' && place.table === 'nat')
    context.problems.error(
      'drop-in-nat',
      use,
      'the nat table is not for filtering; the tools refuse DROP in it',
      {
        expected: 'a rule in the filter table',
      },
    );
  const module = use.goto ? undefined : targetModule(name, context.family, use.name, context.problems);
  if (module === 'refused') return [];
  if (module === undefined) return noChain(use, id, context);
  if (repeats(use.options, context)) return [];
  if (!hasNeededOptions(use, '-j', context) || !hasGoodValues(use, '-j', context)) return [];
  return whereItStands(use, module.lower(use, context), context);
}

/** A user-defined chain, whatever target has the same name (libiptc.c, iptcc_map_target). */
function toChain(use: TargetUse, id: string, context: RuleContext): readonly Action[] {
  if (use.rest.length > 0) {
    const word = use.rest[0] as Word;
    context.problems.error(
      'unknown-option',
      word,
      `a jump to the chain \`${use.name.text}\` takes no \`${word.text}\``,
    );
  }
  return [{ kind: use.goto ? 'goto' : 'jump', chain: id }];
}

function noChain(use: TargetUse, id: 'builtin' | undefined, context: RuleContext): readonly Action[] {
  const name = use.name.text;
  if (id === 'builtin')
    context.problems.error(
      'jump-to-builtin',
      use.name,
      `\`${name}\` is a built-in chain; nothing can jump to it`,
      {
        expected: 'a user-defined chain or a target',
      },
    );
  else if (use.goto || (use.rest.length === 0 && !FOREIGN_TARGETS.has(name)))
    context.problems.error(
      'no-such-chain',
      use.name,
      `there is no chain \`${name}\` in the table ${context.table}`,
      {
        expected: use.goto
          ? 'a user-defined chain'
          : (nearTarget(name) ?? 'a user-defined chain or a target of iptables-extensions(8)'),
        help: `declare it before its first use: \`:${name} - [0:0]\``,
      },
    );
  else {
    const elsewhere = maySendElsewhere(name) ? ', with other addresses and ports too' : '';
    const reason = `the target is not known; the packet may be accepted, dropped or go on${elsewhere}`;
    const outcome = unknownOutcome(use, context, ['accept', 'drop', 'continue'], reason, 'unrecognised');
    return [...changedByUnknown(name), ...outcome];
  }
  return [];
}

/** `-m socket --restore-skmark` changes the mark of what it matches, before the rule's other matches are looked at. */
function restoresMark(use: MatchUse): boolean {
  return use.name === 'socket' && use.options.some((option) => option.name === 'restore-skmark');
}

function forgetsMark(rule: Rule): Rule {
  return { match: { kind: 'always' }, actions: [{ kind: 'forget', field: 'mark' }], origin: rule.origin };
}
