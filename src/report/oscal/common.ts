import type { ControlsReport, Report } from '../../finding/report.ts';
import { visible } from '../visible.ts';
import { uuid } from '../uuid.ts';
import type { ReportTime } from '../when.ts';

/** What the parts of one document share. */
export interface OscalContext {
  readonly report: Report;
  readonly time: ReportTime;
  readonly controls: ControlsReport;
  /** The configs that the document has as resources. */
  readonly paths: ReadonlySet<string>;
}

/** The namespace of postern's own properties; a name, not an address. */
const NAMESPACE = 'https://postern.invalid/ns/oscal';

/** The component that stands for postern, and the platform that uses it: the same in every document. */
export const TOOL = uuid('component', 'postern');
export const PLATFORM = uuid('platform', 'postern');

/** Characters of one value; the JSON report has whole lines. */
const LONGEST = 2000;

/** A text as OSCAL's StringDatatype has it: not empty, on one line, without white space at its ends. */
export function string(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return visible(cut).trim() || '(empty)';
}

/** A property in postern's namespace. */
export function property(name: string, value: string | number): unknown {
  return { name, ns: NAMESPACE, value: string(String(value)) };
}

export const hostUuid = (name: string): string => uuid('host', name);
/** The resource of a config, by its path: a report lists each path once. */
export const inputUuid = (path: string): string => uuid('input', path);

/**
 * A requirement as a token (an XML NCName without colons, as OSCAL's TokenDatatype is): the publisher's own id in its OSCAL
 * catalog where it has one, else the framework and the id with signs as hyphens.
 */
export function controlToken(
  framework: string,
  requirement: { readonly id: string; readonly oscal?: string },
): string {
  if (requirement.oscal !== undefined) return requirement.oscal;
  return `${framework}_${requirement.id.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-|-$/g, '')}`;
}

/** Who observed: the tool. */
export const ORIGINS = [{ actors: [{ type: 'tool', 'actor-uuid': TOOL }] }] as const;
