import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
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

/** Checks exports against one schema, which is compiled when the first is checked. */
export class ShapeChecker {
  private validate: ValidateFunction | undefined;

  /**
   * @param schema objects whose `$comment` begins with `closed` tell their unknown fields
   * @param options `anyCase`: fields are known in any case
   */
  constructor(
    private readonly schema: ExportSchema,
    private readonly options: { readonly anyCase?: boolean } = {},
  ) {}

  /** What the schema has against a value, each with the place of the innermost object around it. */
  problems(json: LocatedJson, value: Json): Diagnostic[] {
    // The schema itself is checked by the tests; every start would pay for checking it here.
    this.validate ??= new Ajv2020({
      meta: false,
      validateSchema: false,
      strict: false,
      verbose: true,
    }).compile(this.schema);
    if (this.validate(value)) return [];
    return (this.validate.errors ?? []).slice(0, MOST).map((error) => problem(json, value, error));
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
        const known = this.known(properties, key);
        if (known !== undefined) visit(object[key], known, `${path}.${key}`);
        else if (closed && found.size < MOST && !found.has(`${path}.${key}`))
          found.set(`${path}.${key}`, unknown(json, object, key));
      }
    };
    visit(value, this.schema, '');
    return [...found.values()];
  }

  private known(properties: NonNullable<ExportSchema['properties']>, key: string): ExportSchema | undefined {
    if (Object.hasOwn(properties, key)) return properties[key];
    if (this.options.anyCase !== true) return undefined;
    return Object.entries(properties).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
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
  return {
    span: { ...json.place(object), label: `field ${key}` },
    status: 'unrecognised',
    reason: `the field \`${key}\` is not known here; if it changes what passes, postern has not seen it`,
  };
}

function problem(json: LocatedJson, value: Json, error: ErrorObject): Diagnostic {
  const steps = error.instancePath.split('/').slice(1).map(plainStep);
  let innermost: object | undefined;
  let at: Json | undefined = value;
  for (const step of [...steps, '']) {
    if (typeof at !== 'object' || at === null) break;
    innermost = at;
    at = Array.isArray(at) ? at[Number(step)] : (at as JsonObject)[step];
  }
  const field = steps.filter((step) => !/^\d+$/.test(step)).join('.');
  return {
    severity: 'error',
    code: 'export-shape',
    message: `${field === '' ? 'the export' : `\`${field}\``} ${error.message ?? 'is not what the provider prints'}`,
    span: json.place(innermost ?? {}),
    expected: 'the export as the provider’s command line prints it',
  };
}

const plainStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
