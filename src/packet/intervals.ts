import type { Diagram, Node } from './diagram.ts';
import { writeDigits } from './literals.ts';

/**
 * The node that leads to `nodes[i]` for values from `starts[i]` on, up to the next of them: built from its bytes upwards,
 * without any set operation.
 *
 * @param starts ascending; the first is 0
 * @param nodes which test levels below the field's only
 * @param levels of the field's bytes, most significant first
 * @param width how many bytes the values have; they fill the first ones
 */
export function intervalsNode(
  diagram: Diagram,
  starts: readonly (number | bigint)[],
  nodes: readonly Node[],
  levels: readonly number[],
  width: number,
): Node {
  const count = starts.length;
  if (count === 1) return nodes[0] as Node;
  const digits = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) writeDigits(digits, i * width, starts[i] as number | bigint, width);
  const build = (index: number, from: number, to: number, before: Node): Node => {
    if (index === width) return nodes[from] as Node;
    const mark = diagram.begin();
    let state = before;
    let next = 0;
    for (let at = from; at < to; ) {
      const digit = digits[at * width + index] as number;
      let end = at + 1;
      while (end < to && digits[end * width + index] === digit) end++;
      if (digit > next) diagram.push(mark, state, digit - 1);
      diagram.push(mark, build(index + 1, at, end, state), digit);
      state = nodes[end - 1] as Node;
      next = digit + 1;
      at = end;
    }
    if (next <= 255) diagram.push(mark, state, 255);
    return diagram.finish(mark, levels[index] as number);
  };
  return build(0, 0, count, nodes[0] as Node);
}
