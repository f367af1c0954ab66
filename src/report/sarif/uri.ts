/** A lone half of a surrogate pair has no UTF-8 bytes (RFC 3629, 3). */
const LONE = /\p{Cs}/gu;

/** Where an artifact is: relative to `%SRCROOT%`, or an absolute file URI. */
export interface ArtifactLocation {
  readonly uri: string;
  readonly uriBaseId?: '%SRCROOT%';
}

/**
 * A path as SARIF has it (3.4): a relative one as a percent-encoded URI reference (RFC 3986, 4.2) to the folder that postern ran
 * in, without `.` segments, and with `..` only where it leads out of that folder; an absolute one as a `file` URI.
 */
export function artifactLocation(path: string): ArtifactLocation {
  const absolute = path.startsWith('/');
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    const last = segments.at(-1);
    if (segment === '..' && (absolute || (last !== undefined && last !== '..'))) segments.pop();
    else segments.push(segment);
  }
  const uri = segments.map(encode).join('/');
  return absolute ? { uri: `file:///${uri}` } : { uri: uri === '' ? '.' : uri, uriBaseId: '%SRCROOT%' };
}

function encode(segment: string): string {
  if (segment === '..') return segment;
  const encoded = encodeURIComponent(segment.replace(LONE, '\ufffd'));
  return encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A path for formats that take plain ones: without `./` and doubled slashes. */
export function plainPath(path: string): string {
  const parts = path.split('/').filter((part, i) => part !== '.' && (part !== '' || i === 0));
  return parts.join('/') || '.';
}
