import type { Diagram, Node } from '../../packet/diagram.ts';
import { bitsOf } from '../../packet/layout.ts';
import { visible } from '../../symbolic/bounds.ts';

/** Fields that boxes do not have, and of which all first packets that come in have one value (Analysis.entry). */
const FIXED = bitsOf(['notrack', 'ctmark']);

/** Whether no field that boxes do not have decides what is in the set. */
export function isPlain(diagram: Diagram, set: Node): boolean {
  const seen = diagram.fields(visible(diagram, set)) | FIXED;
  return (diagram.fields(set) & ~seen) === 0;
}
