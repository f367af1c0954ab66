import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';
import { readAddresses, textsOf } from './addresses.ts';
import type { Baseline, Closed, Cluster, Feature, Parameter, Role, Table } from './baseline.ts';
import { sha256 } from './digest.ts';
import type { Located } from './located.ts';
import { readBaselineReference } from './paths.ts';
import { type Complaints, readPortValue } from './ports.ts';
import type { Names } from './read-connection.ts';
import { checkDocumentDigest, readRows } from './read-rows.ts';
import { complaint } from './complaint.ts';
import { checkSchema } from './schema.ts';
import { oneOf, suggestion } from './suggest.ts';
import { readYaml } from './yaml.ts';

const MAXIMUM_COMPLAINTS = 20;
/** Words that stand for parties or hosts and so cannot be roles. */
const FOLDER = 'the baseline';
const RESERVED = ['any', 'internet', 'none', 'self', 'unbound'];

/**
 * A baseline from its YAML text. Errors have line and column; warnings tell rows that still wait for a decision
 * (`review:`).
 *
 * @param shaped the text is known to fit the schema, which is then not compiled
 */
export function loadBaseline(source: SourceFile, shaped = false): Result<Baseline> {
  const yaml = readYaml(source);
  if (!yaml.ok) return yaml;
  const root = yaml.value;
  const violations = shaped ? [] : checkSchema('baseline', root);
  return violations.length > 0 ? failure(...violations) : baselineOf(root, source);
}

/** A baseline from the values of its text, which are known to fit the schema. */
export function baselineOf(root: Located, source: SourceFile): Result<Baseline> {
  const complaints: Complaints = [];
  const baseline = readBaseline(root, source, complaints);
  if (complaints.length > 0) return failure(...complaints.slice(0, MAXIMUM_COMPLAINTS));
  return success(baseline, reviewWarnings(baseline));
}

/** The complaints about a baseline's text: errors, or the warnings of a valid one. */
export function validateBaseline(source: SourceFile): readonly Diagnostic[] {
  const result = loadBaseline(source);
  return result.ok ? result.warnings : result.errors;
}

function readBaseline(root: Located, source: SourceFile, complaints: Complaints): Baseline {
  const text = (key: string): string | undefined => root.entries?.get(key)?.value as string | undefined;
  const names: Names = {
    roles: mapOf(root, 'roles', (value) => readRole(value, complaints)),
    parameters: mapOf(root, 'parameters', (value) => readParameter(value, complaints)),
    features: mapOf(root, 'features', readFeature),
    clusters: mapOf(root, 'clusters', (value) => value.value as Cluster),
  };
  const tables = mapOf(root, 'tables', (value) => value.value as Table);
  checkReserved(root, complaints);
  checkFeatures(root, names, complaints);
  checkClusters(root, names, complaints);
  const rows = readRows(root.entries?.get('rows') as Located, names, tables, complaints);
  checkDocumentDigest(root, rows, complaints);
  const lines = root.entries?.get('lines')?.value as readonly string[] | undefined;
  const product = text('product');
  const description = text('description');
  return {
    id: text('id') ?? '',
    title: text('title') ?? '',
    ...(product === undefined ? {} : { product }),
    ...(description === undefined ? {} : { description }),
    extends: textsOf(root.entries?.get('extends')).flatMap((one) =>
      readBaselineReference(one, complaints, FOLDER),
    ),
    includes: [],
    document: { ...(root.entries?.get('document')?.value as Record<string, string>) },
    closed: root.entries?.get('closed')?.value as Closed,
    ...names,
    tables,
    rows,
    review: (root.entries?.get('review')?.items ?? []).map(({ value, span }) => ({
      text: String(value),
      span,
    })),
    ...(lines === undefined ? {} : { lines }),
    source,
    sha256: sha256(source.text),
  };
}

function mapOf<T>(root: Located, key: string, read: (value: Located) => T): Map<string, T> {
  return new Map([...(root.entries?.get(key)?.entries ?? [])].map(([id, value]) => [id, read(value)]));
}

function readRole(value: Located, complaints: Complaints): Role {
  const texts = (key: string): string[] => textsOf(value.entries?.get(key)).map((text) => String(text.value));
  const addresses = (key: 'addresses' | 'within'): Partial<Pick<Role, 'addresses' | 'within'>> => {
    const written = value.entries?.get(key);
    return written === undefined ? {} : { [key]: readAddresses(textsOf(written), complaints) };
  };
  const description = value.entries?.get('description')?.value as string | undefined;
  return {
    title: String(value.entries?.get('title')?.value),
    names: texts('names'),
    ...(description === undefined ? {} : { description }),
    dns: texts('dns'),
    ...addresses('addresses'),
    ...addresses('within'),
    everyHost: value.entries?.get('everyHost')?.value === true,
    closed: (value.entries?.get('closed')?.value ?? {}) as Partial<Closed>,
  };
}

function readParameter(value: Located, complaints: Complaints): Parameter {
  const type = (value.entries?.get('type')?.value ?? 'ports') as Parameter['type'];
  const given = value.entries?.get('default');
  const ports = given && readPortValue(given, complaints);
  if (given !== undefined && ports !== undefined) complaints.push(...parameterTypeErrors(type, given, ports));
  return {
    title: String(value.entries?.get('title')?.value),
    type,
    ...(ports === undefined ? {} : { default: ports }),
  };
}

/** Whether a value fits the parameter's type: one port, one range, or any set of ports. */
export function parameterTypeErrors(
  type: Parameter['type'],
  value: Located,
  ports: readonly number[],
): readonly Diagnostic[] {
  const fits = type === 'ports' || (ports.length === 2 && (type === 'range' || ports[0] === ports[1]));
  if (fits) return [];
  return [
    complaint({
      code: 'parameter-type',
      message:
        type === 'port' ? 'The parameter is a single port.' : 'The parameter is a single range of ports.',
      span: value.span,
      expected:
        type === 'port' ? 'one port' : 'a range such as `40000-40100`, or `{ base: 40000, count: 101 }`',
    }),
  ];
}

function checkReserved(root: Located, complaints: Complaints): void {
  for (const [id, role] of root.entries?.get('roles')?.entries ?? []) {
    if (!RESERVED.includes(id)) continue;
    complaints.push(
      complaint({
        code: 'reserved-role',
        message: `\`${id}\` has a meaning of its own and cannot name a role.`,
        span: role.keySpan ?? role.span,
        help:
          id === 'any' || id === 'internet'
            ? 'Rows may use it without a definition.'
            : 'Choose another name.',
      }),
    );
  }
}

function readFeature(value: Located): Feature {
  const any = value.entries?.get('any');
  const { title, default: own } = value.value as Feature;
  return {
    title,
    default: own,
    ...(any === undefined ? {} : { any: textsOf(any).map((one) => String(one.value)) }),
  };
}

/** Features that come with others: with such as stand for themselves. */
function checkFeatures(root: Located, { features }: Names, complaints: Complaints): void {
  const plain = [...features].flatMap(([name, { any }]) => (any === undefined ? [name] : []));
  for (const feature of root.entries?.get('features')?.entries?.values() ?? [])
    for (const { value, span } of textsOf(feature.entries?.get('any')))
      if (!plain.includes(String(value)))
        complaints.push(
          complaint({
            code: 'unknown-feature',
            message: features.has(String(value))
              ? `The feature \`${String(value)}\` comes with others itself.`
              : `\`${String(value)}\` is not a feature of this baseline.`,
            span,
            expected: oneOf(plain),
            help: suggestion(String(value), plain),
          }),
        );
}

function checkClusters(root: Located, names: Names, complaints: Complaints): void {
  for (const cluster of root.entries?.get('clusters')?.entries?.values() ?? []) {
    for (const key of ['primary', 'member']) {
      const role = cluster.entries?.get(key);
      if (role === undefined || names.roles.has(String(role.value))) continue;
      complaints.push(
        complaint({
          code: 'unknown-role',
          message: `\`${String(role.value)}\` is not a role of this baseline.`,
          span: role.span,
          expected: oneOf(names.roles.keys()),
          help: suggestion(String(role.value), names.roles.keys()),
        }),
      );
    }
  }
}

function reviewWarnings({ review, rows }: Baseline): Diagnostic[] {
  const waiting = (message: string, span: Span): Diagnostic => ({
    severity: 'warning',
    code: 'review',
    message,
    span,
    help: 'Decide, write the decision down as a `note` or a `reading`, and remove the `review` mark.',
  });
  return [
    ...review.map(({ text, span }) => waiting(`The baseline waits for a decision: ${text}`, span)),
    ...rows.flatMap((row) =>
      row.review.map((text) => waiting(`The row \`${row.id}\` waits for a decision: ${text}`, row.origin)),
    ),
  ];
}
