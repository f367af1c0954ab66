import { ALL, type Diagram, type Node } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { rangesNode } from '../../packet/literals.ts';
import type { Condition } from '../../rule/condition.ts';
import { type OpaquePredicates, translationTexts } from './predicates.ts';
import { type OriginalField, originalLevel, type Place, type Scope, type Surroundings } from '../scope.ts';
import { connectionNode, firstPacketNode } from '../states.ts';
import { bothTrue, EITHER, FALSE, TRUE, type Truth } from './truth.ts';

/** Translates conditions on the connection that a packet belongs to: how it began, and what was translated of it. */
export class ConnectionCompiler {
  constructor(
    private readonly diagram: Diagram,
    private readonly scope: Scope,
    private readonly surroundings: Surroundings,
    private readonly predicates: OpaquePredicates,
  ) {}

  /** An address that the connection began with. */
  address(part: Extract<Condition, { kind: 'address' }>, place: Place): Truth {
    if (part.family !== this.scope.family) return FALSE;
    const width = part.family === 4 ? 4 : 16;
    const at = (level: DiagramField): Node => rangesNode(this.diagram, level, part.values, ALL, width);
    return this.original(part.field as OriginalField, at, place);
  }

  /**
   * A condition on the connection's first address or port. In the first packet, and in those that follow it, it is the packet's own
   * until it is translated; replies come from the destination that no rule has translated. In others it is unknown.
   */
  original(field: OriginalField, at: (level: DiagramField) => Node, place: Place): Truth {
    const first = firstPacketNode(this.diagram, this.scope);
    const others = this.laterLevel(field, place) ?? field;
    const node = this.choose(first, at(originalLevel(field, place)), at(others));
    return this.connected({ may: node, must: node }, place);
  }

  /** The level of what later packets of a connection whose translation is known have of it. */
  private laterLevel(field: OriginalField, place: Place): DiagramField | undefined {
    const { state, direction, destinationChanged } = this.scope;
    if (state !== 'established' || destinationChanged === undefined) return undefined;
    if (direction === 'original') return originalLevel(field, place);
    if (direction !== 'reply' || destinationChanged === 'yes') return undefined;
    return field === 'origDst' ? 'src' : field === 'origDport' ? 'sport' : undefined;
  }

  /**
   * Without a connection entry nothing is translated; of a connection that began earlier nobody knows, unless it is one that is
   * followed. The kernel keeps it for both directions (IPS_DST_NAT, net/netfilter/nf_nat_core.c, nf_nat_setup_info).
   */
  translation(condition: Extract<Condition, { kind: 'translated' }>, place: Place): Truth {
    const { translated } = place;
    const changed = condition.what === 'dnat' ? translated.destinationChanged : translated.sourceChanged;
    const [connectionText, changedText] = translationTexts(condition.what);
    const own = changed === 'no' ? FALSE : changed === 'yes' ? TRUE : this.remembered(changedText);
    const first = firstPacketNode(this.diagram, this.scope);
    const known = condition.what === 'dnat' ? this.scope.destinationChanged : undefined;
    const others = known === undefined ? this.remembered(connectionText) : known === 'yes' ? TRUE : FALSE;
    const truth = {
      may: this.choose(first, own.may, others.may),
      must: this.choose(first, own.must, others.must),
    };
    return this.connected(truth, place);
  }

  private choose(where: Node, yes: Node, no: Node): Node {
    return this.diagram.or(this.diagram.and(where, yes), this.diagram.difference(no, where));
  }

  /** What asks for a connection fails without one, whatever else it asks. */
  connected(truth: Truth, place: Place): Truth {
    const node = connectionNode(this.diagram, this.scope, place, this.surroundings);
    return bothTrue(this.diagram, truth, { may: node, must: node });
  }

  /** A predicate about the connection, which no change of the packet makes another. */
  private remembered(text: string): Truth {
    const variable = this.predicates.variable(text, '');
    return variable === undefined ? EITHER : { may: variable, must: variable };
  }
}
