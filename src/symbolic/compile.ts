import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { FIELD_WIDTHS, LEVELS, type DiagramField } from '../packet/layout.ts';
import { digitsOf, maskedNode, rangesNode } from '../packet/literals.ts';
import { intersection, type Ranges } from '../packet/ranges.ts';
import type { NumericField } from '../packet/fields.ts';
import type { Condition, FieldCondition } from '../rule/condition.ts';
import { setCondition } from '../rule/set-condition.ts';
import { addressTypeAnswer } from './address-types.ts';
import { type FieldSet, plainFields } from './plain.ts';
import { addressTypeText, type OpaquePredicates } from './predicates.ts';
import { addressField, type Place, placeKey, type Scope, type Surroundings } from './scope.ts';
import { stateNode } from './states.ts';

/**
 * Where a condition can hold and where it certainly does, `must ⊆ may`. They differ only by opaque predicates that
 * answer anew at each visit.
 */
export interface Truth {
  readonly may: Node;
  readonly must: Node;
}

const TRUE: Truth = { may: ALL, must: ALL };
const FALSE: Truth = { may: NONE, must: NONE };
const EITHER: Truth = { may: ALL, must: NONE };

/** Translates conditions into packet sets, for one scope. */
export class ConditionCompiler {
  private readonly setNodes = new Map<string, Truth>();

  constructor(
    private readonly diagram: Diagram,
    private readonly scope: Scope,
    private readonly surroundings: Surroundings,
    private readonly predicates: OpaquePredicates,
  ) {}

  compile(condition: Condition, place: Place): Truth {
    switch (condition.kind) {
      case 'always':
        return TRUE;
      case 'never':
        return FALSE;
      case 'and':
        return this.product(condition.of, place);
      case 'or':
        return this.sum(condition.of, place);
      case 'not':
        return this.negation(condition, place);
      case 'masked':
        return this.masked(condition, place);
      case 'address-mask':
        return this.addressMask(condition, place);
      case 'address-type':
        return this.addressType(condition, place);
      case 'translated':
        return this.translation(condition, place);
      case 'set':
        return this.lookup(condition, place);
      case 'opaque':
        return condition.stateful ? EITHER : this.predicate(condition.text, place);
      default:
        return this.product([condition], place);
    }
  }

  /** Plain field sets become one path of nodes, built from the last field upwards; only the rest is intersected. */
  private product(parts: readonly Condition[], place: Place): Truth {
    const fields = new Map<DiagramField, FieldSet>();
    let truth = TRUE;
    for (const part of parts) {
      const plain = plainFields(part, this.scope, place, this.surroundings);
      if (plain === 'never') return FALSE;
      if (plain === undefined) truth = this.both(truth, this.structured(part, place));
      else
        for (const field of plain) {
          const known = fields.get(field.field);
          fields.set(
            field.field,
            known === undefined ? field : { ...field, values: meet(known.values, field.values) },
          );
        }
    }
    let node: Node = ALL;
    const order = [...fields.values()].sort((a, b) => firstLevel(b.field) - firstLevel(a.field));
    for (const { field, values, width } of order) node = rangesNode(this.diagram, field, values, node, width);
    return this.both(truth, { may: node, must: node });
  }

  private structured(part: Condition, place: Place): Truth {
    if (part.kind === 'field') return this.singleField(part, place);
    return this.compile(part, place);
  }

  /** Fields that no product path can hold: state (which depends on the place) and the interleaved marks. */
  private singleField(part: Extract<Condition, { kind: 'field' }>, place: Place): Truth {
    const { field, values } = part;
    const node =
      field === 'state'
        ? stateNode(this.diagram, values, this.scope, place, this.surroundings)
        : rangesNode(this.diagram, field, values, ALL, FIELD_WIDTHS[field]);
    return { may: node, must: node };
  }

  private both(a: Truth, b: Truth): Truth {
    const may = this.diagram.and(a.may, b.may);
    return { may, must: a.may === a.must && b.may === b.must ? may : this.diagram.and(a.must, b.must) };
  }

  private sum(parts: readonly Condition[], place: Place): Truth {
    const truths = parts.map((part) => this.compile(part, place));
    const may = this.diagram.orAll(truths.map((t) => t.may));
    const exact = truths.every((t) => t.may === t.must);
    return { may, must: exact ? may : this.diagram.orAll(truths.map((t) => t.must)) };
  }

  private negation(condition: Extract<Condition, { kind: 'not' }>, place: Place): Truth {
    const plain = plainFields(condition, this.scope, place, this.surroundings);
    if (plain !== undefined) return this.product([condition], place);
    const { may, must } = this.compile(condition.of, place);
    const result = this.diagram.not(must);
    return { may: result, must: may === must ? result : this.diagram.not(may) };
  }

  private masked(condition: Extract<Condition, { kind: 'masked' }>, place: Place): Truth {
    const { field, mask, value } = condition;
    const bytes = FIELD_WIDTHS[field];
    const prerequisites = plainFields(whole(field), this.scope, place, this.surroundings);
    if (prerequisites === 'never') return FALSE;
    if (field === 'tcpFlags' && this.scope.tcpFlags !== undefined && !this.surroundings.hasForgottenFlags)
      return (this.scope.tcpFlags & mask) === value ? this.product([whole(field)], place) : FALSE;
    const bits = maskedNode(this.diagram, field, digitsOf(mask, bytes), digitsOf(value, bytes), ALL);
    const own = { may: bits, must: bits };
    return prerequisites === undefined ? own : this.both(own, this.product([whole(field)], place));
  }

  private addressMask(condition: Extract<Condition, { kind: 'address-mask' }>, place: Place): Truth {
    if (condition.family !== this.scope.family) return FALSE;
    const width = condition.family === 4 ? 4 : 16;
    const field = addressField(condition.field, place);
    const node = maskedNode(
      this.diagram,
      field,
      digitsOf(condition.mask, width),
      digitsOf(condition.value, width),
      ALL,
    );
    return { may: node, must: node };
  }

  private addressType(condition: Extract<Condition, { kind: 'address-type' }>, place: Place): Truth {
    const { yes, unknown } = addressTypeAnswer(
      this.diagram,
      condition,
      this.scope,
      place,
      this.surroundings.host,
    );
    if (unknown === NONE) return { may: yes, must: yes };
    const open = this.predicate(addressTypeText(condition), place);
    return {
      may: this.diagram.or(yes, this.diagram.and(unknown, open.may)),
      must: this.diagram.or(yes, this.diagram.and(unknown, open.must)),
    };
  }

  private translation(condition: Extract<Condition, { kind: 'translated' }>, place: Place): Truth {
    const { translated } = place;
    const is =
      condition.what === 'dnat'
        ? translated.destination || translated.destinationPort
        : translated.source || translated.sourcePort;
    return is ? TRUE : FALSE;
  }

  private lookup(condition: Extract<Condition, { kind: 'set' }>, place: Place): Truth {
    const key = `${condition.set}\n${condition.directions.join()}\n${condition.returnNomatch}\n${placeKey(place)}`;
    let truth = this.setNodes.get(key);
    if (truth === undefined) {
      const set = this.surroundings.sets.get(condition.set);
      truth =
        set === undefined
          ? this.predicate(condition.text, place)
          : this.compile(
              setCondition(set, this.surroundings.sets, condition.directions, condition.returnNomatch),
              place,
            );
      this.setNodes.set(key, truth);
    }
    return truth;
  }

  private predicate(text: string, place: Place): Truth {
    const t = place.translated;
    const version = t.destination || t.destinationPort || t.source || t.sourcePort ? 'translated' : 'arrived';
    const variable = this.predicates.variable(text, version);
    return variable === undefined ? EITHER : { may: variable, must: variable };
  }
}

const firstLevel = (field: DiagramField): number => LEVELS[field][0] as number;

function meet(
  a: Ranges<number> | Ranges<bigint>,
  b: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return intersection(a as Ranges<bigint>, b as Ranges<bigint>);
}

/** The condition that the packet has the field at all. */
function whole(field: NumericField): FieldCondition {
  return { kind: 'field', field, values: [0, 256 ** FIELD_WIDTHS[field] - 1] };
}
