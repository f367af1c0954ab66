import type { ControlsReport, FrameworkEvidence, RequirementEvidence } from '../finding/report.ts';

/** The controls of a report with their keys in a fixed order. */
export function controlsShape(controls: ControlsReport): unknown {
  return { frameworks: controls.frameworks.map(frameworkShape) };
}

function frameworkShape(f: FrameworkEvidence): unknown {
  return {
    id: f.id,
    title: f.title,
    version: f.version,
    publisher: f.publisher,
    published: f.published,
    source: f.source,
    requirements: f.requirements.map(requirementShape),
  };
}

function requirementShape(r: RequirementEvidence): unknown {
  return {
    id: r.id,
    oscal: r.oscal,
    asks: r.asks,
    direction: r.direction,
    against: r.against.map(({ rule, strength, findings, waived }) => ({ rule, strength, findings, waived })),
    for: r.for.map(({ state, strength, connections }) => ({ state, strength, connections })),
  };
}
