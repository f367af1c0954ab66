export { decode, type InputFile, sha256 } from './api/input.ts';
export { formatDiagnostic } from './api/diagnostic-text.ts';
export type { Diagnostic, Result } from './text/diagnostic.ts';
