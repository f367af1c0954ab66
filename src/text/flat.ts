/**
 * The same text in one piece. V8 keeps a text that was put together as the tree of its pieces until somebody looks at a
 * character; of texts that a report holds for long, these trees are much of what the garbage collector has to walk.
 */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
