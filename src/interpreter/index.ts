/** The interpreter: one packet, verdict and path. What the rest of postern imports of it. */
export type { Circumstances, Connection, OpenField, Tuple } from './circumstances.ts';
export { enumerateValuations, interpret, script, type Trace, type Translated } from './interpret.ts';
export { DEFAULT_BOUNDS, type Outcomes, outcomes, verdictsFor } from './outcomes.ts';
export { answering, type Question, type QuestionKind, type Valuation } from './question.ts';
export type { Verdict } from './step.ts';
export type { Step } from './walk.ts';
