import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { FIELD_WIDTHS, type DiagramField } from '../../packet/layout.ts';
import { digitsOf, levelValues, maskedNode, rangesNode } from '../../packet/literals.ts';
import { icmpProtocol } from '../../packet/packet.ts';
import { contains, type Ranges } from '../../packet/ranges.ts';
import {
  type Condition,
  conjuncts,
  type FieldCondition,
  type OpaqueCondition,
  type SetCondition,
} from '../../rule/condition.ts';
import { setCondition } from '../../rule/set-condition.ts';
import { AddressTypeCompiler } from './address-type.ts';
import { ConnectionCompiler } from './connection.ts';
import { type FieldSets, fieldOf, narrow, pathOf, whole } from './field-sets.ts';
import { type FieldSet, plainFields } from './plain.ts';
import type { OpaquePredicates } from './predicates.ts';
import { type Place, placeKey, type Scope, type Surroundings } from '../scope.ts';
import { LONG } from '../layout/list-sizes.ts';
import { stateNode } from '../states.ts';
import { bothTrue, EITHER, FALSE, TRUE, type Truth } from './truth.ts';

interface Product {
  readonly fields: FieldSets;
  readonly truth: Truth;
}

/** Translates conditions into packet sets, for one scope. */
export class ConditionCompiler {
  private readonly setNodes = new Map<string, Truth>();
  private readonly stateNodes = new Map<string, Node>();
  /** Long alternatives by their places: the elements of a set, for which many rules ask. */
  private readonly sums = new Map<Condition, Map<string, Truth>>();
  private readonly types: AddressTypeCompiler;
  private readonly connections: ConnectionCompiler;

  constructor(
    private readonly diagram: Diagram,
    private readonly scope: Scope,
    readonly surroundings: Surroundings,
    readonly predicates: OpaquePredicates,
  ) {
    this.types = new AddressTypeCompiler(diagram, scope, surroundings, predicates);
    this.connections = new ConnectionCompiler(diagram, scope, surroundings, predicates);
  }

  compile(condition: Condition, place: Place): Truth {
    switch (condition.kind) {
      case 'always':
        return TRUE;
      case 'never':
        return FALSE;
      case 'and':
        return this.product(condition.of, place);
      case 'or':
        return this.sum(condition, place);
      case 'not':
        return this.negation(condition, place);
      case 'masked':
        return this.masked(condition, place);
      case 'address-mask':
        return this.addressMask(condition, place);
      case 'address-type':
        return this.types.compile(condition, place);
      case 'translated':
        return this.connections.translation(condition, place);
      case 'set':
        return this.lookup(condition, place);
      case 'opaque':
        return this.opaque(condition, place);
      default:
        return this.product([condition], place);
    }
  }

  private opaque({ text, stateful, direction, began, lasting }: OpaqueCondition, place: Place): Truth {
    const { state, direction: own, destinationChanged } = this.scope;
    const isFollowed = own !== undefined && state === 'established';
    if (isFollowed && direction !== undefined) return direction === own ? TRUE : FALSE;
    if (isFollowed && began !== undefined && destinationChanged !== undefined)
      return this.compile(began, place);
    if (lasting) return answered(this.predicates.variable(text, 'lasting'));
    return stateful ? EITHER : this.predicate(text);
  }

  /**
   * The decision of a rule that does with the packets that match what `leaf` says; undefined where it is not certain which
   * packets match.
   */
  decision(condition: Condition, place: Place, leaf: Node): Node | undefined {
    if (condition.kind === 'always') return leaf;
    const { fields, truth } = this.parts(conjuncts(condition), place);
    if (truth.may !== truth.must) return undefined;
    if (truth.may === NONE) return NONE;
    return this.diagram.restrict(pathOf(this.diagram, fields, leaf), truth.may);
  }

  /** Plain field sets become one path of nodes, built from the last field upwards; only the rest is intersected. */
  private product(parts: readonly Condition[], place: Place): Truth {
    const { fields, truth } = this.parts(parts, place);
    if (truth.may === NONE) return FALSE;
    const node = pathOf(this.diagram, fields, ALL);
    return bothTrue(this.diagram, truth, { may: node, must: node });
  }

  /** The plain field sets of a product, and what the rest of it says. */
  private parts(parts: readonly Condition[], place: Place): Product {
    const fields: FieldSets = new Map();
    let truth = TRUE;
    const states: FieldCondition[] = [];
    for (const part of parts) {
      if (part.kind === 'field' && part.field === 'state') {
        states.push(part);
        continue;
      }
      const plain = plainFields(part, this.scope, place, this.surroundings);
      if (plain === 'never') return { fields, truth: FALSE };
      if (plain === undefined) truth = bothTrue(this.diagram, truth, this.structured(part, place));
      else for (const field of plain) narrow(fields, this.numbered(field));
    }
    for (const { values } of states) {
      const node = this.stateOf(values, place, fields.get('protocol')?.values as Ranges | undefined);
      truth = bothTrue(this.diagram, truth, { may: node, must: node });
    }
    return truth.may === NONE ? { fields, truth: FALSE } : { fields, truth };
  }

  /** Packets in one of the states. What rules ask that are about other protocols does not depend on messages of ICMP. */
  private stateOf(values: Ranges, place: Place, protocols: Ranges | undefined): Node {
    const icmp = protocols === undefined || contains(protocols, icmpProtocol(this.scope.family));
    const key = `${values.join()} ${icmp} ${place.hook} ${place.tracked}`;
    let node = this.stateNodes.get(key);
    if (node === undefined) {
      node = stateNode(this.diagram, values, this.scope, place, this.surroundings, icmp);
      this.stateNodes.set(key, node);
    }
    return node;
  }

  private numbered(set: FieldSet): FieldSet {
    const values = levelValues(this.diagram, set.field, set.values, set.width);
    return values === set.values ? set : { ...set, values };
  }

  private structured(part: Condition, place: Place): Truth {
    if (part.kind === 'field') return this.singleField(part, place);
    if (part.kind === 'address') return this.connections.address(part, place);
    return this.compile(part, place);
  }

  /** Fields that no product path can hold: the interleaved marks, and what belongs to a connection. */
  private singleField(part: FieldCondition, place: Place): Truth {
    const { field, values } = part;
    if (field === 'origSport' || field === 'origDport') {
      const ported = this.product([whole(field === 'origSport' ? 'sport' : 'dport')], place);
      const at = (level: DiagramField): Node => rangesNode(this.diagram, level, values, ALL);
      return bothTrue(this.diagram, ported, this.connections.original(field, at, place));
    }
    const node = rangesNode(this.diagram, field, values, ALL, FIELD_WIDTHS[field]);
    const truth = { may: node, must: node };
    return field === 'ctmark' ? this.connections.connected(truth, place) : truth;
  }

  private sum(condition: Extract<Condition, { kind: 'or' }>, place: Place): Truth {
    const key = condition.of.length > LONG ? placeKey(place) : undefined;
    const known = key === undefined ? undefined : this.sums.get(condition)?.get(key);
    if (known !== undefined) return known;
    const truths = condition.of.map((part) => this.compile(part, place));
    const may = this.diagram.orAll(truths.map((t) => t.may));
    const exact = truths.every((t) => t.may === t.must);
    const truth = { may, must: exact ? may : this.diagram.orAll(truths.map((t) => t.must)) };
    if (key !== undefined)
      this.sums.set(condition, (this.sums.get(condition) ?? new Map<string, Truth>()).set(key, truth));
    return truth;
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
    if (field === 'origSport' || field === 'origDport' || field === 'state')
      return this.compile(fieldOf(field, mask, value), place);
    const bytes = FIELD_WIDTHS[field];
    const prerequisites = plainFields(whole(field), this.scope, place, this.surroundings);
    if (prerequisites === 'never') return FALSE;
    if (field === 'tcpFlags' && this.scope.tcpFlags !== undefined && !this.surroundings.hasForgottenFlags)
      return (this.scope.tcpFlags & mask) === value ? this.product([whole(field)], place) : FALSE;
    const bits = maskedNode(this.diagram, field, digitsOf(mask, bytes), digitsOf(value, bytes), ALL);
    const own = { may: bits, must: bits };
    if (field === 'ctmark') return this.connections.connected(own, place);
    return prerequisites === undefined
      ? own
      : bothTrue(this.diagram, own, this.product([whole(field)], place));
  }

  private addressMask(condition: Extract<Condition, { kind: 'address-mask' }>, place: Place): Truth {
    const { field } = condition;
    if (condition.family !== this.scope.family) return FALSE;
    const width = condition.family === 4 ? 4 : 16;
    const at = (level: DiagramField): Node =>
      maskedNode(this.diagram, level, digitsOf(condition.mask, width), digitsOf(condition.value, width), ALL);
    if (field === 'src' || field === 'dst') return { may: at(field), must: at(field) };
    return this.connections.original(field, at, place);
  }

  private lookup(condition: SetCondition, place: Place): Truth {
    const { set: name, directions, returnNomatch, text } = condition;
    const key = `${text}\n${name}\n${directions.join()}\n${returnNomatch}\n${placeKey(place)}`;
    let truth = this.setNodes.get(key);
    if (truth === undefined) {
      const set = this.surroundings.sets.get(name);
      truth =
        set === undefined
          ? this.predicate(text)
          : this.asked(
              this.compile(setCondition(set, this.surroundings.sets, directions, returnNomatch), place),
              text,
            );
      this.setNodes.set(key, truth);
    }
    return truth;
  }

  /** What no packet tells of a lookup (a destination MAC, say) is one question, wherever the same lookup is asked. */
  private asked(found: Truth, text: string): Truth {
    const { may, must } = found;
    if (may === must) return found;
    const answer = this.predicate(text);
    const open = this.diagram.difference(may, must);
    const of = (part: Node): Node => this.diagram.or(must, this.diagram.and(open, part));
    return { may: of(answer.may), must: of(answer.must) };
  }

  private predicate(text: string): Truth {
    return answered(this.predicates.ofBytes(text, 0));
  }
}

/** What is asked by a variable, or by none: then it is open. */
const answered = (variable: Node | undefined): Truth =>
  variable === undefined ? EITHER : { may: variable, must: variable };
