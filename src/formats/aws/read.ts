import { exportPart } from '../exports/part.ts';
import { refusedDocument, notAnExport, problemsOf } from '../exports/problems.ts';
import schema from '../../../grammars/aws/export.schema.json' with { type: 'json' };
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { type ExportSchema, ShapeChecker } from '../exports/check-shape.ts';
import { type Json, type JsonObject, type LocatedJson, readLocated } from '../exports/located.ts';
import type { ConfigPart } from '../reader.ts';
import { documentsOf } from './documents.ts';
import { isGroupsOfInstance, otherList } from './other-lists.ts';
import { type InventoryPlace, withoutRegions, type WithoutRegions } from './regions.ts';
import { type AwsContent, type Entry, type Instance, itemsOf, type Placed } from './content.ts';

const CHECKER = new ShapeChecker(schema as ExportSchema);

/** The lists that one of the documents must have, to be one. */
const KINDS = [
  'SecurityGroups',
  'SecurityGroupRules',
  'NetworkInterfaces',
  'PrefixLists',
  'Entries',
  'NetworkAcls',
  'Subnets',
  'Vpcs',
  'Reservations',
] as const;

/**
 * What PowerShell makes of the objects of .NET has other names: `Ipv4Ranges` beside `IpRanges` of texts, `RuleAction` with a `Value`.
 * Behind a certain depth it writes names of classes.
 * (https://docs.aws.amazon.com/sdkfornet/v3/apidocs/items/EC2/TIpPermission.html)
 */
const POWERSHELL = /"Ipv4Ranges"\s*:|"RuleAction"\s*:\s*\{|"Amazon\.EC2\.Model\./;
const OF_POWERSHELL =
  'AWS Tools for PowerShell print other fields: export with `aws ec2 describe-… --output json`';

/** Reads one export: a page, pages one after the other or in an array, a document a line, or the lists' items alone. */
export function readExport(source: SourceFile): Result<ConfigPart> {
  const located = readLocated(source);
  if (!located.ok) return located;
  const inventory = withoutRegions(located.value, isExport);
  const { json, pages } = inventory;
  const documents = documentsOf(json.values);
  const errors: Diagnostic[] = [];
  const coverage: CoverageEntry[] = [...inventory.coverage];
  const read: JsonObject[] = [];
  const isOfPowerShell = POWERSHELL.test(source.text);
  for (const document of documents) {
    const isOther = isObject(document) && (!isExport(document) || isGroupsOfInstance(document));
    const other = isOther ? otherList(json, document) : undefined;
    if (other !== undefined) {
      coverage.push(other);
      continue;
    }
    const wrong = wrongDocument(json, document);
    if (wrong !== undefined) errors.push(wrong);
    else
      errors.push(
        ...CHECKER.problems(json, document).map((one) =>
          isOfPowerShell ? { ...one, help: OF_POWERSHELL } : one,
        ),
      );
    if (errors.length > 0) continue;
    coverage.push(...CHECKER.unknownFields(json, document));
    read.push(document as JsonObject);
  }
  // A query prints an empty list where there is nothing.
  if (documents.length === 0 && json.values.length === 0) errors.push(otherDocument(json, {}));
  if (errors.length > 0) return problemsOf(errors);
  return success(
    exportPart(json, coverage, {
      provider: 'aws',
      content: contentOf(json, read, inventory),
      pages,
    }),
  );
}

const isObject = (document: Json): document is JsonObject =>
  typeof document === 'object' && document !== null && !Array.isArray(document);

const isExport = (document: JsonObject): boolean => KINDS.some((kind) => document[kind] !== undefined);

/** An error that the command printed in place of an export, or a document of something else. */
function wrongDocument(json: LocatedJson, document: Json): Diagnostic | undefined {
  if (!isObject(document)) return otherDocument(json, {});
  if (isExport(document)) return document.Return === undefined ? undefined : answerOfChange(json, document);
  const object = document;
  const error = object.Error ?? object.Errors ?? object.__type;
  if (error === undefined) return otherDocument(json, object);
  const { Code = error, Message = '' } = typeof error === 'object' ? (error as JsonObject) : {};
  return refusedDocument(json, object, {
    provider: 'AWS',
    code: Code,
    message: Message,
    whole: 'account',
    help: 'export again with a role that may call `ec2:Describe*`',
  });
}

/**
 * `authorize-security-group-ingress` prints the rules that it made, and not those that the group had before.
 * (https://docs.aws.amazon.com/cli/latest/reference/ec2/authorize-security-group-ingress.html)
 */
function answerOfChange(json: LocatedJson, object: JsonObject): Diagnostic {
  const message =
    'this is the answer to a change (`authorize-…`, `revoke-…`), which has some rules of a group only';
  return notAnExport(json, object, message, 'the output of `aws ec2 describe-security-group-rules`');
}

function otherDocument(json: LocatedJson, object: object): Diagnostic {
  const message = 'this document has none of the lists of an AWS export';
  return notAnExport(json, object, message, `one of ${KINDS.join(', ')}`);
}

/** `get-managed-prefix-list-entries` does not say whose entries it prints; people name the file after the list. */
const LIST_IN_NAME = /\bpl-[0-9a-f]{8,17}\b/;

function contentOf(
  json: LocatedJson,
  documents: readonly JsonObject[],
  { placeOf, empty }: WithoutRegions,
): AwsContent {
  const all = <T>(kind: (typeof KINDS)[number]): Placed<T>[] =>
    documents.flatMap((document) =>
      itemsOf<T>(json, document[kind], (item) => (placeOf(document) ?? placeOf(item))?.region),
    );
  const reservations = all<{ readonly Instances?: readonly Instance[] | null }>('Reservations');
  const named = LIST_IN_NAME.exec(json.file.path)?.[0];
  const entries = documents.flatMap((document) => {
    if (!Array.isArray(document.Entries)) return [];
    const list = typeof document.PrefixListId === 'string' ? document.PrefixListId : named;
    const followed = typeof document.NextToken === 'string' && document.NextToken !== '';
    return [{ json, value: { list, entries: document.Entries as readonly Entry[], followed } }];
  });
  const has = (kind: (typeof KINDS)[number]): boolean =>
    documents.some((document) => document[kind] !== undefined);
  return {
    groups: all('SecurityGroups'),
    rules: all('SecurityGroupRules'),
    interfaces: all('NetworkInterfaces'),
    prefixLists: all('PrefixLists'),
    entries,
    acls: all('NetworkAcls'),
    subnets: all('Subnets'),
    vpcs: all('Vpcs'),
    instances: reservations.flatMap(({ value, region }) =>
      (value.Instances ?? []).map((instance) => ({
        value: instance,
        json,
        region: region ?? placeOf(instance)?.region,
      })),
    ),
    hasInterfaces: has('NetworkInterfaces') || has('Reservations'),
    hasAllInterfaces: has('NetworkInterfaces'),
    hasAcls: has('NetworkAcls'),
    interfacePlaces: [
      ...(has('NetworkInterfaces') ? empty : []),
      ...documents.flatMap((document) => interfacePlace(document, placeOf)),
    ],
  };
}

/** Items without their list are not asked: they say themselves where they are. */
function interfacePlace(
  document: JsonObject,
  placeOf: WithoutRegions['placeOf'],
): readonly (InventoryPlace | undefined)[] {
  const list = document.NetworkInterfaces ?? document.Reservations;
  if (!Array.isArray(list)) return [];
  const place = placeOf(document);
  return place?.region === undefined && list.length > 0 ? [] : [place];
}
