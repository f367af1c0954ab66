import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import blobSchema from '../../../schemas/blob.schema.json' with { type: 'json' };
import reportSchema from '../../../schemas/report.schema.json' with { type: 'json' };

/** The kinds of lines that a blob has. */
export type LineKind = 'head' | 'host' | 'end';

const validators = new Map<LineKind, ValidateFunction>();

/** What the schema has against a line of the kind, in a few words; undefined where it is right. */
export function lineProblem(kind: LineKind, value: unknown): string | undefined {
  const validate = validatorOf(kind);
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  const place = error?.instancePath === '' ? 'it' : `\`${error?.instancePath.slice(0, 200)}\``;
  return `${place} ${error?.message ?? 'is not what it should be'}`;
}

function validatorOf(kind: LineKind): ValidateFunction {
  let found = validators.get(kind);
  if (found === undefined) {
    const ajv = new Ajv2020({ strict: false, meta: false, validateSchema: false });
    ajv.addSchema(reportSchema).addSchema(blobSchema);
    found = ajv.compile({ $ref: `${blobSchema.$id}#/definitions/${kind}` });
    validators.set(kind, found);
  }
  return found;
}
