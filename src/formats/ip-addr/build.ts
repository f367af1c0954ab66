import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import schema from '../../../schemas/ip-addr.schema.json' with { type: 'json' };
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { jsonSpan, parseJson } from '../../text/json.ts';
import type { SourceFile } from '../../text/source.ts';
import type { Link } from './ast.ts';

let validator: ValidateFunction<Link[]> | undefined;

/** The links of an `ip -j addr` listing, or the first place where it is none. */
export function readLinks(file: SourceFile): Result<readonly Link[]> {
  const json = parseJson(file);
  if (!json.ok) return json;
  // The schema itself is checked by the tests. Its conditional parts repeat no types and define no properties.
  const options = {
    strict: true,
    strictTypes: false,
    strictRequired: false,
    meta: false,
    validateSchema: false,
  };
  validator ??= new Ajv2020(options).compile<Link[]>(schema);
  if (validator(json.value)) return success(json.value);
  const error = validator.errors?.[0] as ErrorObject;
  return failure(shapeError(file, error));
}

function shapeError(file: SourceFile, error: ErrorObject): Diagnostic {
  return {
    severity: 'error',
    code: 'ip-addr-shape',
    message: `this is no output of \`ip -j addr\`: ${error.message ?? 'wrong shape'}`,
    span: jsonSpan(file, error.instancePath),
    expected: 'a list of links with `ifname`, `flags` and `addr_info`',
    help: 'capture it with `ip -j addr`',
  };
}
