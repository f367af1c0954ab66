import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import baselineSchema from '../../schemas/baseline.schema.json' with { type: 'json' };
import configSchema from '../../schemas/config.schema.json' with { type: 'json' };
import deploymentSchema from '../../schemas/deployment.schema.json' with { type: 'json' };
import waiversSchema from '../../schemas/waivers.schema.json' with { type: 'json' };
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import { clip, complaint, show } from './complaint.ts';
import { at, type Located } from './located.ts';
import { oneOf, suggestion } from './suggest.ts';

const SCHEMAS = {
  baseline: baselineSchema,
  deployment: deploymentSchema,
  waivers: waiversSchema,
  config: configSchema,
};
/** The YAML shapes that postern reads. */
export type SchemaName = keyof typeof SCHEMAS;

/** In larger texts only the first mistake is told, so that a text of a million mistakes costs no memory. */
const MAXIMUM_VALUES_FOR_ALL_ERRORS = 20_000;
const MAXIMUM_ERRORS = 20;

const validators = new Map<string, ValidateFunction>();

function validator(name: SchemaName, allErrors: boolean): ValidateFunction {
  const key = `${name} ${allErrors}`;
  let found = validators.get(key);
  if (found === undefined) {
    // The schemas themselves are checked by the tests. Without that, and with each definition as a function of its
    // own, compiling takes half the time, which every run pays.
    found = new Ajv2020({
      allErrors,
      verbose: true,
      strict: true,
      meta: false,
      validateSchema: false,
      inlineRefs: false,
      code: { optimize: false },
    }).compile(SCHEMAS[name]);
    validators.set(key, found);
  }
  return found;
}

/** What the schema has against the value, each at its place; empty where it is valid. */
export function checkSchema(name: SchemaName, root: Located): Diagnostic[] {
  const validate = validator(name, root.size <= MAXIMUM_VALUES_FOR_ALL_ERRORS);
  if (validate(root.value)) return [];
  const other = otherShape(name, root);
  if (other !== undefined) return [other];
  const errors = withoutOtherBranches(validate.errors ?? []);
  return errors.slice(0, MAXIMUM_ERRORS).map((error) => describe(root, error));
}

/** What the shapes are called, the key that only one of them has as a list (of maps), and where it is taken. */
const KINDS: readonly (readonly [name: SchemaName, what: string, key: string, taken: string])[] = [
  ['deployment', 'deployment', 'hosts', '`postern check` takes it with `--deployment`'],
  ['baseline', 'baseline', 'rows', '`postern check` takes it with `--baseline`'],
  ['waivers', 'file of waivers', 'waivers', '`postern check` takes it with `--waivers`'],
];

/** One of postern's files in the place of another: that is told, and not each key that the other has not. */
function otherShape(wanted: SchemaName, root: Located): Diagnostic | undefined {
  const isOf = (key: string): boolean => root.entries?.get(key)?.items?.[0]?.entries !== undefined;
  const empty = (key: string): boolean => root.entries?.get(key)?.items?.length === 0;
  const [found, more] = KINDS.filter(([, , key]) => isOf(key) || empty(key));
  if (found === undefined || more !== undefined || found[0] === wanted) return undefined;
  const what = KINDS.find(([kind]) => kind === wanted)?.[1] ?? 'config file';
  return complaint({
    code: 'own-document',
    message: `This is a ${found[1]}, and no ${what}.`,
    span: firstCharacter(root.span),
    help: found[3],
  });
}

/**
 * Where a value may have several types (`anyOf`), ajv tells every branch's complaint and then its own. Only those of
 * the branch that the value is of are worth telling: another type's complaint is dropped, and `anyOf`'s own is kept
 * only where no branch got further than the type.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (error.keyword === 'propertyNames') {
      // Before it stand the complaints about the name as a value; this one knows that it is a name.
      while (isAboutName(kept.at(-1), error)) kept.pop();
    }
    if (error.keyword !== 'anyOf') {
      kept.push(error);
      continue;
    }
    const here = error.instancePath;
    let first = kept.length;
    while (first > 0 && isAtOrBelow(here, kept[first - 1]?.instancePath)) first--;
    const inside = kept.splice(first);
    const further = inside.filter(
      (e) => e.instancePath !== here || !['type', 'const', 'enum'].includes(e.keyword),
    );
    // A pattern of one branch says less than the whole choice does.
    if (further.length === 0 || further.every((e) => e.keyword === 'pattern')) kept.push(error);
    else kept.push(...further);
  }
  return kept;
}

function isAboutName(one: ErrorObject | undefined, names: ErrorObject): boolean {
  return one?.instancePath === names.instancePath && one.data === names.params.propertyName;
}

function isAtOrBelow(path: string, other: string | undefined): boolean {
  return other === path || other?.startsWith(`${path}/`) === true;
}

function describe(root: Located, error: ErrorObject): Diagnostic {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const place = at(root, path);
  if (error.keyword === 'additionalProperties') return unknownKey(error, place, path);
  if (error.keyword === 'required') return missingKey(error, place, path);
  if (error.keyword === 'propertyNames') return badKey(place, String(error.params.propertyName));
  if (error.keyword === 'minProperties' || error.keyword === 'minItems') return tooFew(error, place, path);
  if (error.keyword === 'uniqueItems') return twice(error, place, path);
  return wrongValue(error, place, path);
}

function schemaOf(error: ErrorObject): { description?: string; properties?: Record<string, unknown> } {
  return (error.parentSchema ?? {}) as { description?: string; properties?: Record<string, unknown> };
}

function unknownKey(error: ErrorObject, place: Located, path: readonly string[]): Diagnostic {
  const key = String(error.params.additionalProperty);
  const known = Object.keys(schemaOf(error).properties ?? {});
  return complaint({
    code: 'unknown-key',
    message: `\`${clip(key)}\` is not a key of ${name(path)}.`,
    span: place.entries?.get(key)?.keySpan ?? place.span,
    expected: oneOf(known),
    help: suggestion(key, known),
  });
}

function missingKey(error: ErrorObject, place: Located, path: readonly string[]): Diagnostic {
  const key = String(error.params.missingProperty);
  return complaint({
    code: 'missing-key',
    message: `${capital(name(path))} has no \`${key}\`.`,
    span: place.keySpan ?? firstCharacter(place.span),
    expected: path.length === 0 ? undefined : schemaOf(error).description,
    help: `Add \`${key}:\`.`,
  });
}

function badKey(place: Located, key: string): Diagnostic {
  return complaint({
    code: 'invalid-name',
    message: `\`${clip(key)}\` cannot be a name here.`,
    span: place.entries?.get(key)?.keySpan ?? place.span,
    expected: 'a name in kebab-case: lower-case letters, digits and single hyphens',
  });
}

function tooFew(error: ErrorObject, place: Located, path: readonly string[]): Diagnostic {
  return complaint({
    code: 'invalid-value',
    message: `${capital(name(path))} ${error.params.limit === 1 ? 'is empty' : 'has too few entries'}.`,
    span: place.span,
    expected: schemaOf(error).description ?? `at least ${error.params.limit}`,
  });
}

function twice(error: ErrorObject, place: Located, path: readonly string[]): Diagnostic {
  const item = place.items?.[Math.max(Number(error.params.i), Number(error.params.j))] ?? place;
  return complaint({
    code: 'duplicate-item',
    message: `${show(item.value)} stands twice in ${name(path)}.`,
    span: item.span,
    help: 'Keep one of the two.',
  });
}

function wrongValue(error: ErrorObject, place: Located, path: readonly string[]): Diagnostic {
  return complaint({
    code: 'invalid-value',
    message: `${asWritten(place)} is not what ${name(path)} can be.`,
    span: place.span.start === place.span.end ? (place.keySpan ?? place.span) : place.span,
    expected: schemaOf(error).description ?? wanted(error),
    help: otherwise(place, path, schemaOf(error).description ?? ''),
  });
}

/** What a part of a schema wants that describes itself by numbers alone. */
function wanted({ keyword, params, message }: ErrorObject): string | undefined {
  if (keyword === 'minimum') return `a number of ${params.limit} or more`;
  return keyword === 'maximum' ? `a number of ${params.limit} or less` : message;
}

/** How a value is written that is right but for its shape: one thing in place of a list, or a list in place of one. */
function otherwise({ value, items }: Located, path: readonly string[], expected: string): string | undefined {
  if (items !== undefined && ['source', 'destination'].includes(path.at(-1) ?? ''))
    return 'A connection has one party at each end: write one for each, as rows or under `connections`.';
  const isOne = (typeof value === 'string' && value !== '') || typeof value === 'number';
  return isOne && expected.startsWith('a list of')
    ? `Write it as a list: \`[${clip(String(value))}]\`.`
    : undefined;
}

/** A place in words: `rows[3].ports[0]`. */
function name(path: readonly string[]): string {
  if (path.length === 0) return 'this file';
  const steps = path.map((step, i) => (/^[0-9]+$/.test(step) ? `[${step}]` : i === 0 ? step : `.${step}`));
  return `\`${clip(steps.join(''))}\``;
}

/** Numbers as the text has them: `007` is not `7` for whoever looks for it, nor is `"7"`. */
function asWritten({ value, span }: Located): string {
  const isLike = typeof value === 'string' && /^(?:-?[\d.]+|true|false)$/.test(value);
  return typeof value === 'number' || isLike
    ? `\`${clip(span.file.text.slice(span.start, span.end))}\``
    : show(value);
}

function capital(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}

function firstCharacter(span: Span): Span {
  return { ...span, end: Math.min(span.start + 1, span.end) };
}
