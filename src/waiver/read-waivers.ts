import type { Located } from '../baseline/located.ts';
import type { Complaints } from '../baseline/ports.ts';
import { complaint, show } from '../baseline/complaint.ts';
import { checkSchema } from '../baseline/schema.ts';
import { oneOf, suggestion } from '../baseline/suggest.ts';
import { readYaml } from '../baseline/yaml.ts';
import type { Box } from '../finding/report.ts';
import { RULES, WAIVER_EXPIRED } from '../finding/rules.ts';
import type { HookName } from '../packet/packet.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { dayNumber } from './days.ts';
import { readBox } from './read-box.ts';
import { expandShortForm } from './short-form.ts';
import type { Waiver } from './waiver.ts';

const MAXIMUM_COMPLAINTS = 20;
/** Kinds of findings that can be waived: an expired waiver is renewed or removed, and never waived in its turn. */
const WAIVABLE = RULES.map(({ id }) => id).filter((id) => id !== WAIVER_EXPIRED);

/** The waivers of a file (shape: schemas/waivers.schema.json), or everything that is wrong with it. */
export function readWaivers(source: SourceFile): Result<Waiver[]> {
  const yaml = readYaml(source);
  if (!yaml.ok) return yaml;
  const violations = checkSchema('waivers', yaml.value);
  if (violations.length > 0) return failure(...violations);
  const complaints: Complaints = [];
  const items = yaml.value.entries?.get('waivers')?.items ?? [];
  const waivers = items.map((item) => readWaiver(item, complaints));
  checkIds(items, complaints);
  return complaints.length > 0 ? failure(...complaints.slice(0, MAXIMUM_COMPLAINTS)) : success(waivers);
}

function readWaiver(item: Located, complaints: Complaints): Waiver {
  const text = (key: string): string | undefined => {
    const value = item.entries?.get(key)?.value;
    return value === undefined ? undefined : String(value);
  };
  const optional = <K extends string>(key: K): { [P in K]?: string } =>
    (text(key) === undefined ? {} : { [key]: text(key) }) as { [P in K]?: string };
  checkPeople(item, complaints);
  checkDays(item, complaints);
  checkRule(item, complaints);
  const hooks = item.entries?.get('hook');
  const packets = readPackets(item, complaints);
  return {
    id: text('id') ?? '',
    ...optional('rule'),
    ...optional('connection'),
    ...optional('host'),
    ...(hooks === undefined ? {} : { hooks: (hooks.items ?? [hooks]).map(({ value }) => value as HookName) }),
    ...optional('fingerprint'),
    ...(packets === undefined ? {} : { packets }),
    owner: text('owner') ?? '',
    approver: text('approver') ?? '',
    reason: text('reason') ?? '',
    ...optional('ticket'),
    created: text('created') ?? '',
    expires: text('expires') ?? '',
    ...optional('compensating'),
    override: item.entries?.get('override')?.value === true,
    place: placeOf(item),
  };
}

/** `id: W-12`: what is quoted of a waiver is one line. */
function placeOf(item: Located): Waiver['place'] {
  const id = item.entries?.get('id') as Located;
  return { file: id.span.file, start: id.keySpan?.start ?? id.span.start, end: id.span.end };
}

/** The same name in other letters, or with other spaces, is the same person. */
const person = (text: unknown): string =>
  String(text).normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

function checkPeople(item: Located, complaints: Complaints): void {
  const [owner, approver] = ['owner', 'approver'].map((key) => item.entries?.get(key)) as [Located, Located];
  if (person(owner.value) !== person(approver.value)) return;
  complaints.push(
    complaint({
      code: 'approver-is-owner',
      message: `The approver ${show(approver.value)} is the owner of the waiver.`,
      span: approver.span,
      expected: 'another person than the owner',
      help: 'Nobody approves an exception of their own; name who else has looked at it.',
    }),
  );
}

function checkDays(item: Located, complaints: Complaints): void {
  const days = ['created', 'expires'].map((key) => {
    const place = item.entries?.get(key) as Located;
    const number = dayNumber(String(place.value));
    if (number === undefined)
      complaints.push(
        complaint({
          code: 'invalid-day',
          message: `${show(place.value)} is not a day.`,
          span: place.span,
          expected: 'a day of the calendar as `YYYY-MM-DD`',
        }),
      );
    return number;
  });
  const [created, expires] = days;
  if (created === undefined || expires === undefined || created <= expires) return;
  const place = item.entries?.get('expires') as Located;
  complaints.push(
    complaint({
      code: 'invalid-day',
      message: `The waiver expires on ${show(place.value)}, before it was created.`,
      span: place.span,
      expected: 'the last day on which it holds, not before `created`',
    }),
  );
}

function checkRule(item: Located, complaints: Complaints): void {
  const rule = item.entries?.get('rule');
  if (rule !== undefined && !WAIVABLE.includes(String(rule.value)))
    complaints.push(
      complaint({
        code: 'unknown-rule',
        message: `No finding that can be waived has the rule ${show(rule.value)}.`,
        span: rule.span,
        expected: oneOf(WAIVABLE),
        help: suggestion(String(rule.value), WAIVABLE),
      }),
    );
  if (rule !== undefined || item.entries?.has('fingerprint')) return;
  complaints.push(
    complaint({
      code: 'missing-key',
      message: `The waiver ${show(item.entries?.get('id')?.value)} does not say which kind of finding it is about.`,
      span: item.entries?.get('id')?.span ?? item.span,
      help: 'Add `rule:` as the report names it, or the `fingerprint:` of one finding.',
    }),
  );
}

function readPackets(item: Located, complaints: Complaints): Box[] | undefined {
  const packets = item.entries?.get('packets');
  const fingerprint = item.entries?.get('fingerprint');
  if ((packets === undefined) === (fingerprint === undefined)) {
    complaints.push(
      complaint({
        code: packets === undefined ? 'missing-key' : 'invalid-value',
        message: `The waiver ${show(item.entries?.get('id')?.value)} has ${packets === undefined ? 'neither `packets` nor' : 'both `packets` and'} a \`fingerprint\`.`,
        span: fingerprint?.span ?? item.entries?.get('id')?.span ?? item.span,
        expected: 'exactly one of the two: a waiver covers the packets that it names and no others',
      }),
    );
    return undefined;
  }
  return packets?.items?.flatMap((value) => {
    const map = value.entries === undefined ? expandShortForm(value, complaints) : value;
    return (map && readBox(map, complaints)) ?? [];
  });
}

function checkIds(items: readonly Located[], complaints: Complaints): void {
  const seen = new Map<string, number>();
  for (const item of items) {
    const id = item.entries?.get('id') as Located;
    const { line } = id.span.file.position(id.span.start);
    const first = seen.get(String(id.value));
    if (first === undefined) seen.set(String(id.value), line);
    else
      complaints.push(
        complaint({
          code: 'duplicate-id',
          message: `Two waivers have the id ${show(id.value)} (the other on line ${first}).`,
          span: id.span,
          help: 'Reports name waivers by their ids; give each its own.',
        }),
      );
  }
}
