import { type Expression, parseExpression } from '../../../grammars/azure/expression.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';

/*
 * Variables of templates are what the template itself says, unlike its parameters, which a deployment may give another value than the
 * default. (https://learn.microsoft.com/azure/azure-resource-manager/templates/variables)
 */

/** The variables that expressions at one place mean. */
interface Scope {
  /** By name in lower case: letters' case means nothing in expressions. */
  readonly variables: ReadonlyMap<string, Json>;
  /** Values that are known already; one that is being looked for has none, so that a circle ends. */
  readonly values: Map<string, Json | undefined>;
  readonly isTemplate: boolean;
  /** In how many variables' values the place is: lists and objects are not put into these again and again. */
  readonly depth: number;
  /** Of which object of the file a changed one is. */
  readonly origins: WeakMap<object, object>;
}

/** Longer texts and lists than any template makes of its variables. */
const LONGEST = 10_000;
/** More variables that name each other in a row than any template has. */
const DEEPEST = 50;

/** An export in which expressions of templates are their values, as far as variables decide these. */
export function withVariables(json: LocatedJson): LocatedJson {
  if (!/\bvariables\s*\(/i.test(json.file.text)) return json;
  const origins = new WeakMap<object, object>();
  const scope: Scope = {
    variables: new Map(),
    values: new Map(),
    isTemplate: false,
    depth: 0,
    origins,
  };
  return {
    file: json.file,
    values: json.values.map((value) => replaced(value, scope)),
    place: (object) => json.place(origins.get(object) ?? object),
  };
}

function replaced(value: Json, scope: Scope): Json {
  if (typeof value === 'string') return replacedText(value, scope);
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => replaced(one, scope));
  return typeof value === 'object' && value !== null ? replacedObject(value as JsonObject, scope) : value;
}

function replacedObject(object: JsonObject, outer: Scope): JsonObject {
  const scope = isTemplate(object) && !outer.isTemplate ? ownScope(object, outer) : outer;
  // Any name may stand in an export, `__proto__` too.
  const found: JsonObject = Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const isInner = name === 'template' && isInnerScope(object);
      // Variables are looked up when an expression asks for them.
      const isLeft = value === undefined || (name === 'variables' && isTemplate(object));
      return [name, isLeft ? value : replaced(value, isInner ? { ...scope, isTemplate: false } : scope)];
    }),
  );
  scope.origins.set(found, object);
  return found;
}

const isTemplate = ({ resources, variables }: JsonObject): boolean =>
  typeof resources === 'object' && typeof variables === 'object' && variables !== null;

/** What `copy` makes of variables is not looked at. */
function ownScope({ variables }: JsonObject, { origins, depth }: Scope): Scope {
  const own = Object.entries(variables as JsonObject).flatMap(([name, value]) =>
    value === undefined || name === 'copy' ? [] : [[name.toLowerCase(), value] as const],
  );
  return { variables: new Map(own), values: new Map(), isTemplate: true, depth, origins };
}

/**
 * Expressions in a deployment inside of a template mean the variables of the template around it, unless its scope is `inner`.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates)
 */
function isInnerScope({ expressionEvaluationOptions }: JsonObject): boolean {
  const { scope } = (expressionEvaluationOptions ?? {}) as JsonObject;
  return String(scope).toLowerCase() === 'inner';
}

/** The value of an expression; of one that has none the expression, with the variables in it that have. */
function replacedText(text: string, scope: Scope): Json {
  const expression = parseExpression(text);
  if (expression === undefined) return text;
  const value = evaluated(expression, scope);
  if (value !== undefined && !isExpression(value) && !(scope.depth > 0 && hasObjects(value))) return value;
  const spelled = spelledWith(expression, scope);
  return spelled === expression.text ? text : `[${spelled}]`;
}

/** A text in brackets would be taken for an expression. */
const isExpression = (value: Json): boolean => typeof value === 'string' && value.startsWith('[');

const hasObjects = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some((one) => typeof one === 'object')
    : typeof value === 'object' && value !== null;

function spelledWith(expression: Expression, scope: Scope): string {
  const value = evaluated(expression, scope);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  const call = expression.kind === 'unknown' ? expression.call : undefined;
  if (call === undefined) return expression.text;
  return `${call.name}(${call.args.map((one) => spelledWith(one, scope)).join(',')})`;
}

/** Undefined where only the template's deployment knows it, or it is made in a way that is not known here. */
function evaluated(expression: Expression, scope: Scope): Json | undefined {
  if (expression.kind === 'text') return expression.text;
  const { call, text } = expression;
  if (call === undefined) return /^-?\d+$/.test(text) ? Number(text) : undefined;
  const args = call.args.map((one) => evaluated(one, scope));
  if (args.includes(undefined)) return undefined;
  return FUNCTIONS.get(call.name)?.(args as Json[], scope);
}

type Evaluate = (args: readonly Json[], scope: Scope) => Json | undefined;

const FUNCTIONS: ReadonlyMap<string, Evaluate> = new Map<string, Evaluate>([
  ['variables', ([name], scope) => (typeof name === 'string' ? variable(name, scope) : undefined)],
  ['concat', concat],
  ['format', format],
  ['tolower', ([text]) => (typeof text === 'string' ? text.toLowerCase() : undefined)],
  ['toupper', ([text]) => (typeof text === 'string' ? text.toUpperCase() : undefined)],
  ['string', ([text]) => (typeof text === 'string' || typeof text === 'number' ? String(text) : undefined)],
  ['createarray', (args) => [...args]],
  ['true', () => true],
  ['false', () => false],
]);

function variable(name: string, scope: Scope): Json | undefined {
  const key = name.toLowerCase();
  if (scope.values.has(key)) return scope.values.get(key);
  scope.values.set(key, undefined);
  const written = scope.variables.get(key);
  const isKnown = written !== undefined && scope.depth < DEEPEST;
  const found = isKnown ? replaced(written, { ...scope, depth: scope.depth + 1 }) : undefined;
  // An expression without a value, or a text in brackets that would be taken for one.
  const value = found !== undefined && isExpression(found) ? undefined : found;
  scope.values.set(key, value);
  return value;
}

/** Of texts and numbers a text, of lists a list. */
function concat(args: readonly Json[]): Json | undefined {
  if (args.every((one) => Array.isArray(one))) {
    const list = (args as readonly (readonly Json[])[]).flat();
    return list.length > LONGEST ? undefined : list;
  }
  if (!args.every((one) => typeof one === 'string' || typeof one === 'number')) return undefined;
  const text = args.join('');
  return text.length > LONGEST ? undefined : text;
}

/** `{0}` alone; how numbers are to look is not known here. */
function format([layout, ...values]: readonly Json[]): string | undefined {
  if (typeof layout !== 'string' || layout.replace(/\{\d+\}/g, '').match(/[{}]/) !== null) return undefined;
  const pieces = layout.split(/\{(\d+)\}/);
  const parts = pieces.map((piece, i) => (i % 2 === 0 ? piece : values[Number(piece)]));
  const isText = (part: Json | undefined): boolean => typeof part === 'string' || typeof part === 'number';
  const text = parts.every(isText) ? parts.join('') : undefined;
  return text === undefined || text.length > LONGEST ? undefined : text;
}
