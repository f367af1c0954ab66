import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import { notAnExport, refusedDocument } from '../exports/problems.ts';

/** An error that the command or the API printed in the place of an export. */
export function refused(json: LocatedJson, object: JsonObject, refusal: Json): Diagnostic {
  const error = typeof refusal === 'object' && refusal !== null ? (refusal as JsonObject) : {};
  const { type = error.code ?? 'error', message = '' } = error;
  return refusedDocument(json, object, { provider: 'OpenStack', code: type, message, whole: 'project' });
}

/** Rules that new groups get. */
export function template(json: LocatedJson, object: JsonObject): Diagnostic {
  return notAnExport(
    json,
    object,
    'this is a template of default rules: it says what new groups get, and is no rule of a group',
    'the output of `openstack security group rule list --long -f json`',
  );
}

/** A document of something else. */
export function otherDocument(json: LocatedJson, object: object): Diagnostic {
  return notAnExport(
    json,
    object,
    'this document has no security group, rule, port or address group of OpenStack',
    'the output of `openstack security group rule list --long -f json`, `… security group show`, `… port list --long` or `… address group list`',
  );
}

/** A port of which only a list without `--long` was given: what filters it nobody knows. */
export function portWithoutGroups(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'port-without-groups',
    message: 'the port does not say which security groups it has, and no other export does',
    span,
    expected: '`Security Groups`',
    help: 'list the ports with `openstack port list --long -f json`, or show this one with `openstack port show -f json`',
  };
}
