import type { Report } from '../../finding/report.ts';
import { controlsReport } from '../../finding/controls-report.ts';
import { directionWords } from '../directions.ts';
import { unreviewedBaselines } from '../not-looked-at.ts';
import { JsonList, JsonObject, jsonPieces } from '../json-text.ts';
import { reportIdentity, uuid } from '../uuid.ts';
import { reportTime, TIME_REMARKS } from '../when.ts';
import { type OscalContext, hostUuid, inputUuid, PLATFORM, property, string, TOOL } from './common.ts';
import { controlFindings, controlSelections } from './controls.ts';
import { findingObservation, rowObservations } from './observations.ts';
import { artifactLocation } from '../sarif/uri.ts';
import { visible } from '../visible.ts';
import { allFindings } from '../all-findings.ts';
import { count } from '../wrap.ts';

/** The edition of OSCAL whose schema the document satisfies. */
export const OSCAL_VERSION = '1.1.3';

/**
 * The report as OSCAL assessment results: an observation for each finding and for each host's satisfied and undetermined rows, and
 * a finding for each requirement on which something evidences a shortfall. It never says that a requirement is satisfied.
 */
export function* oscalChunks(report: Report): Generator<string> {
  const time = reportTime(report);
  const context: OscalContext = {
    report,
    time,
    controls: report.controls ?? controlsReport(report.hosts),
    paths: new Set(report.inputs.map(({ path }) => path)),
  };
  const identity = reportIdentity(report);
  const document = new JsonObject({
    'assessment-results': new JsonObject({
      uuid: uuid('assessment-results', identity),
      metadata: {
        title: 'Firewall configurations held against documented baselines',
        'last-modified': time.text,
        version: string(report.asOf ?? time.text),
        'oscal-version': OSCAL_VERSION,
        props: [property('tool-version', report.tool.version)],
        remarks: TIME_REMARKS[time.from],
      },
      'import-ap': {
        href: `#${uuid('scope', identity)}`,
        remarks:
          'There is no assessment plan in OSCAL. What was assessed is what the deployment, the baselines and the configs under back-matter say.',
      },
      results: new JsonList([report], () => result(context, identity)),
      'back-matter': { resources: [scope(report, identity), ...resources(report)] },
    }),
  });
  yield* jsonPieces(document);
}

function result(context: OscalContext, identity: string): JsonObject {
  const { report, time } = context;
  const findings = allFindings(report);
  const rows = report.hosts.flatMap((host) => rowObservations(context, host));
  const observations = [
    ...findings.map((one) => () => findingObservation(context, one)),
    ...rows.map((row) => () => row),
  ];
  const found = controlFindings(context, findings);
  return new JsonObject({
    uuid: uuid('result', identity),
    title: 'postern check',
    description: visible(
      `${report.summary.missing} missing, ${report.summary.excessive} excessive, ${report.summary.conflicting} conflicting; ${count(report.summary.undetermined, 'connection')} undetermined, ${report.summary.satisfied} satisfied.`,
    ),
    start: time.text,
    end: time.text,
    'local-definitions': localDefinitions(report),
    'reviewed-controls': {
      description: 'The requirements that findings or satisfied rows of this report can be evidence on.',
      'control-selections': controlSelections(context),
    },
    observations: observations.length === 0 ? undefined : new JsonList(observations, (make) => make()),
    findings: found.length === 0 ? undefined : new JsonList(found, (finding) => finding),
    remarks:
      'Observations evidence requirements; whether a requirement is met is for an assessor to say. Lines that were not taken exactly as written are in the JSON report.',
  });
}

/** The hosts that were assessed, and what assessed them. */
function localDefinitions({ hosts, tool }: Report): unknown {
  const items = hosts.map((host) => ({
    uuid: hostUuid(host.name),
    description: visible(`The host ${host.name}, role ${host.role}.`),
    props: [
      property('name', host.name),
      property('role', host.role),
      property('ipv4', host.families.ipv4),
      property('ipv6', host.families.ipv6),
      ...(directionWords(host)?.open ?? []).map((one) => property('excess-not-looked-for', one)),
      ...host.unbound.map((role) => property('unbound-role', role)),
    ],
  }));
  const component = {
    uuid: TOOL,
    type: 'software',
    title: 'postern',
    description: 'A static analyzer of firewall configurations.',
    props: [property('version', tool.version)],
    status: { state: 'operational' },
  };
  return {
    ...(items.length > 0 && { 'inventory-items': items }),
    'assessment-assets': {
      components: [component],
      'assessment-platforms': [{ uuid: PLATFORM, 'uses-components': [{ 'component-uuid': TOOL }] }],
    },
  };
}

/** What stands for the assessment plan, which a document must name: what the report was asked to judge. */
function scope(report: Report, identity: string): unknown {
  return {
    uuid: uuid('scope', identity),
    title: 'What was assessed',
    description: visible(
      [
        `The hosts ${report.hosts.map(({ name, role }) => `${name} (${role})`).join(', ')} against the baselines ${report.baselines.map(({ id }) => id).join(', ')}.`,
        ...unreviewedBaselines(report).map((text) => `${text}.`),
      ].join(' '),
    ),
  };
}

function resources(report: Report): unknown[] {
  const file = (id: string, title: string, path: string | undefined, sha256: string): unknown => ({
    uuid: id,
    title: visible(title),
    ...(path === undefined
      ? { props: [property('sha-256', sha256)] }
      : {
          rlinks: [{ href: artifactLocation(path).uri, hashes: [{ algorithm: 'SHA-256', value: sha256 }] }],
        }),
  });
  return [
    ...report.inputs.map(({ path, format, sha256 }) =>
      file(inputUuid(path), `Config ${path} (${format})`, path, sha256),
    ),
    ...report.baselines.map(({ id, title, sha256 }) =>
      file(uuid('baseline', id, sha256), `Baseline ${id}: ${title}`, undefined, sha256),
    ),
    ...(report.deployment === undefined
      ? []
      : [
          file(
            uuid('deployment', report.deployment.sha256),
            'Deployment',
            report.deployment.path,
            report.deployment.sha256,
          ),
        ]),
    ...(report.waiverFile === undefined
      ? []
      : [
          file(
            uuid('waivers', report.waiverFile.sha256),
            'Waivers',
            report.waiverFile.path,
            report.waiverFile.sha256,
          ),
        ]),
  ];
}
