/**
 * How directly a finding or a satisfied row bears on a requirement. `supports`: what postern examines is what the
 * requirement asks for. `partially`: it is a part of it. `indirectly`: it is a sign; the requirement itself is about
 * something else, such as a review or a process.
 */
export type EvidenceStrength = 'supports' | 'partially' | 'indirectly';

/** The satisfied states that are evidence: a needed row that is open, a prohibited row that is closed. */
export type SatisfiedState = 'needed-open' | 'prohibited-closed';

/** A requirement of one edition of a framework. Nothing here says that a host complies. */
export interface Requirement {
  /** As the framework writes it, such as `SC-7(5)`. */
  readonly id: string;
  /** The control's id in the publisher's OSCAL catalog, where there is one. */
  readonly oscal?: string;
  /** What it asks for, in postern's words. */
  readonly asks: string;
  /** It is about what comes in, or goes out, alone. */
  readonly direction?: 'in' | 'out';
}

export interface Framework {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly publisher: string;
  /** Year and month, `YYYY-MM`. */
  readonly published: string;
  readonly source: string;
  readonly requirements: readonly Requirement[];
}

/** A requirement on which something is evidence, and how directly. */
export interface ControlReference {
  readonly framework: string;
  readonly requirement: string;
  readonly strength: EvidenceStrength;
}

/** The controls of a report: frameworks with what in this report evidences each requirement (docs/controls.md). */
export interface ControlsReport {
  readonly frameworks: readonly FrameworkEvidence[];
}

export interface FrameworkEvidence extends Omit<Framework, 'requirements'> {
  readonly requirements: readonly RequirementEvidence[];
}

/** A requirement with the evidence on it in this report; both lists are empty where there is none. */
export interface RequirementEvidence extends Requirement {
  /** Kinds of findings that evidence a shortfall: the findings of the report whose `rule` it is (in its direction, where it has one), waived ones aside. */
  readonly against: readonly {
    readonly rule: string;
    readonly strength: EvidenceStrength;
    readonly findings: number;
    /** How many more are waived; they are evidence of an exception that somebody approved. */
    readonly waived: number;
  }[];
  /** Satisfied rows that evidence that it is met as far as they go: those of the report with this status and level. */
  readonly for: readonly {
    readonly state: SatisfiedState;
    readonly strength: EvidenceStrength;
    readonly connections: number;
  }[];
}
