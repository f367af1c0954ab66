/** The three codes; the finer kind is a finding's `rule`. */
export type FindingCode = 'missing' | 'excessive' | 'conflicting';
/** `definite`: holds whatever the unmodelled matches do; `possible`: depends on one. */
export type Certainty = 'definite' | 'possible';
/** The worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];
