import { andWithBytes } from '../../packet/and-with-bytes.ts';
import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { VARIABLE_BIT } from '../../packet/layout.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import type { OpaquePredicates } from '../conditions/predicates.ts';
import { changedFields, DESTINATION_FIELDS, destinationBytes, preimage } from './preimage.ts';
import { redirectAddress } from './redirect.ts';
import type { Scope, Surroundings } from '../scope.ts';
import { IDENTITY, type Transform } from './transform.ts';

/** What is known of one transform, which changes these fields (bits, see `Layout.fieldBit`). */
interface Known {
  readonly fields: number;
  readonly nodes: Map<Node, Node>;
  /** What the destination's bytes become, where that is certain; found when it is first asked for. */
  bytes?: ReadonlyMap<number, number>;
}

const NO_BYTES: ReadonlyMap<number, number> = new Map();

/** Sets of packets as they were before what rules of one scope made of them, each found once. */
export class Preimages {
  private readonly known = new Map<Transform, Known>();

  constructor(
    private readonly diagram: Diagram,
    private readonly scope: Scope,
    private readonly host: Ruleset['host'],
    private readonly surroundings: Surroundings,
    private readonly predicates: OpaquePredicates,
  ) {}

  /** The set as packets were before the transform. */
  of(node: Node, transform: Transform): Node {
    if (transform === IDENTITY || node < 2) return node;
    const known = this.knownOf(transform);
    if ((this.diagram.fields(node) & known.fields) === 0) return node;
    let result = known.nodes.get(node);
    if (result === undefined) {
      result = preimage(this.diagram, node, transform, this.scope.family, (field, ofLink) =>
        redirectAddress(this.diagram, field, this.scope, this.host, transform.out, ofLink),
      );
      if (this.changesBytes(transform)) result = this.predicates.afterChanges(result, transform.edition);
      known.nodes.set(node, result);
    }
    return result;
  }

  /** Packets of the set that are in `node` after the transform. Of a large set of thousands of translations each needs little. */
  following(set: Node, node: Node, transform: Transform): Node {
    const { diagram } = this;
    if (set === NONE || transform === IDENTITY || node < 2) return diagram.and(set, this.of(node, transform));
    const known = this.knownOf(transform);
    const asked = diagram.fields(node) & known.fields;
    if (asked === 0) return diagram.and(set, node);
    if (!known.nodes.has(node) && (asked & ~DESTINATION_FIELDS) === 0) {
      known.bytes ??= destinationBytes(diagram, transform, this.scope.family) ?? NO_BYTES;
      if (known.bytes !== NO_BYTES) return andWithBytes(diagram, set, node, known.bytes);
    }
    return diagram.and(set, this.of(node, transform));
  }

  /** Whether the transform changes none of the fields (bits, see `Layout.fieldBit`). */
  leavesAlone(transform: Transform, fields: number): boolean {
    return transform === IDENTITY || (fields & this.knownOf(transform).fields) === 0;
  }

  /** Whether opaque predicates about the packet's bytes may answer anew behind the transform. */
  private changesBytes({ edition }: Transform): boolean {
    return edition > 0 && this.surroundings.editionsMatter;
  }

  private knownOf(transform: Transform): Known {
    return kept(this.known, transform, () => {
      const asked = this.changesBytes(transform) ? VARIABLE_BIT : 0;
      return { fields: changedFields(transform) | asked, nodes: new Map() };
    });
  }
}
