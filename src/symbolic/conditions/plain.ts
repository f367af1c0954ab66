import { FRAGMENTS, icmpProtocol, PORT_PROTOCOLS } from '../../packet/packet.ts';
import { type DiagramField, FIELD_WIDTHS } from '../../packet/layout.ts';
import { nameRanges } from '../../packet/interface-names.ts';
import { complement, contains, normalise, type Ranges } from '../../packet/ranges.ts';
import type { NumericField } from '../../packet/fields.ts';
import type { Condition, GroupCondition, InterfaceCondition } from '../../rule/condition.ts';
import type { Place, Scope, Surroundings } from '../scope.ts';

/** One field's values, in its diagram levels. */
export interface FieldSet {
  readonly field: DiagramField;
  readonly values: Ranges<number> | Ranges<bigint>;
  /** Bytes of the values: 4 for an IPv4 address. */
  readonly width: number;
}

const PORTS: Ranges = normalise(PORT_PROTOCOLS.map((number) => [number, number] as const));
const TCP: Ranges = [6, 6];

/** Fields that depend on the place, belong to the connection, or are interleaved in the diagram. */
const STRUCTURED: ReadonlySet<NumericField> = new Set<NumericField>([
  'state',
  'mark',
  'ctmark',
  'origSport',
  'origDport',
]);

const isOriginal = (field: string): boolean => field === 'origSrc' || field === 'origDst';

/**
 * A condition as a product of plain field sets; `never` where it cannot hold in the scope; undefined where it is no
 * such product. A port, an ICMP type or TCP flags bring the protocols with them that have such a field.
 */
export function plainFields(
  condition: Condition,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): readonly FieldSet[] | 'never' | undefined {
  if (condition.kind === 'not') return plainNegation(condition.of, scope, place, surroundings);
  if (condition.kind === 'group') return [groupField(condition, surroundings, false)];
  if (condition.kind === 'address') {
    if (isOriginal(condition.field)) return undefined;
    if (condition.family !== scope.family) return 'never';
    return [
      {
        field: condition.field,
        values: condition.values,
        width: condition.family === 4 ? 4 : 16,
      },
    ];
  }
  if (condition.kind === 'interface') return interfaceField(condition, scope, place, false);
  if (condition.kind !== 'field') return undefined;
  const { field, values } = condition;
  if (STRUCTURED.has(field)) return undefined;
  return numericFields(field, values, scope, surroundings);
}

function plainNegation(
  inner: Condition,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): readonly FieldSet[] | 'never' | undefined {
  if (inner.kind === 'group') return [groupField(inner, surroundings, true)];
  if (inner.kind === 'interface') return interfaceField(inner, scope, place, true);
  if (inner.kind === 'address') {
    if (isOriginal(inner.field)) return undefined;
    if (inner.family !== scope.family) return [];
    const width = inner.family === 4 ? 4 : 16;
    const values =
      inner.family === 4
        ? complement(inner.values, 0, 0xffffffff)
        : complement(inner.values, 0n, (1n << 128n) - 1n);
    return [{ field: inner.field, values, width }];
  }
  if (inner.kind === 'field' && inner.field === 'protocol')
    return [{ field: 'protocol', values: complement(inner.values, 0, 255), width: 1 }];
  return undefined;
}

/** A packet's end is taken to be of one such group at most; see docs/clouds.md for ends that are of several. */
function groupField({ side, group }: GroupCondition, { groups }: Surroundings, negated: boolean): FieldSet {
  const number = groups.get(group) ?? 0;
  const values: Ranges = [number, number];
  return {
    field: side === 'own' ? 'ownGroup' : 'peerGroup',
    values: negated ? complement(values, 0, 0xffff) : values,
    width: 2,
  };
}

/** At hooks that do not know an interface its name is empty. */
function interfaceField(
  { field, names }: InterfaceCondition,
  scope: Scope,
  place: Place,
  negated: boolean,
): readonly FieldSet[] | 'never' {
  const width = FIELD_WIDTHS[field];
  const ranges = nameRanges(names);
  const known =
    field === 'out' && place.out !== undefined ? place.out : isHidden(field, scope, place) ? '' : undefined;
  if (known !== undefined) {
    const name = nameRanges([{ name: known, prefix: false }])[0] as bigint;
    return contains(ranges, name) !== negated ? [] : 'never';
  }
  const values = negated ? complement(ranges, 0n, (1n << BigInt(8 * width)) - 1n) : ranges;
  return [{ field, values, width }];
}

function isHidden(field: 'in' | 'out', scope: Scope, { hook }: Place): boolean {
  if (field === 'in') return scope.hook === 'output';
  return hook === 'cloud-ingress' || hook === 'ingress' || hook === 'prerouting' || hook === 'input';
}

function numericFields(
  field: NumericField,
  values: Ranges,
  scope: Scope,
  surroundings: Surroundings,
): readonly FieldSet[] | 'never' {
  const own: FieldSet = { field, values, width: FIELD_WIDTHS[field] };
  switch (field) {
    case 'sport':
    case 'dport':
      return withHeader([{ field: 'protocol', values: PORTS, width: 1 }, own], scope);
    case 'icmpType':
    case 'icmpCode': {
      const icmp = icmpProtocol(scope.family);
      return withHeader([{ field: 'protocol', values: [icmp, icmp], width: 1 }, own], scope);
    }
    case 'tcpFlags': {
      const tcp: FieldSet = { field: 'protocol', values: TCP, width: 1 };
      if (scope.tcpFlags === undefined || surroundings.hasForgottenFlags)
        return withHeader([tcp, own], scope);
      return contains(values, scope.tcpFlags) ? withHeader([tcp], scope) : 'never';
    }
    case 'fragment':
      if (scope.fragment === undefined) return [own];
      return contains(values, FRAGMENTS.indexOf(scope.fragment)) ? [] : 'never';
    default:
      return [own];
  }
}

/** Only a packet that is no later fragment has a transport header. */
function withHeader(fields: readonly FieldSet[], scope: Scope): readonly FieldSet[] | 'never' {
  if (scope.fragment === 'later') return 'never';
  if (scope.fragment !== undefined) return fields;
  return [...fields, { field: 'fragment', values: [0, 1], width: 1 }];
}
