import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { nameRanges } from '../../packet/interface-names.ts';
import { rangesNode } from '../../packet/literals.ts';
import type { AddressType, AddressTypeCondition, InterfacePattern } from '../../rule/condition.ts';
import { addressTypeSets, asksSpecial, specialOf } from './address-types.ts';
import { addressTypeText, type OpaquePredicates } from './predicates.ts';
import type { Place, Scope, Surroundings } from '../scope.ts';
import { bothTrue, EITHER, FALSE, TRUE, type Truth } from './truth.ts';

/** Translates conditions on what the routing table calls an address. */
export class AddressTypeCompiler {
  constructor(
    private readonly diagram: Diagram,
    private readonly scope: Scope,
    private readonly surroundings: Surroundings,
    private readonly predicates: OpaquePredicates,
  ) {}

  compile(condition: AddressTypeCondition, place: Place): Truth {
    const { limit } = condition;
    const { host } = this.surroundings;
    // Where the hook has no such interface, nothing limits the question.
    const limited = limit !== undefined && hasInterface(limit, place, this.scope);
    if (!limited || limit === undefined)
      return this.typeOf({ ...condition, limit: undefined }, undefined, place);
    if (host === undefined) return this.typeOf(condition, limit, place);
    // What is sent elsewhere leaves by another interface than it set out by.
    if (limit === 'out' && place.out !== undefined) return this.typeOf(condition, place.out, place);
    const names = host.interfaces.map((name) => [{ name, prefix: false }]);
    const named = names.map((name) => rangesNode(this.diagram, limit, nameRanges(name), ALL));
    const parts = names.map(([name], i) => {
      const truth = this.typeOf(condition, (name as InterfacePattern).name, place);
      return bothTrue(this.diagram, { may: named[i] as Node, must: named[i] as Node }, truth);
    });
    const others = this.diagram.not(this.diagram.orAll(named));
    parts.push(bothTrue(this.diagram, { may: others, must: others }, this.typeOf(condition, '', place)));
    return {
      may: this.diagram.orAll(parts.map((t) => t.may)),
      must: this.diagram.orAll(parts.map((t) => t.must)),
    };
  }

  /** Whether the address, on the device where one is named, has one of the types. */
  private typeOf(condition: AddressTypeCondition, device: string | undefined, place: Place): Truth {
    const { diagram } = this;
    const { known, open, types, anycast } = addressTypeSets(
      diagram,
      condition.field,
      device,
      this.scope,
      place,
      this.surroundings,
    );
    const asked = condition.types;
    const yes = diagram.orAll(asked.map((type) => known.get(type) ?? NONE));
    const undecided = this.openType(
      asked.filter((type) => types.includes(type)),
      types,
      condition,
      place,
    );
    let truth: Truth = {
      may: diagram.or(yes, diagram.and(open, undecided.may)),
      must: diagram.or(yes, diagram.and(open, undecided.must)),
    };
    if (asksSpecial(condition)) {
      // An address with such a route is neither local nor a broadcast one.
      const special = this.special(condition, place);
      const unicast = this.openType(
        types.filter((type) => type === 'unicast'),
        types,
        condition,
        place,
      );
      const fixed = known.get('unicast') ?? NONE;
      const ordinary = {
        may: diagram.or(fixed, diagram.and(open, unicast.may)),
        must: diagram.or(fixed, diagram.and(open, unicast.must)),
      };
      const route = bothTrue(diagram, ordinary, special);
      truth = { may: diagram.or(truth.may, route.may), must: diagram.or(truth.must, route.must) };
    }
    return anycast === NONE ? truth : this.orAnycast(truth, anycast, condition, place);
  }

  /** Of some addresses nobody knows whether they are anycast ones; else they are what is known of them. */
  private orAnycast(truth: Truth, set: Node, condition: AddressTypeCondition, place: Place): Truth {
    const { diagram } = this;
    const asked = condition.types.includes('anycast');
    const variable = this.variable(condition, 'anycast', place);
    if (variable === undefined)
      return asked
        ? { may: diagram.or(truth.may, set), must: truth.must }
        : { may: truth.may, must: diagram.difference(truth.must, set) };
    const is = diagram.and(set, variable);
    const change = (node: Node): Node => (asked ? diagram.or(node, is) : diagram.difference(node, is));
    return { may: change(truth.may), must: change(truth.must) };
  }

  /** Which of the open types it is: two predicates tell, is it local, and else, is it broadcast. */
  private openType(
    asked: readonly AddressType[],
    types: readonly AddressType[],
    condition: AddressTypeCondition,
    place: Place,
  ): Truth {
    if (asked.length === 0) return FALSE;
    if (asked.length === types.length) return TRUE;
    const [local, broadcast] = [
      this.variable(condition, 'local', place),
      this.variable(condition, 'broadcast', place),
    ];
    if (local === undefined || broadcast === undefined) return EITHER;
    const { diagram } = this;
    const isLocal = types.includes('local') ? local : NONE;
    const isBroadcast = types.includes('broadcast') ? diagram.difference(broadcast, isLocal) : NONE;
    const of: Partial<Record<AddressType, Node>> = {
      local: isLocal,
      broadcast: isBroadcast,
      unicast: diagram.not(diagram.or(isLocal, isBroadcast)),
    };
    const node = diagram.orAll(asked.map((type) => of[type] ?? NONE));
    return { may: node, must: node };
  }

  /** Whether a route gives an ordinary address one of the special types. */
  private special(condition: AddressTypeCondition, place: Place): Truth {
    const variable = this.variable(condition, `is ${specialOf(condition).join(' ')}`, place);
    return variable === undefined ? EITHER : { may: variable, must: variable };
  }

  /**
   * The kernel looks a type up by the address alone (net/netfilter/xt_addrtype.c): what else changes of the packet, its TTL for
   * instance, gives it no other.
   */
  private variable(condition: AddressTypeCondition, part: string, { translated }: Place): Node | undefined {
    const { sourceChanged, destinationChanged } = translated;
    const changed = condition.field === 'src' ? sourceChanged : destinationChanged;
    return this.predicates.variable(
      addressTypeText(condition),
      `${changed === 'no' ? 'first' : 'new'} ${part}`,
    );
  }
}

/** Whether packets of the scope have the interface at the place. */
function hasInterface(field: 'in' | 'out', place: Place, scope: Scope): boolean {
  if (field === 'in') return scope.hook !== 'output';
  return (
    place.hook === 'forward' ||
    place.hook === 'output' ||
    place.hook === 'postrouting' ||
    place.hook === 'egress' ||
    place.hook === 'cloud-egress'
  );
}
