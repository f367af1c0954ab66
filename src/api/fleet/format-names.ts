import { REPORT_FORMATS } from '../reports.ts';

/** What `merge` writes: the formats of any report, and the table. */
export const MERGE_FORMATS: readonly string[] = [...REPORT_FORMATS, 'parquet'];

/** What `check` writes: a shard's part too, which `merge` reads. */
export const CHECK_FORMATS: readonly string[] = [...MERGE_FORMATS, 'blob'];
