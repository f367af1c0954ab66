import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';

/** An error that the command or the API printed in the place of an export. */
export function refused(json: LocatedJson, object: JsonObject, refusal: Json): Diagnostic {
  const error = typeof refusal === 'object' && refusal !== null ? (refusal as JsonObject) : {};
  const { type = error.code ?? 'error', message = '' } = error;
  return {
    severity: 'error',
    code: 'export-refused',
    message: `OpenStack refused the export: ${JSON.stringify(type)} ${JSON.stringify(message)}`,
    span: json.place(object),
    expected: 'what the command prints when it may read the project',
  };
}

/** Rules that new groups get. */
export function template(json: LocatedJson, object: JsonObject): Diagnostic {
  return {
    severity: 'error',
    code: 'not-an-export',
    message: 'this is a template of default rules: it says what new groups get, and is no rule of a group',
    span: json.place(object),
    expected: 'the output of `openstack security group rule list --long -f json`',
  };
}

/** A document of something else. */
export function notAnExport(json: LocatedJson, object: object): Diagnostic {
  return {
    severity: 'error',
    code: 'not-an-export',
    message: 'this document has no security group, rule, port or address group of OpenStack',
    span: json.place(object),
    expected:
      'the output of `openstack security group rule list --long -f json`, `… security group show`, `… port list --long` or `… address group list`',
  };
}
