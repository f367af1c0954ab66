import type { Json, JsonObject } from '../exports/located.ts';

/*
 * Functions of templates whose values follow from their arguments alone.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions)
 */

/** Longer texts and lists than any template makes of its variables. */
const LONGEST = 10_000;

/** Undefined where the arguments are none of those that the function takes, or it does something that is not known here. */
type TemplateFunction = (args: readonly Json[]) => Json | undefined;

export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['concat', concat],
  ['format', format],
  ['tolower', ([text]) => (typeof text === 'string' ? text.toLowerCase() : undefined)],
  ['toupper', ([text]) => (typeof text === 'string' ? text.toUpperCase() : undefined)],
  ['trim', ([text]) => (typeof text === 'string' ? text.trim() : undefined)],
  ['string', ([text]) => (typeof text === 'string' || typeof text === 'number' ? String(text) : undefined)],
  ['int', ([text]) => wholeOf(text)],
  ['createarray', (args) => [...args]],
  ['true', () => true],
  ['false', () => false],
  ['bool', ([text]) => truthOf(text)],
  ['add', whole((a, b) => a + b)],
  ['sub', whole((a, b) => a - b)],
  ['mul', whole((a, b) => a * b)],
  ['div', whole((a, b) => (b === 0 ? Number.NaN : Math.trunc(a / b)))],
  ['mod', whole((a, b) => (b === 0 ? Number.NaN : a % b))],
  ['equals', equals],
  ['not', ([one]) => (typeof one === 'boolean' ? !one : undefined)],
  ['and', (args) => (args.every(isTruth) ? args.every(Boolean) : undefined)],
  ['or', (args) => (args.every(isTruth) ? args.some(Boolean) : undefined)],
  ['empty', ([one]) => sizeOf(one, (size) => size === 0)],
  ['length', ([one]) => sizeOf(one, (size) => size)],
  ['first', ([one]) => (hasItems(one) ? one[0] : undefined)],
  ['last', ([one]) => (hasItems(one) ? one[one.length - 1] : undefined)],
  ['contains', contains],
  ['min', ends(Math.min)],
  ['max', ends(Math.max)],
  ['range', range],
  ['split', split],
  ['replace', replaceAll],
]);

const isTruth = (one: Json): boolean => typeof one === 'boolean';

/** The value of a field of an object, by its name in any case, or of a place in a list. */
export function memberOf(value: Json, key: Json): Json | undefined {
  if (Array.isArray(value)) return typeof key === 'number' ? (value as readonly Json[])[key] : undefined;
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return undefined;
  const object = value as JsonObject;
  if (Object.hasOwn(object, key)) return object[key];
  const names = Object.keys(object).filter((name) => name.toLowerCase() === key.toLowerCase());
  const [only] = names;
  return names.length === 1 && only !== undefined ? object[only] : undefined;
}

/** Of texts and numbers a text, of lists a list. */
function concat(args: readonly Json[]): Json | undefined {
  if (args.every((one) => Array.isArray(one))) {
    const list = (args as readonly (readonly Json[])[]).flat();
    return list.length > LONGEST ? undefined : list;
  }
  if (!args.every((one) => typeof one === 'string' || typeof one === 'number')) return undefined;
  return shortText(args.join(''));
}

/** `{0}` alone; how numbers are to look is not known here. */
function format([layout, ...values]: readonly Json[]): string | undefined {
  if (typeof layout !== 'string' || layout.replace(/\{\d+\}/g, '').match(/[{}]/) !== null) return undefined;
  const pieces = layout.split(/\{(\d+)\}/);
  const parts = pieces.map((piece, i) => (i % 2 === 0 ? piece : values[Number(piece)]));
  const isText = (part: Json | undefined): boolean => typeof part === 'string' || typeof part === 'number';
  return parts.every(isText) ? shortText(parts.join('')) : undefined;
}

function wholeOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function truthOf(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function whole(count: (a: number, b: number) => number): TemplateFunction {
  return ([a, b]) => {
    if (typeof a !== 'number' || typeof b !== 'number') return undefined;
    const value = count(a, b);
    return Number.isSafeInteger(value) ? value : undefined;
  };
}

/** Values of lists and objects are compared by more than is known here. */
function equals([a, b]: readonly Json[]): boolean | undefined {
  if (a === undefined || b === undefined || typeof a === 'object' || typeof b === 'object') return undefined;
  return typeof a === typeof b ? a === b : undefined;
}

function sizeOf(value: Json | undefined, told: (size: number) => Json): Json | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return told(value.length);
  return typeof value === 'object' && value !== null ? told(Object.keys(value).length) : undefined;
}

/** A text in a text, a value in a list, a field in an object; letters' case counts but in names of fields. */
function contains([whole, part]: readonly Json[]): boolean | undefined {
  if (part === undefined || typeof part === 'object') return undefined;
  if (typeof whole === 'string') return typeof part === 'string' ? whole.includes(part) : undefined;
  if (Array.isArray(whole)) return (whole as readonly Json[]).includes(part);
  if (typeof whole !== 'object' || whole === null || typeof part !== 'string') return undefined;
  return Object.keys(whole).some((name) => name.toLowerCase() === part.toLowerCase());
}

/** Of whole numbers, or of one list of them. */
function ends(chosen: (...values: readonly number[]) => number): TemplateFunction {
  return (args) => {
    const [first] = args;
    const values = args.length === 1 && Array.isArray(first) ? (first as readonly Json[]) : args;
    const isWhole = values.every((one): one is number => typeof one === 'number');
    return isWhole && values.length > 0 && values.length < LONGEST ? chosen(...values) : undefined;
  };
}

const hasItems = (value: Json | undefined): value is string | readonly Json[] =>
  (typeof value === 'string' || Array.isArray(value)) && value.length > 0;

function range([start, count]: readonly Json[]): readonly number[] | undefined {
  if (typeof start !== 'number' || typeof count !== 'number' || count < 0 || count > LONGEST)
    return undefined;
  return Array.from({ length: count }, (_, i) => start + i);
}

function split([text, at]: readonly Json[]): readonly string[] | undefined {
  return typeof text === 'string' && typeof at === 'string' && at !== '' ? text.split(at) : undefined;
}

function replaceAll([text, old, made]: readonly Json[]): string | undefined {
  if (typeof text !== 'string' || typeof old !== 'string' || typeof made !== 'string' || old === '')
    return undefined;
  return shortText(text.replaceAll(old, () => made));
}

const shortText = (text: string): string | undefined => (text.length > LONGEST ? undefined : text);
