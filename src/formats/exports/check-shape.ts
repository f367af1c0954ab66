import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { spelledName } from './field-names.ts';
import type { Json, JsonObject, LocatedJson } from './located.ts';

/** A JSON Schema as far as the search for unknown fields reads it. */
export interface ExportSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, ExportSchema>>;
  readonly $comment?: string;
  readonly properties?: Readonly<Record<string, ExportSchema>>;
  readonly items?: ExportSchema;
  readonly [keyword: string]: unknown;
}

/** More problems than this in one file tell nobody anything new. */
const MOST = 10;

/** Names, addresses and descriptions that anybody could read are shorter, and so are expressions of templates; reports repeat them. */
const LONGEST = 32_768;
/** Where a command prints a whole list as one text. */
const LONGEST_LIST = 4_194_304;
/** Characters of a field's name that a report shows. */
const SHOWN = 200;

/** The schema with a limit for each text that it knows. */
function withLengths(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withLengths);
  if (typeof schema !== 'object' || schema === null) return schema;
  const own = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withLengths(value)]));
  const types = [own.type].flat();
  if (!types.includes('string')) return own;
  const list = types.includes('array') || types.includes('object');
  return { ...own, maxLength: list ? LONGEST_LIST : LONGEST };
}

/** Checks exports against one schema, which is compiled when the first is checked. */
export class ShapeChecker {
  private validate: ValidateFunction | undefined;

  /**
   * @param schema objects whose `$comment` begins with `closed` tell their unknown fields
   * @param options `anySpelling`: fields are known in any case, and with underscores
   */
  constructor(
    private readonly schema: ExportSchema,
    private readonly options: { readonly anySpelling?: boolean } = {},
  ) {}

  /** What the schema has against a value, each with the place of the innermost object around it. */
  problems(json: LocatedJson, value: Json): Diagnostic[] {
    // The schema itself is checked by the tests; every start would pay for checking it here.
    this.validate ??= new Ajv2020({
      meta: false,
      validateSchema: false,
      strict: false,
      verbose: true,
    }).compile(withLengths(this.schema) as ExportSchema);
    const known = this.options.anySpelling === true ? this.spelled(value, this.schema) : value;
    if (this.validate(known)) return [];
    return (this.validate.errors ?? []).slice(0, MOST).map((error) => problem(json, value, error));
  }

  /** The value with the fields' names as the schema spells them: else a field in another case would be checked by nothing. */
  private spelled(at: Json | undefined, schema: ExportSchema): Json | undefined {
    if (typeof at !== 'object' || at === null) return at;
    const { items, properties = {} } = this.resolve(schema);
    if (Array.isArray(at))
      return items === undefined ? at : at.map((item) => this.spelled(item, items) as Json);
    const entries = Object.entries(at as JsonObject).map(([key, value]) => {
      const name = this.nameOf(properties, key);
      return name === undefined ? [key, value] : [name, this.spelled(value, properties[name] ?? {})];
    });
    return Object.fromEntries(entries) as JsonObject;
  }

  /** Fields that the provider documents nowhere that postern knows of: each kind once, at its first place. */
  unknownFields(json: LocatedJson, value: Json): CoverageEntry[] {
    const found = new Map<string, CoverageEntry>();
    const visit = (at: Json | undefined, schema: ExportSchema, path: string): void => {
      if (typeof at !== 'object' || at === null) return;
      const node = this.resolve(schema);
      if (Array.isArray(at)) {
        if (node.items !== undefined) for (const item of at) visit(item, node.items, `${path}[]`);
        return;
      }
      const object = at as JsonObject;
      const { properties = {} } = node;
      const closed = node.$comment?.startsWith('closed') === true;
      for (const key of Object.keys(object)) {
        const name = this.nameOf(properties, key);
        const known = name === undefined ? undefined : properties[name];
        if (known !== undefined) visit(object[key], known, `${path}.${key}`);
        else if (closed && found.size < MOST && !found.has(`${path}.${key}`))
          found.set(`${path}.${key}`, unknown(json, object, key));
      }
    };
    visit(value, this.schema, '');
    return [...found.values()];
  }

  /** What the schema calls a field. */
  private nameOf(properties: Readonly<Record<string, ExportSchema>>, key: string): string | undefined {
    if (Object.hasOwn(properties, key)) return key;
    return this.options.anySpelling === true ? spelledName(properties, key) : undefined;
  }

  private resolve(schema: ExportSchema): ExportSchema {
    const name = schema.$ref?.replace('#/$defs/', '');
    return name === undefined ? schema : (this.schema.$defs?.[name] ?? schema);
  }
}

/** A checker for each of a provider's resources, by the names that the schema's `$defs` give them. */
export function checkersOf<T extends string>(
  schema: ExportSchema,
  resources: readonly T[],
): Readonly<Record<T, ShapeChecker>> {
  return Object.fromEntries(
    resources.map((name) => [name, new ShapeChecker({ ...schema, $ref: `#/$defs/${name}` })]),
  ) as Readonly<Record<T, ShapeChecker>>;
}

function unknown(json: LocatedJson, object: JsonObject, key: string): CoverageEntry {
  const name = key.length > SHOWN ? `${key.slice(0, SHOWN)} …` : key;
  return {
    span: { ...json.place(object), label: `field ${name}` },
    status: 'unrecognised',
    reason: `the field \`${name}\` is not known here; if it changes what passes, postern has not seen it`,
  };
}

function problem(json: LocatedJson, value: Json, error: ErrorObject): Diagnostic {
  const steps = error.instancePath.split('/').slice(1).map(plainStep);
  let innermost: object | undefined;
  let at: Json | undefined = value;
  for (const step of [...steps, '']) {
    if (typeof at !== 'object' || at === null) break;
    innermost = at;
    if (Array.isArray(at)) at = at[Number(step)];
    else at = (at as JsonObject)[Object.hasOwn(at, step) ? step : (spelledName(at, step) ?? step)];
  }
  const field = steps.filter((step) => !/^\d+$/.test(step)).join('.');
  return {
    severity: 'error',
    code: 'export-shape',
    message: `${field === '' ? 'the export' : `\`${field}\``} ${messageOf(error)}`,
    span: json.place(innermost ?? {}),
    expected: 'the export as the provider’s command line prints it',
  };
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'type') return `must be ${String(params.type).replaceAll(',', ' or ')}`;
  return message ?? 'is not what the provider prints';
}

const plainStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
