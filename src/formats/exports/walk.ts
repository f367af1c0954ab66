import type { Json, JsonObject } from './located.ts';

/** What a walk through the documents of an export calls. */
export interface DocumentVisitor {
  /** @param list the list in which the object stands */
  object(object: JsonObject, list: readonly Json[] | undefined): void;
  /** A text, a number … in the place of a document. */
  other(): void;
  /** A list with nothing in it: an export of nothing is one too. */
  empty(): void;
}

/** Visits the objects of a document, which may be one or lists of them; nothing is passed over. */
export function walkDocuments(value: Json, visitor: DocumentVisitor, list?: readonly Json[]): void {
  if (Array.isArray(value)) {
    if (value.length === 0) visitor.empty();
    for (const item of value as Json[]) walkDocuments(item, visitor, value as Json[]);
  } else if (typeof value === 'object' && value !== null) visitor.object(value as JsonObject, list);
  else visitor.other();
}
