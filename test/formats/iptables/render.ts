import { formatAddress, formatRange } from '../../../src/packet/address.ts';
import { CONNECTION_STATES, EXTENSION_HEADERS, FRAGMENTS, PACKET_TYPES } from '../../../src/packet/packet.ts';
import { pairsOf } from '../../../src/packet/ranges.ts';
import type { ConfigPart } from '../../../src/formats/reader.ts';
import type { Condition } from '../../../src/rule/condition.ts';
import type { Action } from '../../../src/rule/action.ts';
import type { Chain, CoverageEntry, Rule } from '../../../src/rule/ruleset.ts';
import type { Diagnostic, Result } from '../../../src/text/diagnostic.ts';
import { formatPlace, type Span } from '../../../src/text/source.ts';

/** What reading a dump gave, as text that a person can check against the dump, line by line. */
export function renderResult(result: Result<ConfigPart>): string {
  if (!result.ok) return `${result.errors.map(renderDiagnostic).join('\n')}\n`;
  const { value, warnings } = result;
  const sections = [
    ...value.chains.map(renderChain),
    list('coverage', value.coverage.map(renderCoverage)),
    list('warnings', warnings.map(renderDiagnostic)),
    list(
      'sets changed',
      (value.changedSets ?? []).map(({ name, span }) => `${line(span)} ${name}`),
    ),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`${title}:`, ...lines.map((text) => `  ${text}`)].join('\n');
}

/** `file:line:col: code: message (expected …; help …)` */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { span, code, message, expected, help } = diagnostic;
  const more = [expected && `expected ${expected}`, help && `help: ${help}`].filter((text) => text);
  const place = span === undefined ? '' : `${formatPlace(span)}: `;
  return `${place}${code}: ${message}${more.length === 0 ? '' : `\n    ${more.join('\n    ')}`}`;
}

function line(span: Span): string {
  return String(span.file.position(span.start).line);
}

function renderCoverage({ span, status, reason }: CoverageEntry): string {
  return `${line(span)} ${status}: ${reason}`;
}

function renderChain(chain: Chain): string {
  const { base, table, name, families } = chain;
  const where =
    base === undefined ? 'user chain' : `${base.hook} ${base.priority} ${base.type} policy ${base.policy}`;
  const head = `ipv${families.join('+')} ${table} ${name} (${where})`;
  return [head, ...chain.rules.map((rule) => `  ${renderRule(rule, chain.layer)}`)].join('\n');
}

function renderRule(rule: Rule, layer: string): string {
  const actions = rule.actions.map((action) => renderAction(action, layer)).join('; ');
  return `${line(rule.origin)}: ${renderCondition(rule.match)} => ${actions === '' ? 'nothing' : actions}`;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function renderAction(action: Action, layer: string): string {
  switch (action.kind) {
    case 'verdict':
      return action.verdict;
    case 'jump':
    case 'goto':
      return `${action.kind} ${action.chain.slice(layer.length + 1)}`;
    case 'require':
      return `only if ${renderCondition(action.match)}`;
    case 'assign': {
      const from = action.from === undefined ? '' : ` ^ (${action.from} & ${hex(action.take ?? 0xffffffff)})`;
      const plus = action.plus === undefined ? '' : ` + ${action.plus}`;
      return `${action.field} := (${action.field} & ${hex(action.keep)})${from} ^ ${hex(action.xor)}${plus}`;
    }
    case 'forget':
      return `forget ${action.field}`;
    case 'translate':
      return renderTranslation(action);
    case 'unknown':
      return `${action.outcomes.join(' or ')} (${action.text})`;
    case 'note':
      return `note ${action.text}`;
    default:
      return action.kind;
  }
}

function renderTranslation({ what, address, port }: Extract<Action, { kind: 'translate' }>): string {
  const family = (value: bigint): 4 | 6 => (value > 0xffff_ffffn ? 6 : 4);
  const to =
    address === undefined
      ? ''
      : address.kind === 'local'
        ? ' an own address'
        : address.kind === 'range'
          ? ` ${formatRange(family(address.hi), address.lo, address.hi)}`
          : ` ${formatAddress(family(address.mask), address.value)} in ${formatAddress(family(address.mask), address.mask)}`;
  return `${what} to${to}${port === undefined ? '' : ` port ${port.lo}-${port.hi}`}`;
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  state: CONNECTION_STATES,
  pkttype: PACKET_TYPES,
  fragment: FRAGMENTS,
};

/** A condition on one line, fully bracketed. */
export function renderCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return condition.kind;
    case 'and':
    case 'or':
      return `(${condition.of.map(renderCondition).join(` ${condition.kind} `)})`;
    case 'not':
      return `not ${renderCondition(condition.of)}`;
    case 'field':
      return renderField(condition);
    case 'masked':
      return `${condition.field} & ${renderBits(condition.field, condition.mask)} = ${renderBits(condition.field, condition.value)}`;
    default:
      return renderLeaf(condition);
  }
}

function renderField({ field, values }: Extract<Condition, { kind: 'field' }>): string {
  const names = NAMED[field];
  const one = (value: number): string =>
    names === undefined ? (field === 'mac' ? hex(value) : String(value)) : (names[value] as string);
  const ranges = pairsOf(values).map(([lo, hi]) => (lo === hi ? one(lo) : `${one(lo)}-${one(hi)}`));
  return `${field} ${ranges.join(',')}`;
}

function renderBits(field: string, value: number): string {
  if (field !== 'extensionHeaders') return hex(value);
  const names = Object.entries(EXTENSION_HEADERS).flatMap(([name, bit]) => (value & bit ? [name] : []));
  return names.length === 0 ? 'none of them' : names.join('+');
}

function renderLeaf(condition: Condition): string {
  switch (condition.kind) {
    case 'address': {
      const ranges =
        condition.family === 4
          ? pairsOf(condition.values).map(([lo, hi]) => formatRange(4, lo, hi))
          : pairsOf(condition.values).map(([lo, hi]) => formatRange(6, lo, hi));
      return `${condition.field} ${ranges.join(',')}`;
    }
    case 'address-mask': {
      const text = (value: bigint): string => formatAddress(condition.family, value);
      return `${condition.field} & ${text(condition.mask)} = ${text(condition.value)}`;
    }
    case 'interface':
      return `${condition.field} ${condition.names.map(({ name, prefix }) => (prefix ? `${name}+` : name)).join(',')}`;
    case 'address-type':
      return `${condition.field} type ${condition.types.join(',')}${condition.limit === undefined ? '' : ` on ${condition.limit}`}`;
    case 'translated':
      return `translated by ${condition.what}`;
    case 'set':
      return `set ${condition.set} ${condition.directions.join(',')}${condition.returnNomatch ? ' nomatch' : ''}`;
    case 'opaque':
      return `{${condition.text}}${condition.stateful ? '*' : ''}`;
    default:
      return condition.kind;
  }
}
