import { type Expression, parseExpression } from '../../../grammars/azure/expression.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import { FUNCTIONS, memberOf } from './template-functions.ts';
import { type ListLoop, loopsOf, resourceLoop, turnOf, type Turns } from './template-loops.ts';

/*
 * Variables of templates are what the template itself says, unlike its parameters, which a deployment may give another value than the
 * default. (https://learn.microsoft.com/azure/azure-resource-manager/templates/variables)
 */

/** The variables that expressions at one place mean. */
interface Scope {
  /** By name in lower case: letters' case means nothing in expressions. */
  readonly variables: ReadonlyMap<string, Json>;
  /** Variables that loops make. */
  readonly loops: ReadonlyMap<string, ListLoop>;
  readonly turns: Turns;
  /** How many things loops have made of the whole file. */
  readonly made: { count: number };
  /** Values that are known already; one that is being looked for has none, so that a circle ends. */
  readonly values: Map<string, Json | undefined>;
  readonly isTemplate: boolean;
  /** In how many variables' values the place is: lists and objects are not put into these again and again. */
  readonly depth: number;
  /** Of which object of the file a changed one is. */
  readonly origins: WeakMap<object, object>;
}

/** "The count can't exceed 800"; all loops of a file together. */
const MOST = 10_000;
const NO_TURNS: Turns = new Map();
/** More variables that name each other in a row than any template has. */
const DEEPEST = 50;

/** An export in which expressions of templates are their values, as far as variables decide these. */
export function withVariables(json: LocatedJson): LocatedJson {
  if (!/"\s*\[\s*[a-z]/i.test(json.file.text)) return json;
  const origins = new WeakMap<object, object>();
  const scope: Scope = {
    variables: new Map(),
    loops: new Map(),
    turns: NO_TURNS,
    made: { count: 0 },
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
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((one) => inTurns(one, scope));
  return typeof value === 'object' && value !== null ? replacedObject(value as JsonObject, scope) : value;
}

function replacedObject(object: JsonObject, outer: Scope): JsonObject {
  const scope = isTemplate(object) && !outer.isTemplate ? ownScope(object, outer) : outer;
  const entries = Object.entries(object).flatMap(([name, value]): [string, Json | undefined][] => {
    const isInner = name === 'template' && isInnerScope(object);
    // Variables are looked up when an expression asks for them.
    const isLeft = value === undefined || (name === 'variables' && isTemplate(object));
    if (isLeft) return [[name, value]];
    const inside = isInner ? { ...scope, isTemplate: false } : scope;
    return inTurns(value, inside).map((one, i) => [i === 0 ? name : `${name} ${i}`, one]);
  });
  // Any name may stand in an export, `__proto__` too.
  const found: JsonObject = withLists(Object.fromEntries(entries), object, scope);
  scope.origins.set(found, object);
  return found;
}

/** The object with the lists that loops of it make; a loop of which nobody knows how often it turns stays. */
function withLists(found: JsonObject, { copy }: JsonObject, scope: Scope): JsonObject {
  const lists = loopsOf({ copy }).map((loop) => [loop.name, listOf(loop, scope)] as const);
  if (lists.length === 0 || lists.some(([, list]) => list === undefined)) return found;
  const { copy: _, ...rest } = found;
  return { ...rest, ...Object.fromEntries(lists) };
}

function listOf({ name, count, input }: ListLoop, scope: Scope): readonly Json[] | undefined {
  return scopesOf(name.toLowerCase(), count, scope)?.map((turn) => replaced(input, turn));
}

/** Each that a loop makes of a resource; of what is none, and where nobody knows how many it makes, the one that there is. */
function inTurns(value: Json, scope: Scope): readonly Json[] {
  const loop = resourceLoop(value);
  const turns = loop === undefined ? undefined : scopesOf(loop.name.toLowerCase(), loop.count, scope);
  return (
    turns?.map((turn, i) => {
      const { copy: _, ...made } = replacedObject(value as JsonObject, {
        ...turn,
        turns: new Map([...turn.turns, ['', i]]),
      });
      scope.origins.set(made, value as JsonObject);
      return made;
    }) ?? [replaced(value, scope)]
  );
}

function scopesOf(name: string, count: Json, scope: Scope): Scope[] | undefined {
  const expression = typeof count === 'string' ? parseExpression(count) : undefined;
  const number = expression === undefined ? count : evaluated(expression, scope);
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) return undefined;
  if (scope.made.count + number > MOST) return undefined;
  scope.made.count += number;
  return Array.from({ length: number }, (_, i) => ({
    ...scope,
    turns: new Map([...scope.turns, [name, i]]),
  }));
}

const isTemplate = ({ resources, variables, parameters, $schema }: JsonObject): boolean =>
  typeof resources === 'object' &&
  [variables, parameters, $schema].some((one) => one !== undefined && one !== null);

function ownScope({ variables }: JsonObject, outer: Scope): Scope {
  const written = typeof variables === 'object' && variables !== null ? (variables as JsonObject) : {};
  const own = Object.entries(written).flatMap(([name, value]) =>
    value === undefined || name === 'copy' ? [] : [[name.toLowerCase(), value] as const],
  );
  const loops = new Map(loopsOf(written).map((loop) => [loop.name.toLowerCase(), loop]));
  return { ...outer, variables: new Map(own), loops, values: new Map(), isTemplate: true };
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
  if (typeof value === 'number') return String(value);
  const call = expression.kind === 'unknown' ? expression.call : undefined;
  if (call === undefined) return expression.text;
  return `${call.name}(${call.args.map((one) => spelledWith(one, scope)).join(',')})`;
}

/** Undefined where only the template's deployment knows it, or it is made in a way that is not known here. */
function evaluated(expression: Expression, scope: Scope): Json | undefined {
  if (expression.kind === 'text') return expression.text;
  const { call, member, text } = expression;
  if (member !== undefined) return evaluatedMember(member, scope);
  if (call === undefined) return /^-?\d+$/.test(text) ? Number(text) : undefined;
  if (call.name === 'if') return evaluatedIf(call.args, scope);
  const args = call.args.map((one) => evaluated(one, scope));
  if (args.includes(undefined)) return undefined;
  const known = args as Json[];
  if (call.name === 'variables') return typeof known[0] === 'string' ? variable(known[0], scope) : undefined;
  return call.name === 'copyindex' ? turnOf(scope.turns, known) : FUNCTIONS.get(call.name)?.(known);
}

function evaluatedMember(
  { of, key }: { readonly of: Expression; readonly key: Expression },
  scope: Scope,
): Json | undefined {
  const [value, name] = [evaluated(of, scope), evaluated(key, scope)];
  const found = value === undefined || name === undefined ? undefined : memberOf(value, name);
  return found !== undefined && isExpression(found) ? undefined : found;
}

/** What is not chosen need not be known. */
function evaluatedIf([condition, chosen, other]: readonly Expression[], scope: Scope): Json | undefined {
  const isTrue = condition === undefined ? undefined : evaluated(condition, scope);
  if (typeof isTrue !== 'boolean') return undefined;
  const one = isTrue ? chosen : other;
  return one === undefined ? undefined : evaluated(one, scope);
}

function variable(name: string, scope: Scope): Json | undefined {
  const key = name.toLowerCase();
  if (scope.values.has(key)) return scope.values.get(key);
  scope.values.set(key, undefined);
  const inside = { ...scope, turns: NO_TURNS, depth: scope.depth + 1 };
  const loop = scope.loops.get(key);
  const written = scope.variables.get(key);
  const isKnown = scope.depth < DEEPEST;
  const made = isKnown && loop !== undefined ? listOf(loop, inside) : undefined;
  const found = made ?? (isKnown && written !== undefined ? replaced(written, inside) : undefined);
  // An expression without a value, or a text in brackets that would be taken for one.
  const value = found !== undefined && isExpression(found) ? undefined : found;
  scope.values.set(key, value);
  return value;
}
