import { BoxLimit } from '../../packet/boxes.ts';
import { DiagramLimit } from '../../packet/diagram.ts';
import type { Layout } from '../../packet/layout.ts';
import type { PacketSpace } from '../../packet/set.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { encodingFor, spaceFor } from '../../symbolic/layout/space.ts';

/** A space with more nodes is not used again: its tables would outgrow the processor's caches, and no host needs most of it. */
const MOST_NODES = 1 << 13;

/**
 * Spaces that hosts use one after the other. Hosts of one site have much in common, and what a diagram has made or
 * computed for one is there for the next. A set is the same whoever made it first, so nothing that is found depends on which hosts
 * came before; only how much memory is left does, and where that ends a host gets a space of its own.
 */
export class Spaces {
  private readonly kept = new Map<Layout, PacketSpace>();

  /**
   * Runs the analysis of a rule set in a space; a second time, in a new one, where the space that others have used is too
   * full. Throws what the analysis throws.
   */
  run<T>(ruleset: Ruleset, analyse: (space: PacketSpace) => T): T {
    const encoding = encodingFor(ruleset);
    // Other numbers for addresses are made for one rule set.
    if (encoding.numbering !== undefined) return analyse(spaceFor(ruleset, encoding));
    const { layout } = encoding;
    const used = this.kept.get(layout);
    // Taken out while it is in use: after an analysis that throws its diagram may be anything.
    this.kept.delete(layout);
    try {
      return this.keeping(layout, used ?? spaceFor(ruleset, encoding), analyse);
    } catch (error) {
      const isFull = error instanceof DiagramLimit && !(error instanceof BoxLimit);
      if (used === undefined || !isFull) throw error;
      return this.keeping(layout, spaceFor(ruleset, encoding), analyse);
    }
  }

  private keeping<T>(layout: Layout, space: PacketSpace, analyse: (space: PacketSpace) => T): T {
    const result = analyse(space);
    if (space.diagram.size <= MOST_NODES) this.kept.set(layout, space);
    return result;
  }
}
